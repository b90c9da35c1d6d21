import AnalyticsStore
import Logging
import ServiceLifecycle
import Synchronization

@testable import Analytics

extension AnalyticsConfiguration {
  /// Small segments and short intervals, so that much happens in little time.
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

/// Runs a worker while the body runs, then lets it store what is left.
func withWorker(_ client: AnalyticsClient, _ body: () async throws -> Void) async throws {
  let group = ServiceGroup(
    services: [AnalyticsWorker(client, logger: silentLogger)], logger: silentLogger)
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    while client.core?.workers.withLock({ $0 }) == 0 { await Task.yield() }
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(try await body())
    } catch {
      outcome = .failure(error)
    }
    await group.triggerGracefulShutdown()
    try await tasks.waitForAll()
    try outcome.get()
  }
}

/// Finishes what dead processes left in the spool, as the next start of a service would.
///
/// - Returns: its books afterwards.
@discardableResult
func drain(_ spool: String, to url: String) async throws -> EventAccounting {
  let sink = try PostgresEventSink(url: url)
  let client = try AnalyticsClient(
    .eager(.durable(folder: spool, limitBytes: 64 << 20)), sink: sink)
  try await withWorker(client) {}
  await sink.shutDown()
  return client.accounting
}
