import AnalyticsStore
import AnalyticsTestSupport

@testable import Analytics

extension AnalyticsConfiguration {
  /// Small segments and short intervals cause many operations in a short time.
  static func eager(_ buffer: BufferMode) -> AnalyticsConfiguration {
    var configuration = AnalyticsConfiguration(service: "fault-tests", buffer: buffer)
    configuration.segmentBytes = 64 << 10
    configuration.batchSize = 20
    configuration.flushInterval = .milliseconds(50)
    configuration.recoveryInterval = .milliseconds(100)
    configuration.shutdownGrace = .seconds(60)
    return configuration
  }
}

/// Stores what dead processes left in the spool, as the next start of a service does.
///
/// - Returns: The accounting of this run.
@discardableResult
func drain(_ spool: String, to url: String) async throws -> EventAccounting {
  let sink = try PostgresEventSink(url: url)
  var configuration = AnalyticsConfiguration.eager(
    .durable(directory: spool, limitBytes: 64 << 20))
  // The time limit of the test is the only limit.
  configuration.shutdownGrace = .seconds(600)
  let client = try AnalyticsClient(configuration, sink: sink)
  try await withWorker(client) { try await client.finishSpool(timeout: .seconds(600)) }
  return client.accounting
}
