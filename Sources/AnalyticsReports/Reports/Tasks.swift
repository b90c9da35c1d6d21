internal import AnalyticsCatalogue

/// What became of tasks, and how long those took that completed.
///
/// Columns: time; `created`, `started`, `completed`, `failed`, `cancelled` in events;
/// `avg_duration_ms` and percentiles; `success_rate`, completed of those that completed or failed, 0
/// if none did.
public struct Tasks: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "tasks"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many tasks were created, completed and failed, and how long they took."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame + Origin.parameters + [.percentile]

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// Which events count, by where they come from.
  public var origin = Origin()
  /// Which percentiles of durations.
  public var percentiles: [Percentile] = [.p95]

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
    origin = Origin(parameters)
    percentiles = try parameters.percentiles(default: percentiles)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      try await reader.check(origin.filter, in: frame.range)
      let tasks = try await reader.figures(
        Self.counts + ["duration_ms_sum", "duration_ms"], of: .tasks, in: frame.ranges,
        where: origin.filter)
      return try Series.overTime(
        Self.name, frame,
        columns: Self.counts.map { .init($0, .events) } + .durations(percentiles)
          + [.init("success_rate", .ratio)]
      ) { group, piece in
        let cell = tasks[group, piece]
        return Self.counts.map { .integer(cell.count($0)) } + (try cell.durations(percentiles))
          + [.number(Self.successRate(cell))]
      }
    }
  }

  private static let counts = ["created", "started", "completed", "failed", "cancelled"]

  static func successRate(_ cell: Figures.Cell) -> Double {
    let completed = cell.sum("completed")
    let ended = completed + cell.sum("failed")
    return ended == 0 ? 0 : completed / ended
  }
}
