internal import AnalyticsRollups

/// The outcome of all tasks in the range.
///
/// Columns: `total_created`, `total_completed`, `total_failed`, `total_cancelled` in events;
/// `success_rate`, the share of completed tasks among those that completed or failed, without those
/// that were cancelled or still run; `avg_duration_ms` of completed tasks.
public struct TasksOverview: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "tasks-overview"
  /// See ``CataloguedReport``.
  public static let summary =
    "The outcome of all tasks in the range, in one row. The success rate is of those that "
    + "completed or failed."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.range + Origin.parameters

  /// The range; its buckets do not matter.
  public var frame: TimeFrame
  /// The services and environments whose events count.
  public var origin = Origin()

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame(by: .total))
    origin = Origin(parameters)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      try await reader.check(origin.filter, in: frame.range)
      let tasks = try await reader.figures(
        Self.figures.flatMap(\.measures), of: .tasks, in: [frame.range], where: origin.filter)
      var row = RollupRow(tasks[[], 0], [])
      return Series(
        name: Self.name, range: frame.range, zone: frame.zone,
        columns: Self.figures.flatMap { $0.columns([]) },
        rows: [try row.values(Self.figures)])
    }
  }

  private static let figures: [RollupFigure] =
    ["created", "completed", "failed", "cancelled"].map { .init("total_\($0)", .count($0)) } + [
      .taskSuccess, .averageDuration,
    ]
}
