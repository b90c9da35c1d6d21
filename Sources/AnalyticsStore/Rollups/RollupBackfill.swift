internal import AnalyticsCatalogue
internal import AnalyticsConnections
internal import AnalyticsPostgres

/// Computes rollups for events that were stored before they were kept, a range a transaction.
///
/// Ingest of the same range waits for it, and finds it live afterwards; other days go on. Whatever
/// ends this halfway, the next run goes on; several at once share the work.
struct RollupBackfill {
  let connection: PostgresConnection
  let schema: SchemaName
  let registered: [Rollup]

  private struct Range {
    var name: String
    var version: Int32
    var lower: PostgresTimestamp
    var upper: PostgresTimestamp
  }

  /// - Parameter progress: Called after each range, with how many are left.
  /// - Returns: How many ranges this call computed.
  func run(progress: (Int) -> Void) async throws -> Int {
    var computed = 0
    while let (range, left) = try await next() {
      if try await compute(range) { computed += 1 }
      progress(left - 1)
    }
    return computed
  }

  /// The newest first: that is what people look at.
  private func next() async throws(PostgresError) -> (Range, left: Int)? {
    let rows = try await connection.query(
      """
      SELECT name, version, lower, upper, count(*) OVER () AS pending
      FROM \(schema).analytics_rollup_pending ORDER BY lower DESC, name LIMIT 1
      """)
    guard let row = rows.first else { return nil }
    let range = Range(
      name: try row.decode(String.self, "name"), version: try row.decode(Int32.self, "version"),
      lower: try row.decode(PostgresTimestamp.self, "lower"),
      upper: try row.decode(PostgresTimestamp.self, "upper"))
    return (range, try row.decode(Int.self, "pending"))
  }

  /// - Returns: False if somebody else was faster.
  private func compute(_ range: Range) async throws -> Bool {
    try await connection.transaction(isolation: .readCommitted) { _ in
      try await connection.execute(.names(in: schema, isLocal: true))
      // With the row's lock in hand the next statement sees all that was stored by others.
      let isOurs = try await connection.query(
        """
        DELETE FROM \(schema).analytics_rollup_pending
        WHERE name = \(range.name) AND version = \(range.version) AND lower = \(range.lower)
        """
      ).affectedRows
      guard isOurs == 1 else { return false }
      let rollup = registered.first { $0.name == range.name && $0.version == Int(range.version) }
      if let rollup { try await replace(rollup, range) }
      return true
    }
  }

  private func replace(_ rollup: Rollup, _ range: Range) async throws(PostgresError) {
    func isInRange(_ instant: SQL) -> SQL {
      "\(instant) >= \(range.lower) AND \(instant) < \(range.upper)"
    }
    for table in RollupTable.all(of: rollup) {
      _ = try await connection.query(
        "DELETE FROM \(table.sql) WHERE \(isInRange(table.timeColumn))")
    }
    if rollup.name == Rollup.events.name {
      _ = try await connection.query(
        """
        DELETE FROM stat_environment_updates
        WHERE day >= (\(range.lower) AT TIME ZONE 'UTC')::date
          AND day < (\(range.upper) AT TIME ZONE 'UTC')::date
        """)
    }
    for upsert in RollupTable.upserts(
      of: rollup, from: "analytics_events", where: isInRange("e.timestamp"))
    {
      _ = try await connection.query(upsert)
    }
    if rollup.name == Rollup.activity.name {
      let days: SQL = "\(Users.source(version: rollup.version)) WHERE \(isInRange("day"))"
      _ = try await connection.query(Users.upsert(from: days))
    }
  }
}
