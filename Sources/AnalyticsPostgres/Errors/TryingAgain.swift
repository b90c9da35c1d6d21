/// Runs `body` again if other transactions held locks that it needs: after a deadlock, or if a lock
/// was not available in time. A failed attempt must leave nothing behind, as a transaction does.
///
/// - Parameter body: Gets whether this is the last attempt, whose error is thrown.
package func tryingAgain<Result>(
  attempts: Int, _ body: (_ isLast: Bool) async throws -> Result
) async throws -> Result {
  for _ in 1..<attempts {
    do {
      return try await body(false)
    } catch let error as PostgresError
      where error.sqlState == .lockNotAvailable || error.sqlState == .deadlockDetected
    {}
  }
  return try await body(true)
}
