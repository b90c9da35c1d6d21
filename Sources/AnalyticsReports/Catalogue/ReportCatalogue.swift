internal import AnalyticsText

/// The reports that can be requested by name: what they answer, and how to make them from
/// parameters.
public struct ReportCatalogue: Sendable {
  /// The reports, in the order in which they are listed.
  public let reports: [Entry]

  /// Makes a catalogue. An application can add reports of its own.
  public init(_ reports: [Entry]) { self.reports = reports }

  /// A report that can be requested by name.
  public struct Entry: Sendable {
    /// See ``CataloguedReport``.
    public let name: String
    /// See ``CataloguedReport``.
    public let summary: String
    /// See ``CataloguedReport``.
    public let parameters: [ReportParameter]
    fileprivate let make: @Sendable (ReportParameters) throws(ReportError) -> any Report

    /// Makes an entry for a type of report.
    public init<Report: CataloguedReport>(_ type: Report.Type) {
      name = Report.name
      summary = Report.summary
      parameters = Report.parameters
      make = { (parameters) throws(ReportError) in try Report(parameters) }
    }

    /// Makes an entry for a report over a rollup.
    public init(_ report: RollupReport) {
      name = report.name
      summary = report.summary
      parameters = report.parameters
      make = { (parameters) throws(ReportError) in try report.query(parameters) }
    }
  }

  /// The reports of this package. Add a line here for a new one.
  public static let standard = ReportCatalogue([
    Entry(Overview.self),
    Entry(ActiveUsers.self),
    Entry(ActiveUsersNow.self),
    Entry(HourOfWeek.self),
    Entry(.eventsByType),
    Entry(.tasks),
    Entry(TasksOverview.self),
    Entry(.apiLatency),
    Entry(SlowestEndpoints.self),
    Entry(.integrations),
    Entry(.authentication),
    Entry(.cocoons),
    Entry(.errors),
    Entry(.databaseQueries),
    Entry(.webhooks),
    Entry(Environments.self),
    Entry(ProductionChanges.self),
    Entry(InstanceStatistics.self),
    Entry(RegisteredApplications.self),
    Entry(UsageByPeriod.self),
    Entry(UsageByReplica.self),
    Entry(Breakdown.self),
    Entry(Funnel.self),
    Entry(Cohorts.self),
    Entry(Timeline.self),
    Entry(Deployments.self),
    Entry(DeploymentUsage.self),
    Entry(DeploymentVersions.self),
  ])

  /// Returns the report with a name.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` if there is no such report.
  public func entry(_ name: String) throws(ReportError) -> Entry {
    guard let entry = reports.first(where: { $0.name.isSame(as: name) }) else {
      throw ReportError(
        .invalidParameter, parameter: "report",
        "there is no report \(name.quoted)" + name.suggestion(among: reports.map(\.name)))
    }
    return entry
  }

  /// Returns whether there is a report with a name.
  public func has(_ name: String) -> Bool { reports.contains { $0.name.isSame(as: name) } }

  /// Makes a report from its name and parameters.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` for an unknown name, an unknown parameter, a
  ///   parameter that is given twice, and a value that cannot be used.
  public func report(
    _ name: String, _ parameters: ReportParameters = ReportParameters()
  ) throws(ReportError) -> any Report {
    let entry = try entry(name)
    let known = entry.parameters.map(\.name)
    for given in parameters.names where !known.contains(where: { $0.isSame(as: given) }) {
      throw ReportError(
        .invalidParameter, parameter: given,
        "the report \(name) has no parameter \(given.quoted)" + given.suggestion(among: known))
    }
    for parameter in entry.parameters where !parameter.isRepeatable {
      guard parameters.texts(parameter).count <= 1 else {
        throw ReportError(
          .invalidParameter, parameter: parameter.name, "\(parameter.name) is given twice")
      }
    }
    return try entry.make(parameters)
  }
}
