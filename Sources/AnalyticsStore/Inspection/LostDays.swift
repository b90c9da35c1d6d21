package import AnalyticsConnections
internal import AnalyticsPostgres
package import Foundation

/// UTC days for which the rollups count more events than are stored, because partitions were
/// dropped, detached or emptied by hand. Days that retention dropped are not among them. Storing
/// events of such a day again would count them twice.
package struct LostDays: Sendable, Hashable {
  /// The first instants of these days, in order.
  package var days: [Date] = []
  /// SQL statements that move events of these days back into `analytics_events`. There is one for
  /// each table (a former partition) that still holds such events.
  package var repairStatements: [String] = []

  package init() {}
}

extension Migrator {
  /// Finds lost days.
  ///
  /// - Returns: No days if the migration that this needs has not been applied.
  package func lostDays() async throws(StoreError) -> LostDays {
    try await connected(doing: Self.readingState) { session in
      try await session.connection.transaction(readOnly: true) { connection in
        try await connection.execute(.names(in: session.schema, isLocal: true))
        return try await LostDays(in: session.schema, on: connection)
      }
    }
  }
}

extension LostDays {
  fileprivate init(in schema: SchemaName, on connection: PostgresConnection) async throws {
    guard try await connection.hasFunction("analytics_lost_days()") else { return }
    let instants: [PostgresTimestamp] = try await connection.query(
      "SELECT day FROM analytics_lost_days() AS day"
    ).values()
    days = instants.compactMap(\.date)
    guard !days.isEmpty else { return }
    var scheduled: [String] = []
    if try await connection.mayRead("analytics_partitions_to_drop") {
      scheduled = try await connection.query("SELECT name FROM analytics_partitions_to_drop")
        .values()
    }
    let tables: [String] = try await connection.query(Self.tables(but: scheduled)).values()
    for name in tables {
      let hasSome: Bool = try await connection.query(
        """
        SELECT EXISTS (SELECT FROM \(schema).\(identifier: name) AS e, unnest(\(instants)) AS day
                       WHERE e.timestamp >= day AND e.timestamp < day + interval '24 hours')
        """
      ).value()
      if hasSome {
        let table = "\(schema.quoted).\(SQL.identifier(name))"
        repairStatements.append(
          "SELECT \(schema.quoted).analytics_take_back(\(SQL.literal(table)))")
      }
    }
  }

  /// Returns a query for the tables that have the columns of `analytics_events` and that this login
  /// may read.
  ///
  /// - Parameter scheduled: Tables to leave out: partitions that `maintain` has detached and is
  ///   about to drop.
  private static func tables(but scheduled: [String]) -> SQL {
    """
    SELECT t.relname::text FROM pg_catalog.pg_class AS t
    JOIN pg_catalog.pg_class AS events ON events.oid = 'analytics_events'::regclass
    WHERE t.relnamespace = events.relnamespace AND t.relkind = 'r' AND NOT t.relispartition
      AND t.oid <> events.oid AND has_table_privilege(t.oid, 'SELECT')
      AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_attribute AS a
          WHERE a.attrelid = events.oid AND a.attnum > 0 AND NOT a.attisdropped
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS b
                            WHERE b.attrelid = t.oid AND b.attname = a.attname AND b.atttypid = a.atttypid))
      AND t.relname <> ALL (\(scheduled))
    ORDER BY t.relname
    """
  }
}
