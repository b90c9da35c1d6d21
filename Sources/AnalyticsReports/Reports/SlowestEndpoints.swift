internal import AnalyticsCatalogue
internal import AnalyticsText

/// The endpoints whose slow requests are the slowest, over the whole range.
///
/// Columns: `service`, `endpoint`, `method`, and those of ``ApiLatency``. In order of ``percentile``,
/// the slowest first; endpoints without durations are not among them.
public struct SlowestEndpoints: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "slowest-endpoints"
  /// See ``CataloguedReport``.
  public static let explanation =
    "Which endpoints are the slowest, by their 99th percentile or another."
  /// See ``CataloguedReport``.
  public static let parameters =
    ReportParameter.range + [
      .service, .percentile, .limit,
    ]

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// These services only; none for all.
  public var services: [String] = []
  /// What decides which is slow.
  public var percentile = Percentile.p99
  /// How many endpoints.
  public var limit = 10

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame(by: .total))
    services = parameters.texts(.service)
    percentile = try parameters.percentiles(default: [percentile])[0]
    limit = try parameters.integer(.limit, in: 1...1000, default: limit)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let requests = try await reader.figures(
        ApiLatency.measures, of: .apiRequests, in: [frame.range], by: ApiLatency.dimensions,
        where: .of(("service", services)))
      var endpoints: [(slowness: Double, group: Group)] = []
      for group in requests.groups {
        let histogram = try requests[group, 0].histogram("duration_ms")
        if let slowness = histogram.percentile(percentile) { endpoints.append((slowness, group)) }
      }
      // Groups come by name, which decides between equals.
      let slowest = endpoints.enumerated().sorted {
        ($1.element.slowness, $0.offset) < ($0.element.slowness, $1.offset)
      }.prefix(limit)
      let percentiles = [.p50, .p95, .p99].filter { $0 != percentile } + [percentile]
      return Series(
        name: Self.name, range: frame.range, zone: frame.zone,
        columns: ApiLatency.dimensions.map { .init($0, .text) } + ApiLatency.columns(percentiles),
        rows: try slowest.map { _, endpoint in
          endpoint.group.map { Series.Value.text($0.text) }
            + (try ApiLatency.values(requests[endpoint.group, 0], percentiles))
        })
    }
  }
}

extension ReportParameter {
  static let limit = ReportParameter("limit", "number", "how many rows at most")
}
