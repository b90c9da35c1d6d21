import AnalyticsServer
import Hummingbird
import ServiceLifecycle

extension ExampleReports {
  func add() throws {
    var configuration = ReportServerConfiguration()
    configuration.access = .keys  // unless the service authorizes requests itself
    let database = try AnalyticsDatabase(url: databaseURL)  // a service, before the server
    let reports = ReportServer(database, configuration)
    reports.addRoutes(to: router.group("/analytics"))
    let services: [any Service] = [database, reports.figureUpdates]  // beside the application
    _ = services
  }
}
