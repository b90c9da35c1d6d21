internal import AnalyticsCatalogue
package import AnalyticsConnections
internal import AnalyticsPostgres

/// What somebody has changed of the tables by hand. Reading it writes nothing, and looks at catalogues alone.
package struct SchemaReport: Sendable, Hashable {
  /// `table.column`; `table` alone where all of it is missing.
  package var missing: [String] = []
  /// Tables that a crash of the server empties, and no standby has.
  package var unlogged: [String] = []
  /// Triggers of ours that are not there.
  package var missingTriggers: [Trigger] = []
  /// Triggers of ours that do not fire when events are stored.
  package var disabledTriggers: [Trigger] = []
  /// Triggers on the events that are somebody else's.
  package var foreignTriggers: [Trigger] = []
  /// Partitions that were detached and kept, each with the statement that attaches it again.
  package var detached: [String: String] = [:]

  package struct Trigger: Sendable, Hashable, CustomStringConvertible {
    /// As SQL has it.
    package var table: String
    package var name: String

    package var description: String { "\(name) on \(table)" }
  }

  package init() {}
}

extension Migrator {
  /// - Returns: `nil` while migrations wait, or where a newer version has been at work: its tables are others.
  package func schemaReport() async throws(StoreError) -> SchemaReport? {
    try await connected(doing: Self.look) { session in
      let history = try await session.readOnlyHistory(migrations)
      guard try history.pending(.all).isEmpty, !history.isNewer else { return nil }
      return try await session.connection.transaction(readOnly: true) { connection in
        try await connection.execute(.names(in: session.schema, isLocal: true))
        return try await SchemaReport(on: connection)
      }
    }
  }
}

// MARK: - Reading

extension SchemaReport {
  fileprivate init(on connection: PostgresConnection) async throws {
    let definitions: [String] = try await connection.query(
      "SELECT definition FROM analytics_rollups"
    ).values()
    let rollups = try definitions.map { try Rollup(definition: $0) }
    missing = try await connection.query(
      Self.missing(TableLayout.all + rollups.flatMap(TableLayout.tables))
    ).values()
    unlogged = try await connection.query(Self.unlogged).values()
    for row in try await connection.query(Self.triggers) {
      let trigger = Trigger(
        table: try row.decode(String.self, "relation"), name: try row.decode(String.self, "name"))
      switch try row.decode(String.self, "state") {
      case "missing": missingTriggers.append(trigger)
      case "disabled": disabledTriggers.append(trigger)
      default: foreignTriggers.append(trigger)
      }
    }
    for row in try await connection.query(Self.detached) {
      detached[try row.decode(String.self, "name")] = try row.decode(String.self, "attaching")
    }
  }

  /// What is not there of `tables`; of one that is missing, its name.
  private static func missing(_ tables: [TableLayout]) -> SQL {
    let columns = tables.flatMap { table in table.columns.map { (table: table.name, name: $0) } }
    return """
      SELECT DISTINCT CASE WHEN t.oid IS NULL THEN c.relation ELSE concat(c.relation, '.', c.name) END AS found
      FROM unnest(\(columns.map(\.table)), \(columns.map(\.name))) AS c (relation, name)
      LEFT JOIN pg_catalog.pg_class AS t
          ON t.relname = c.relation AND t.relnamespace = (\(home)) AND t.relkind IN ('r', 'p')
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                        WHERE a.attrelid = t.oid AND a.attname = c.name AND NOT a.attisdropped)
      ORDER BY found
      """
  }

  private static let home: SQL =
    "SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = 'analytics_events'::regclass"

  /// The table of the events and its partitions.
  private static let stored: SQL = """
    SELECT 'analytics_events'::regclass AS oid
    UNION ALL SELECT relid FROM pg_catalog.pg_partition_tree('analytics_events') WHERE level > 0
    UNION SELECT partition FROM analytics_partitions()
    """

  private static let unlogged: SQL = """
    SELECT t.oid::regclass::text FROM pg_catalog.pg_class AS t
    WHERE t.relpersistence = 'u' AND t.relkind IN ('r', 'p')
      AND (t.relnamespace = (\(home)) AND (starts_with(t.relname, 'analytics_') OR t.relname = 'telemetry_locks')
           OR t.oid IN (\(stored)))
    ORDER BY 1
    """

  /// Ours are those that the migrations made. The one that keeps erased people out comes with the first erasure.
  private static let triggers: SQL = """
    WITH own (relation, name) AS (
        VALUES ('analytics_events'::regclass, 'analytics_mark_batch'),
               ('analytics_dead_letters'::regclass, 'analytics_erase_new_dead_letter')
        UNION ALL
        SELECT 'analytics_events'::regclass, 'analytics_erase_new_event'
        WHERE has_table_privilege('analytics_erasures', 'SELECT')
          AND EXISTS (SELECT FROM analytics_erasures)
    ), there AS (
        SELECT t.tgrelid, t.tgname, t.tgenabled, t.tgisinternal OR t.tgparentid <> 0 AS is_derived,
               f.pronamespace::regnamespace::text AS home
        FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
        WHERE t.tgrelid IN (\(stored)) OR t.tgrelid = 'analytics_dead_letters'::regclass
    )
    SELECT 'missing' AS state, own.relation::text AS relation, own.name FROM own
    WHERE NOT EXISTS (SELECT FROM there WHERE tgrelid = own.relation AND tgname = own.name)
    UNION ALL
    SELECT 'disabled', tgrelid::regclass::text, tgname::text FROM there
    WHERE tgenabled IN ('D', 'R') AND starts_with(tgname, 'analytics_')
    UNION ALL
    SELECT 'foreign', tgrelid::regclass::text, tgname::text FROM there
    WHERE tgenabled <> 'D' AND NOT is_derived AND NOT starts_with(tgname, 'analytics_')
      AND NOT starts_with(home, '_timescaledb_') AND tgrelid <> 'analytics_dead_letters'::regclass
    ORDER BY state, relation, name
    """

  /// By the names that partitions get. Those that `maintain` has detached and is about to drop are the owner's to see.
  private static let detached: SQL = """
    SELECT t.oid::regclass::text AS name,
           format('ALTER TABLE analytics_events ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                  t.oid::regclass, day, day + span) AS attaching
    FROM pg_catalog.pg_class AS t
    CROSS JOIN LATERAL regexp_match(t.relname, '^analytics_events_(\\d{4})(?:_(\\d\\d))?(?:_(\\d\\d))?(?:_part\\d+)?$')
        AS part
    CROSS JOIN LATERAL (
        VALUES (make_date(part[1]::integer, coalesce(part[2], '1')::integer, coalesce(part[3], '1')::integer)
                    ::timestamp AT TIME ZONE 'UTC',
                CASE WHEN part[3] IS NOT NULL THEN interval '1 day'
                     WHEN part[2] IS NOT NULL THEN interval '1 month' ELSE interval '1 year' END)
    ) AS range (day, span)
    WHERE t.relnamespace = (\(home)) AND t.relkind = 'r' AND NOT t.relispartition
      AND day >= coalesce((SELECT dropped_before FROM analytics_retention), '-infinity')
    ORDER BY 1
    """
}
