import Analytics
import AnalyticsStore
import ServiceLifecycle

extension ExampleService {
  func usage() throws -> [any Service] {
    let sink = try PostgresUsageSink(url: databaseURL)
    let usage = UsageTracker(sink: sink)

    usage.track(workspaceID: workspace.id, ownerID: workspace.ownerID, allowed: 1)

    let services: [any Service] = [UsageWorker(usage), try UsagePeriods(url: databaseURL)]
    return services
  }
}
