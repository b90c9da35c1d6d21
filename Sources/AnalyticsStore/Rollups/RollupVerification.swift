internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// Recomputes rollups from raw events, as far as those are there, and compares.
struct RollupVerification {
  let connection: PostgresConnection
  let registered: [Rollup]

  /// Of one snapshot, so that ingest may go on.
  func run() async throws -> [RollupDifference] {
    try await connection.transaction(isolation: .repeatableRead, readOnly: true) { _ in
      var differences: [RollupDifference] = []
      for rollup in registered {
        let lower = try await start(of: rollup)
        let isComparable: SQL = "e.timestamp >= \(lower)"
        for table in RollupTable.all(of: rollup) {
          differences += try await compare(
            table.name, key: table.key.map(\.sql), values: table.comparedValues,
            with: table.selection(from: "analytics_events", where: isComparable), from: lower)
        }
        if rollup.name == Rollup.events.name {
          differences += try await compare(
            "stat_environment_updates", key: ["day", "environment"],
            values: [("updates", "updates")],
            with: EnvironmentUpdates.selection(from: "analytics_events", where: isComparable),
            from: lower)
        }
        if rollup == Rollup.activity { differences += try await compareUsers() }
      }
      return differences
    }
  }

  /// From where on raw events tell all; older figures have nothing to be compared with.
  private func start(of rollup: Rollup) async throws(PostgresError) -> PostgresTimestamp {
    try await connection.query(
      """
      SELECT greatest(
          (SELECT valid_from FROM analytics_rollups
           WHERE name = \(rollup.name) AND version = \(rollup.version)),
          coalesce((SELECT dropped_before FROM analytics_retention), '-infinity'))
      """
    ).value()
  }

  /// - Parameters:
  ///   - key: The time comes first.
  ///   - values: Each as it is in the table, and as two tables are compared.
  ///   - fresh: What the rows should be, from an instant on.
  private func compare(
    _ table: String, key: [SQL], values: [(SQL, SQL)], with fresh: SQL,
    from lower: PostgresTimestamp
  ) async throws -> [RollupDifference] {
    let differs = values.map { "fresh.\($0.0) IS DISTINCT FROM kept.\($0.0)" as SQL }
    let columns = (key + values.map { "\($0.1) AS \($0.0)" }).joined(separator: ", ")
    let row = try await connection.query(
      """
      WITH fresh AS (SELECT \(columns) FROM (\(fresh)) AS f),
           kept AS (SELECT \(columns) FROM \(identifier: table) WHERE \(key[0]) >= \(lower))
      SELECT count(*) AS rows, min(\(key[0]))::text AS first
      FROM fresh FULL JOIN kept USING (\(key.joined(separator: ", ")))
      WHERE \(differs.joined(separator: " OR "))
      """
    ).only()
    let count = try row.decode(Int.self, "rows")
    guard count > 0 else { return [] }
    return [
      RollupDifference(table: table, rows: count, first: try row.decode(String.self, "first"))
    ]
  }

  private func compareUsers() async throws -> [RollupDifference] {
    let row = try await connection.query(
      """
      SELECT count(*) AS rows, min(least(kept.first_day, fresh.first_day))::text AS first
      FROM (SELECT member AS user_id, min(day) AS first_day, max(day) AS last_day
            FROM \(Users.source) GROUP BY member) AS fresh
      FULL JOIN analytics_users AS kept USING (user_id)
      WHERE (fresh.first_day, fresh.last_day) IS DISTINCT FROM (kept.first_day, kept.last_day)
      """
    ).only()
    let count = try row.decode(Int.self, "rows")
    guard count > 0 else { return [] }
    return [
      RollupDifference(
        table: "analytics_users", rows: count, first: try row.decode(String.self, "first"))
    ]
  }
}

extension RollupTable {
  /// Two histograms are equal if each slot has as many numbers.
  fileprivate var comparedValues: [(SQL, SQL)] {
    values.map { column in
      let isHistogram = column.type == .histogram
      return (column.sql, isHistogram ? "analytics_histogram_sorted(\(column.sql))" : column.sql)
    }
  }
}
