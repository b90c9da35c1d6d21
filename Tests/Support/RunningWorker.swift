package import Analytics
package import Logging
internal import ServiceLifecycle

/// Says nothing.
package let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a worker while the body runs, then lets it store what is left.
package func withWorker(
  _ client: AnalyticsClient, logger: Logger = silentLogger, _ body: () async throws -> Void
) async throws {
  let group = ServiceGroup(
    services: [AnalyticsWorker(client, logger: logger)], logger: silentLogger)
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    while !client.hasWorker { await Task.yield() }
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

/// Waits until a condition holds, for as long as the test may last.
package func until(_ condition: () -> Bool) async throws {
  while !condition() {
    try Task.checkCancellation()
    await Task.yield()
  }
}
