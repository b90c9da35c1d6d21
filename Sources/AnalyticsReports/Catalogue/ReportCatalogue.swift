/// Which reports there are: their names, what they answer, and how to make them from parameters.
public struct ReportCatalogue: Sendable {
  /// The reports in the order in which they are listed.
  public let reports: [any CataloguedReport.Type]

  /// Makes a catalogue: that of an application has reports of its own as well.
  public init(_ reports: [any CataloguedReport.Type]) { self.reports = reports }

  /// The reports of this package. A new one is a line here.
  public static let standard = ReportCatalogue([
    Overview.self,
    ActiveUsers.self,
    ActiveUsersNow.self,
    HourOfWeek.self,
    EventsByType.self,
    Tasks.self,
    TasksOverview.self,
    ApiLatency.self,
    SlowestEndpoints.self,
    Integrations.self,
    Authentication.self,
    Cocoons.self,
    Errors.self,
    DatabaseQueries.self,
    Webhooks.self,
    Environments.self,
    ProductionChanges.self,
    InstanceStatistics.self,
    RegisteredApplications.self,
    UsageByPeriod.self,
    UsageByReplica.self,
    Breakdown.self,
    Funnel.self,
    Cohorts.self,
    Timeline.self,
    Deployments.self,
    DeploymentUsage.self,
    DeploymentVersions.self,
  ])

  /// Makes a report from what was said.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter`` for an unknown name, an unknown parameter and a
  ///   value that cannot be used.
  public func report(
    _ name: String, _ parameters: ReportParameters = ReportParameters()
  ) throws(ReportError) -> any Report {
    guard let type = reports.first(where: { $0.name == name }) else {
      throw ReportError(
        .invalidParameter, parameter: "report",
        "there is no report \(name.quoted)" + name.suggestion(among: reports.map { $0.name }))
    }
    let known = type.parameters.map(\.name)
    for given in parameters.names where !known.contains(given) {
      throw ReportError(
        .invalidParameter, parameter: given,
        "the report \(name) has no parameter \(given.quoted)" + given.suggestion(among: known))
    }
    for parameter in type.parameters where !parameter.isRepeatable {
      guard parameters.texts(parameter).count <= 1 else {
        throw ReportError(
          .invalidParameter, parameter: parameter.name, "\(parameter.name) is given twice")
      }
    }
    return try type.init(parameters)
  }
}
