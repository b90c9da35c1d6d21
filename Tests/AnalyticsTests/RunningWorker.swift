import Logging
import ServiceLifecycle
import Synchronization

@testable import Analytics

/// Runs a worker while the body runs, then shuts it down gracefully.
func withWorker(_ analytics: AnalyticsClient, _ body: () async throws -> Void) async throws {
  let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  let group = ServiceGroup(
    services: [AnalyticsWorker(analytics, logger: logger)], logger: logger)
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    while analytics.core?.workers.withLock({ $0 }) == 0 { await Task.yield() }
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
