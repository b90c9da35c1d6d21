internal import AnalyticsPostgres
internal import AnalyticsRollups

/// Recomputes rollups from the raw events that exist, and compares them with the stored figures.
struct RollupVerification {
  let session: MigrationSession

  private var connection: PostgresConnection { session.connection }

  /// Compares all rollups in one snapshot, so that storing and rolling up can continue.
  func run() async throws -> [RollupDifference] {
    try await connection.transaction(isolation: .repeatableRead, readOnly: true) { _ in
      // The lock comes before the first query takes the snapshot. Otherwise views that are
      // recreated in between could rely on rows that the snapshot does not have.
      try await connection.execute("LOCK TABLE analytics_rollups IN ACCESS SHARE MODE")
      var differences: [RollupDifference] = []
      for rollup in try await session.newestRollups() {
        let lower = try await start(of: rollup)
        for table in RollupTable.all(of: rollup) {
          differences += try await compare(table, from: lower)
        }
      }
      return try await differences + compareUsers()
    }
  }

  /// Returns the time from which on raw events are complete. Older figures cannot be verified.
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

  /// Compares the rows that reports read with those that raw events make.
  private func compare(
    _ table: RollupTable, from lower: PostgresTimestamp
  ) async throws -> [RollupDifference] {
    let keys = table.key.map(\.sql)
    let names = keys.joined(separator: ", ")
    let fresh = RollupStatements(
      rollup: table.rollup, refusal: .storedEvents(on: "day >= \(lower)"), numbers: { _ in nil }
    ).reading(
      table,
      from: """
        SELECT * FROM analytics_events AS e
        WHERE e.timestamp >= \(lower) AND \(isComputed("e.timestamp", table.rollup))
        """)
    let values = table.values.map { "\($0.compared) AS \($0.sql)" as SQL } + ["true AS _is_there"]
    let summed = table.values.map { column -> SQL in
      let value: SQL =
        column.isEntry
        ? "min(\(identifier: Rollup.firstEntry(column.name)))" : column.combined ?? column.sql
      return "\(value) AS \(column.sql)"
    }
    // If a member has no number, all columns are NULL.
    let differs = (["_is_there"] + table.values.map(\.sql)).map {
      "fresh.\($0) IS DISTINCT FROM read.\($0)" as SQL
    }
    return try await differences(
      in: table.name,
      """
      WITH fresh AS (SELECT \((keys + values).joined(separator: ", ")) FROM (\(fresh)) AS f),
           read AS (
               SELECT \((keys + values).joined(separator: ", "))
               FROM (SELECT \((keys + summed).joined(separator: ", "))
                     FROM \(identifier: table.relation)
                     WHERE version = \(table.rollup.version) AND \(keys[0]) >= \(lower)
                       AND \(isComputed(keys[0], table.rollup))
                     GROUP BY \(names)) AS r)
      SELECT count(*) AS rows, min(\(keys[0]))::text AS first
      FROM fresh FULL JOIN read USING (\(names))
      WHERE \(differs.joined(separator: " OR "))
      """)
  }

  /// Returns a condition: whether the instant is outside the ranges that are still to be computed.
  private func isComputed(_ instant: SQL, _ rollup: Rollup) -> SQL {
    """
    (\(instant) <@ (SELECT range_agg(tstzrange(lower, upper)) FROM analytics_rollup_pending
                   WHERE name = \(rollup.name) AND version = \(Int32(rollup.version)))) IS NOT TRUE
    """
  }

  /// Compares the stored first day of each user with the sets of all days, and with the stored
  /// users of each first day. Reports combine them, whichever version of the rollup is there.
  private func compareUsers() async throws -> [RollupDifference] {
    let sets = Rollup.activity.dailyMemberRelation(Measure.users)
    return try await differences(
      in: Members.keptUsers.description,
      """
      SELECT count(*) AS rows, min(least(read.first_day, fresh.first_day))::text AS first
      FROM (SELECT _chunk * 32000 + place AS number, min(day) AS first_day
            FROM \(identifier: sets)
            CROSS JOIN LATERAL analytics_places(analytics_packed_bits(_members)) AS place
            GROUP BY 1) AS fresh
      FULL JOIN analytics_users AS read USING (number)
      WHERE fresh.first_day IS DISTINCT FROM read.first_day
        -- Users have their numbers before a range that is still to be computed counts them.
        AND (fresh.first_day < read.first_day OR read.first_day IS NULL OR NOT EXISTS (
            SELECT FROM analytics_rollup_pending WHERE name = \(Rollup.activity.name)))
      """)
      + differences(
        in: Members.keptFirstDays.description,
        """
        SELECT count(*) AS rows, min(first_day)::text AS first
        FROM (SELECT first_day, number
              FROM analytics_users_by_first_day, unnest(numbers) AS part,
                   generate_series(lower(part), upper(part) - 1) AS number) AS days
        FULL JOIN analytics_users AS users USING (first_day, number)
        WHERE days.number IS NULL OR users.number IS NULL
        """)
  }

  private func differences(in table: String, _ sql: SQL) async throws -> [RollupDifference] {
    let row = try await connection.query(sql).only()
    let count = try row.decode(Int.self, "rows")
    guard count > 0 else { return [] }
    return [
      RollupDifference(table: table, rows: count, first: try row.decode(String.self, "first"))
    ]
  }
}

extension RollupTable.Column {
  /// Histograms are sorted before they are compared, since the order of their slots does not
  /// matter.
  fileprivate var compared: SQL { type == .histogram ? "analytics_histogram_sorted(\(sql))" : sql }
}
