import UnixSignals

/// Runs `body` until it ends by itself or somebody asks the process to stop.
///
/// - Returns: What `body` returned; `nil` if SIGINT or SIGTERM came first. Then its task was
///   cancelled and has ended.
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
