import Analytics
import AnalyticsStore
import Logging
import ServiceLifecycle
import UnixSignals

extension ExampleService {
  func client() async throws {
    let logger = Logger(label: "platform")
    let analytics = try AnalyticsClient(
      service: "platform", sink: PostgresEventSink(url: databaseURL))
    let worker = AnalyticsWorker(analytics)

    analytics.track(.taskCreated(taskID: task.id, userID: user.id, command: task.command))

    let group = ServiceGroup(
      services: [worker, server], gracefulShutdownSignals: [.sigterm], logger: logger)
    try await group.run()
  }
}
