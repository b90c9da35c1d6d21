import AnalyticsStore
import ServiceLifecycle

extension ExampleService {
  func upkeep() throws -> ServiceGroup {
    let database = try AnalyticsDatabase(url: databaseURL)
    let maintenance = AnalyticsMaintenance(Maintenance(database))
    let group = ServiceGroup(services: [database, worker, maintenance, server], logger: logger)
    return group
  }
}
