internal import AnalyticsConnections

/// Runs `body`, and cancels it when the time limit has passed.
///
/// - Throws: A problem of status 503 after the time limit, or the error of `body`.
func withDeadline<Result: Sendable>(
  _ limit: Duration, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  try await withDeadline(
    limit,
    late: Problem.unavailable("the answer took longer than \(limit): choose a shorter range"),
    body)
}
