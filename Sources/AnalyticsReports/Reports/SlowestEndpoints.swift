internal import AnalyticsRollups
internal import AnalyticsText

/// The endpoints with the slowest requests over the whole range.
///
/// Columns: `service`, `endpoint`, `method`, and those of ``RollupReport/apiLatency``, with the
/// median, the 95th and the 99th percentile and those of ``percentiles``. The rows are in the order
/// of the first of ``percentiles``, the slowest first. Endpoints without durations are left out.
public struct SlowestEndpoints: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "slowest-endpoints"
  /// See ``CataloguedReport``.
  public static let summary =
    "Which endpoints are the slowest, by their 99th percentile or another."
  /// See ``CataloguedReport``.
  public static let parameters =
    ReportParameter.range + Origin.parameters + [
      .slownessPercentile, .slowestLimit,
    ]

  /// The range; its buckets do not matter.
  public var frame: TimeFrame
  /// The services and environments whose events count.
  public var origin = Origin()
  /// The percentiles to show; the first one decides the order. Not empty.
  public var percentiles = [Percentile.p99]
  /// How many endpoints to show; 1 to ``limitMax``.
  public var limit = limitDefault

  /// The largest ``limit``.
  public static let limitMax = 1000
  /// The ``limit`` where none is given.
  public static let limitDefault = 10

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame(by: .total))
    origin = Origin(parameters)
    percentiles = try parameters.percentiles(default: percentiles)
    limit = try parameters.integer(.slowestLimit) ?? limit
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try ReportParameter.slowestLimit.check(limit)
    guard let decisive = percentiles.first else {
      throw .invalid(
        "percentile",
        "at least one percentile is required: the first decides which endpoints are the slowest")
    }
    let (endpoint, dimensions) = (RollupReport.apiLatency, RollupReport.endpoint)
    return try await database.series { reader in
      let filter = origin.filter
      try await reader.check(filter, of: .apiRequests, in: frame.range)
      let requests = try await reader.figures(
        endpoint.figures.flatMap(\.measures), of: .apiRequests, in: [frame.range], by: dimensions,
        where: filter)
      var endpoints: [(slowness: Double, group: Group)] = []
      for group in requests.groups {
        let histogram = try requests[group, 0].histogram("duration_ms")
        if let slowness = histogram.percentile(decisive) { endpoints.append((slowness, group)) }
      }
      // Groups are in byte order, which decides between equal values.
      let slowest = endpoints.enumerated().sorted {
        ($1.element.slowness, $0.offset) < ($0.element.slowness, $1.offset)
      }.prefix(limit)
      let shown = [.p50, .p95, .p99].filter { !percentiles.contains($0) } + percentiles
      return Series(
        name: Self.name, range: frame.range, zone: frame.zone,
        columns: dimensions.map { .init($0, .text) }
          + endpoint.figures.flatMap { $0.columns(shown) },
        rows: try slowest.map { _, slow in
          var row = RollupRow(requests[slow.group, 0], shown)
          return slow.group.map { Series.Value.text($0.text) } + (try row.values(endpoint.figures))
        })
    }
  }
}

extension ReportParameter {
  fileprivate static let slownessPercentile = ReportParameter(
    "percentile", .percentile,
    "a percentile to show, such as 99.9; the first decides which endpoints are the slowest",
    isRepeatable: true)
  fileprivate static let slowestLimit = limit(
    1...SlowestEndpoints.limitMax, default: SlowestEndpoints.limitDefault)
}
