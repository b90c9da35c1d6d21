internal import AnalyticsCatalogue
internal import AnalyticsText

/// Updates by environment: events that say which environment they are from.
///
/// Columns: time, `environment`, `updates` in events. By UTC day the same is in
/// `stat_environment_updates`.
public struct Environments: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "environments"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many updates there were in each environment."
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
      let filter = origin.filter
      try await reader.check(filter, in: frame.range)
      let updates = try await reader.figures(
        ["events"], of: .events, in: frame.ranges, by: ["environment"], where: filter)
      return Series.overTime(
        Self.name, frame, by: ["environment"],
        // Events without one have the empty text.
        groups: updates.groups.filter { $0 != [""] }, columns: [.init("updates", .events)]
      ) { environment, piece in [.integer(updates[environment, piece].count("events"))] }
    }
  }
}
