/// Runs `body`, and cancels it when the time limit has passed.
///
/// Returns only after `body` has ended, so `body` must react to cancellation.
///
/// - Parameter late: The error to throw after the time limit. If the task itself is cancelled, this
///   or the error of `body` is thrown.
package func withDeadline<Result: Sendable>(
  _ limit: Duration, late: @autoclosure () -> any Error,
  _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      try? await Task.sleep(for: limit)
      return nil
    }
    defer { group.cancelAll() }
    guard let first = try await group.next(), let result = first else { throw late() }
    return result
  }
}
