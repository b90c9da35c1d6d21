internal import AnalyticsRollups
internal import AnalyticsText

/// The number of updates by environment. An update is an event that names its environment.
///
/// Columns: time, `environment`, `updates` in events. The view `stat_environment_updates` has the
/// same by UTC day.
public struct Environments: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "environments"
  /// See ``CataloguedReport``.
  public static let summary =
    "How many updates there were in each environment."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame + Origin.parameters

  /// The range, its buckets and its time zone.
  public var frame: TimeFrame
  /// The services and environments whose events count.
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
        // Events that name no environment have the empty text.
        groups: updates.groups.filter { $0 != [""] }, columns: [.init("updates", .events)]
      ) { environment, bucket in [.integer(updates[environment, bucket].count("events"))] }
    }
  }
}
