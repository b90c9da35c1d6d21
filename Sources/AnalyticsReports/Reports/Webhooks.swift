internal import AnalyticsCatalogue

/// What became of webhooks, and how long they took.
///
/// Columns: time, `provider`; `received`, `processed`, `failed` (of those processed) in events;
/// `failure_rate`; `avg_duration_ms` and percentiles of processing.
public struct Webhooks: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "webhooks"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many webhooks came in, how many failed, and how long they took."
  /// See ``CataloguedReport``.
  public static let parameters =
    ReportParameter.frame + Origin.parameters + [.provider, .percentile]

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// Which events count, by where they come from.
  public var origin = Origin()
  /// These providers only; none for all.
  public var providers: [String] = []
  /// Which percentiles of durations.
  public var percentiles: [Percentile] = [.p50, .p95, .p99]

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
    origin = Origin(parameters)
    providers = parameters.texts(.provider)
    percentiles = try parameters.percentiles(default: percentiles)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let counts = ["received", "processed", "failed"]
      let filter = origin.filter + .of(("provider", providers))
      try await reader.check(filter, of: .webhooks, in: frame.range)
      let webhooks = try await reader.figures(
        counts + ["duration_ms_sum", "duration_ms"], of: .webhooks, in: frame.ranges,
        by: ["provider"], where: filter)
      return try Series.overTime(
        Self.name, frame, by: ["provider"], groups: webhooks.groups,
        columns: counts.map { .init($0, .events) } + [.init("failure_rate", .ratio)]
          + .durations(percentiles)
      ) { provider, piece in
        let cell = webhooks[provider, piece]
        return counts.map { .integer(cell.count($0)) } + [
          .ratio(cell.count("failed"), of: cell.count("processed"))
        ] + (try cell.durations(percentiles))
      }
    }
  }
}
