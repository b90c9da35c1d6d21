import Analytics
import AnalyticsStore
import Logging
import ServiceLifecycle
import UnixSignals

extension ExampleService {
  func configuredClient() async throws {
    let logger = Logger(label: "platform")
    var configuration = AnalyticsConfiguration(service: "platform", environment: "production")
    configuration.buffer = .durable(directory: "/var/lib/platform/analytics-spool")
    let database = try AnalyticsDatabase(url: databaseURL)
    let analytics = try AnalyticsClient(configuration, sink: PostgresEventSink(database))

    let group = ServiceGroup(
      services: [database, AnalyticsWorker(analytics, logger: logger), server],
      gracefulShutdownSignals: [.sigterm], logger: logger)
    try await group.run()
  }
}
