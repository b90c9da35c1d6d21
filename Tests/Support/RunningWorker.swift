package import Analytics
package import Logging
internal import ServiceLifecycle

/// A logger that writes nothing.
package let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a worker while `body` runs. Afterwards the worker stores the remaining events.
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

/// Waits until a condition holds. The time limit of the test ends the wait.
package func until(_ condition: () -> Bool) async throws {
  while !condition() {
    try Task.checkCancellation()
    await Task.yield()
  }
}
