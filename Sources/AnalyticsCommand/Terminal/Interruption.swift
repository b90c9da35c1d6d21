import UnixSignals

/// Runs `body` until it ends or the process receives SIGINT or SIGTERM.
///
/// - Returns: The result of `body`; `nil` if a signal came first. In that case the task of `body`
///   was cancelled and has ended.
func untilInterrupted<Result: Sendable>(
  _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
  let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      for await _ in signals { break }
      return nil
    }
    defer { group.cancelAll() }
    return try await group.next() ?? nil
  }
}
