import Analytics
import AnalyticsStore
import ServiceLifecycle

extension ExampleService {
  func usage() throws -> [any Service] {
    let database = try AnalyticsDatabase(url: databaseURL)
    let sink = PostgresUsageSink(database)
    let usage = UsageTracker(sink: sink)

    usage.track(workspaceID: workspace.id, ownerID: workspace.ownerID, allowed: 1)

    let services: [any Service] = [database, UsageWorker(usage), UsagePeriods(database)]
    return services
  }
}
