import AnalyticsStore
import ServiceLifecycle

extension ExampleService {
  func upkeep() throws -> ServiceGroup {
    let maintenance = AnalyticsMaintenance(try Maintenance(url: databaseURL))
    let group = ServiceGroup(services: [worker, maintenance, server], logger: logger)
    return group
  }
}
