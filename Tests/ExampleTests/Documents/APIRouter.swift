import AnalyticsServer
import Hummingbird

extension ExampleReports {
  func add() throws {
    let database = try AnalyticsDatabase(url: databaseURL)  // a service, before the server
    let reports = ReportServer(database, configuration)
    reports.addRoutes(to: router.group("/analytics"))
  }
}
