internal import AnalyticsCatalogue

/// How many requests were answered, how fast, and how many failed.
///
/// Columns: time; with ``byEndpoint`` `service`, `endpoint`, `method`; `request_count`;
/// `avg_duration_ms` and percentiles; `error_4xx_count`, `error_5xx_count`; `error_4xx_rate`,
/// `error_5xx_rate`, of all requests.
public struct ApiLatency: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "api-latency"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many requests were answered, how fast, and how many failed."
  /// See ``CataloguedReport``.
  public static let parameters =
    ReportParameter.frame + Origin.parameters + [
      .endpoint, .method, .byEndpoint, .percentile,
    ]

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// Which events count, by where they come from.
  public var origin = Origin()
  /// These endpoints (route patterns) only; none for all.
  public var endpoints: [String] = []
  /// These methods only; none for all.
  public var methods: [String] = []
  /// Whether each endpoint has rows of its own.
  public var byEndpoint = false
  /// Which percentiles of durations.
  public var percentiles: [Percentile] = [.p50, .p95, .p99]

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
    origin = Origin(parameters)
    endpoints = parameters.texts(.endpoint)
    methods = parameters.texts(.method)
    byEndpoint = try parameters.flag(.byEndpoint)
    percentiles = try parameters.percentiles(default: percentiles)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let dimensions = byEndpoint ? Self.dimensions : []
      let filter =
        origin.filter + .of(("endpoint", endpoints), ("method", methods))
      try await reader.check(filter, of: .apiRequests, in: frame.range)
      let requests = try await reader.figures(
        Self.measures, of: .apiRequests, in: frame.ranges, by: dimensions, where: filter)
      return try Series.overTime(
        Self.name, frame, by: dimensions, groups: requests.groups,
        columns: Self.columns(percentiles)
      ) { group, piece in try Self.values(requests[group, piece], percentiles) }
    }
  }

  static let dimensions = ["service", "endpoint", "method"]
  static let measures = ["requests", "errors_4xx", "errors_5xx", "duration_ms_sum", "duration_ms"]

  static func columns(_ percentiles: [Percentile]) -> [Series.Column] {
    [.init("request_count", .events)] + .durations(percentiles) + [
      .init("error_4xx_count", .events), .init("error_5xx_count", .events),
      .init("error_4xx_rate", .ratio), .init("error_5xx_rate", .ratio),
    ]
  }

  static func values(
    _ cell: Figures.Cell, _ percentiles: [Percentile]
  ) throws(ReportError) -> [Series.Value] {
    let requests = cell.count("requests")
    let errors = [cell.count("errors_4xx"), cell.count("errors_5xx")]
    return [.integer(requests)] + (try cell.durations(percentiles))
      + errors.map(Series.Value.integer) + errors.map { .ratio($0, of: requests) }
  }
}

extension ReportParameter {
  static let endpoint = ReportParameter(
    "endpoint", "route", "of this route pattern only", isRepeatable: true)
  static let method = ReportParameter(
    "method", "name", "of this method only", isRepeatable: true)
  static let byEndpoint = ReportParameter(
    "by_endpoint", "true|false", "whether each endpoint has rows of its own")
}
