import AnalyticsServer
import Hummingbird

extension ExampleReports {
  func add() throws {
    let reports = try ReportServer(configuration)
    reports.addRoutes(to: router.group("/analytics"))
  }
}
