internal import AnalyticsCatalogue

/// What cocoons (worker machines) did.
///
/// Columns: time; `registrations`, `connections`, `disconnections`, `claims` in events;
/// `avg_session_duration_seconds`, of sessions that ended; `unique_cocoons`.
public struct Cocoons: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "cocoons"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many cocoons there were, what they did and how long they stayed."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame + Origin.parameters

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// Which events count, by where they come from.
  public var origin = Origin()

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
    origin = Origin(parameters)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let counts = ["registrations", "connections", "disconnections", "claims"]
      let filter = origin.filter
      try await reader.check(filter, in: frame.range)
      let figures = try await reader.figures(
        counts + ["sessions", "session_seconds_sum"], of: .cocoons, in: frame.ranges,
        where: filter)
      let cocoons = try await reader.members(
        "cocoons", of: .cocoons, in: frame.ranges, where: filter)
      return Series.overTime(
        Self.name, frame,
        columns: counts.map { .init($0, .events) } + [
          .init("avg_session_duration_seconds", .seconds), .init("unique_cocoons", .distinct),
        ]
      ) { group, piece in
        let cell = figures[group, piece]
        let sessions = cell.sum("sessions")
        return counts.map { .integer(cell.count($0)) } + [
          sessions == 0 ? .null : .number(cell.sum("session_seconds_sum") / sessions),
          .integer(cocoons[group, piece]),
        ]
      }
    }
  }
}
