/// Tries something again where others held locks that it needs: after a deadlock, and where a lock was not to be had in
/// time. What was done until then has to be undone, as a transaction is.
///
/// - Parameter body: Learns whether it is the last attempt.
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
