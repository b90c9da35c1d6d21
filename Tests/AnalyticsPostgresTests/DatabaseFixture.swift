import AnalyticsPostgres
import AnalyticsTestSupport
import Testing

/// Runs a test with a connection to an empty database of its own.
func withConnection<Result>(
  _ adjust: (inout PostgresConfiguration) -> Void = { _ in },
  _ body: (PostgresConnection) async throws -> Result
) async throws -> Result {
  try await withTestDatabase { url in
    var configuration = try PostgresConfiguration(url: url)
    adjust(&configuration)
    return try await PostgresConnection.withConnection(to: configuration, body)
  }
}

/// The `PostgresError` that `body` throws; another error, or none, fails the test.
func postgresError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> PostgresError? {
  do {
    try await body()
    Issue.record("no error was thrown", sourceLocation: sourceLocation)
  } catch let error as PostgresError {
    return error
  } catch {
    Issue.record("an error of another kind: \(error)", sourceLocation: sourceLocation)
  }
  return nil
}

extension PostgresConnection {
  /// The column `n` of table `t`, in order.
  func numbers() async throws -> [Int64] {
    try await query("SELECT n FROM t ORDER BY n").map { row in try row.decode(at: 0) }
  }
}
