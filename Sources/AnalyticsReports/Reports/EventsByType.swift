internal import AnalyticsCatalogue

/// How many events of each type there were, and how many of them had a user.
///
/// Columns: time, `event_type`, `events`, `user_events`.
public struct EventsByType: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "events-by-type"
  /// See ``CataloguedReport``.
  public static let explanation = "How many events of each type there were."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame + Origin.parameters + [.eventType]

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// These types only; none for all.
  public var eventTypes: [String] = []
  /// Which events count, by where they come from.
  public var origin = Origin()

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
    eventTypes = parameters.texts(.eventType)
    origin = Origin(parameters)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let filter = origin.filter + .of(("event_type", eventTypes))
      try await reader.check(filter, in: frame.range)
      let events = try await reader.figures(
        ["events", "user_events"], of: .events, in: frame.ranges, by: ["event_type"],
        where: filter)
      return Series.overTime(
        Self.name, frame, by: ["event_type"], groups: events.groups,
        columns: [.init("events", .events), .init("user_events", .events)]
      ) { type, piece in
        let cell = events[type, piece]
        return [.integer(cell.count("events")), .integer(cell.count("user_events"))]
      }
    }
  }
}
