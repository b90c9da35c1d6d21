internal import AnalyticsConnections
internal import AnalyticsPostgres

/// Computes rollups for ranges of time in which they lack events that were rolled up: events stored
/// before the rollup existed, and days that were left to be recomputed. Each range is one
/// transaction.
///
/// Ingest continues in the meantime, but rolling up waits for a range to finish. If this is cut
/// short, the next run continues. Several runs at once share the work.
struct RollupBackfill {
  let connection: PostgresConnection
  let schema: SchemaName

  private struct Range {
    var name: String
    var version: Int32
    var lower: PostgresTimestamp
  }

  struct Outcome {
    /// The number of ranges that this call computed.
    var computed = 0
    /// The error of the first range that could not be computed. It is noted with its rollup, whose
    /// figures stay as they are.
    var failure: PostgresError?

    /// Returns the number of computed ranges.
    ///
    /// - Throws: ``failure``.
    func get() throws(PostgresError) -> Int {
      if let failure { throw failure }
      return computed
    }
  }

  /// Computes all ranges, then rolls up the events that were stored in the meantime.
  ///
  /// - Parameter progress: Called after each range, with the number of ranges that are left.
  func run(progress: (Int) -> Void = { _ in }) async throws -> Outcome {
    var outcome = Outcome()
    var last: Range?
    while let (range, left) = try await next(after: last) {
      do {
        if try await compute(range) { outcome.computed += 1 }
      } catch let error as PostgresError where Self.isDueToDefinition(error) {
        try await note(error, of: range)
        outcome.failure = outcome.failure ?? error
      }
      last = range
      progress(left - 1)
    }
    try await forgetSolvedProblems()
    try await RollUp.all(on: connection, in: schema)
    return outcome
  }

  /// The same classes as in `analytics_could_merge`: the cause is in the events, or in what the
  /// definition reads from them.
  private static func isDueToDefinition(_ error: PostgresError) -> Bool {
    error.sqlState.map { ["22", "23", "42", "54"].contains($0.conditionClass) } ?? false
  }

  /// Returns the next range. The newest comes first, since recent days are read most.
  private func next(after last: Range?) async throws(PostgresError) -> (Range, left: Int)? {
    let isLater: SQL =
      last.map { "(lower, name, version) < (\($0.lower), \($0.name), \($0.version))" } ?? "true"
    let rows = try await connection.query(
      """
      SELECT name, version, lower, count(*) OVER () AS pending
      FROM \(schema).analytics_rollup_pending WHERE \(isLater)
      ORDER BY lower DESC, name DESC, version DESC LIMIT 1
      """)
    guard let row = rows.first else { return nil }
    let range = Range(
      name: try row.decode(String.self, "name"), version: try row.decode(Int32.self, "version"),
      lower: try row.decode(PostgresTimestamp.self, "lower"))
    return (range, try row.decode(Int.self, "pending"))
  }

  /// - Returns: False if another process computed the range first.
  private func compute(_ range: Range) async throws -> Bool {
    try await connection.transaction(isolation: .readCommitted) { _ in
      try await connection.query(
        """
        SELECT \(schema).analytics_fill_in(\(range.name), \(range.version), \(range.lower))
        """
      ).value()
    }
  }

  private func forgetSolvedProblems() async throws {
    try await connection.transaction(isolation: .readCommitted) { _ in
      _ = try await connection.query("SELECT \(schema).analytics_lock_rollups()")
      _ = try await connection.query(
        """
        UPDATE \(schema).analytics_rollups AS r SET problem = NULL, problem_at = NULL
        WHERE problem IS NOT NULL
          AND NOT EXISTS (SELECT FROM \(schema).analytics_rollup_pending AS p
                          WHERE p.name = r.name AND p.version = r.version)
        """)
    }
  }

  private func note(_ error: PostgresError, of range: Range) async throws(PostgresError) {
    _ = try await connection.query(
      """
      UPDATE \(schema).analytics_rollups
      SET problem = \(error.description), problem_at = clock_timestamp()
      WHERE name = \(range.name) AND version = \(range.version)
      """)
  }
}
