/// Runs `body`, and cancels it when the time limit has passed.
///
/// - Throws: A problem of status 503 after the time limit, or the error of `body`.
func withDeadline<Result: Sendable>(
  _ limit: Duration, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      try? await Task.sleep(for: limit)
      return nil
    }
    defer { group.cancelAll() }
    guard let first = try await group.next(), let result = first else {
      throw Problem.unavailable("the answer took longer than \(limit): choose a shorter range")
    }
    return result
  }
}
