package import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsRollups

/// Changes that were made to the tables by hand. Reading the report writes nothing. It reads the
/// system catalogues and a few small tables.
package struct SchemaReport: Sendable, Hashable {
  /// Missing columns as `table.column`; `table` alone if the whole table is missing.
  package var missing: [String] = []
  /// Further findings; `nil` if something is missing, or if the login may not read the rollups'
  /// definitions.
  package var details: Details?

  package struct Details: Sendable, Hashable {
    /// Unlogged tables and sequences, as in `TABLE schema.name`. A crash of the server empties
    /// them, and no standby has them. Tables with fewer foreign keys come first: a table cannot
    /// become logged while it refers to an unlogged one.
    package var unlogged: [String] = []
    /// Triggers of this package that are missing.
    package var missingTriggers: [Trigger] = []
    /// Triggers of this package that do not fire when events are stored.
    package var disabledTriggers: [Trigger] = []
    /// Triggers on the events that do not belong to this package.
    package var foreignTriggers: [Trigger] = []
  }

  package struct Trigger: Sendable, Hashable, CustomStringConvertible {
    /// The table's qualified name, quoted as in SQL.
    package var table: String
    package var name: String

    package var description: String { "\(name) on \(table)" }
  }
}

extension Migrator {
  /// Compares the tables with what the migrations created.
  ///
  /// - Returns: `nil` if migrations are pending, or if a newer version has migrated the database,
  ///   since its tables differ.
  package func schemaReport() async throws(StoreError) -> SchemaReport? {
    try await connected(doing: Self.readingState) { session in
      let history = try await session.readOnlyHistory(migrations)
      guard try history.pending(.all).isEmpty, !history.isNewer else { return nil }
      return try await session.connection.transaction(readOnly: true) { connection in
        try await connection.execute(.names(in: session.schema, isLocal: true))
        return try await SchemaReport(in: session.schema, on: connection)
      }
    }
  }
}

// MARK: - Reading

extension SchemaReport {
  fileprivate init(in schema: SchemaName, on connection: PostgresConnection) async throws {
    missing = try await Self.missing(TableLayout.all, in: schema, on: connection)
    guard missing.isEmpty, try await connection.mayRead("analytics_rollups") else { return }
    let definitions: [String] = try await connection.query(
      "SELECT definition FROM analytics_rollups"
    ).values()
    let rollups = try definitions.map { try Rollup(definition: $0) }
    let tables = rollups.flatMap(TableLayout.tables)
    missing = try await Self.missing(tables, in: schema, on: connection)
    guard missing.isEmpty else { return }
    var details = Details()
    details.unlogged = try await connection.query(
      Self.unlogged((TableLayout.all + tables).map(\.name), in: schema)
    ).values()
    // The trigger on the events is created by the first erasure.
    var hasErasures = false
    if try await connection.mayRead("analytics_erasures") {
      hasErasures = try await connection.query("SELECT EXISTS (SELECT FROM analytics_erasures)")
        .value()
    }
    for row in try await connection.query(Self.triggers(hasErasures: hasErasures)) {
      let trigger = Trigger(
        table: try row.decode(String.self, "relation"), name: try row.decode(String.self, "name"))
      switch try row.decode(String.self, "state") {
      case "missing": details.missingTriggers.append(trigger)
      case "disabled": details.disabledTriggers.append(trigger)
      default: details.foreignTriggers.append(trigger)
      }
    }
    self.details = details
  }

  /// Returns the columns of `tables` that are missing. If a whole table is missing, returns its
  /// name only.
  private static func missing(
    _ tables: [TableLayout], in schema: SchemaName, on connection: PostgresConnection
  ) async throws -> [String] {
    let columns = tables.flatMap { table in table.columns.map { (table: table.name, name: $0) } }
    return try await connection.query(
      """
      SELECT DISTINCT CASE WHEN t.oid IS NULL THEN c.relation ELSE concat(c.relation, '.', c.name) END AS found
      FROM unnest(\(columns.map(\.table)), \(columns.map(\.name))) AS c (relation, name)
      LEFT JOIN pg_catalog.pg_class AS t
          ON t.relname = c.relation AND t.relnamespace = to_regnamespace(\(schema.quoted))
             AND t.relkind IN ('r', 'p')
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                        WHERE a.attrelid = t.oid AND a.attname = c.name AND NOT a.attisdropped)
      ORDER BY found
      """
    ).values()
  }

  /// A query for `analytics_events` and all its partitions.
  private static let stored: SQL = """
    SELECT 'analytics_events'::regclass AS oid
    UNION ALL SELECT relid FROM pg_catalog.pg_partition_tree('analytics_events') WHERE level > 0
    UNION SELECT partition FROM analytics_partitions()
    """

  /// Sorted by the number of foreign keys, since a table cannot become logged while it refers to an
  /// unlogged one.
  private static func unlogged(_ tables: [String], in schema: SchemaName) -> SQL {
    """
    SELECT format('%s %I.%I', CASE t.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, t.relname)
    FROM pg_catalog.pg_class AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
    WHERE t.relpersistence = 'u'
      AND (n.nspname = \(schema.name) AND t.relname = ANY (\(tables + ["analytics_batches"]))
           OR t.oid IN (\(stored)))
    ORDER BY (SELECT count(*) FROM pg_catalog.pg_constraint AS c WHERE c.conrelid = t.oid AND c.contype = 'f'),
             t.relname
    """
  }

  private static func triggers(hasErasures: Bool) -> SQL {
    """
    WITH own (relation, name, is_needed) AS (
        VALUES ('analytics_events'::regclass, 'analytics_mark_batch', true),
               ('analytics_events'::regclass, 'analytics_erase_new_event', \(hasErasures)),
               ('analytics_dead_letters'::regclass, 'analytics_erase_new_dead_letter', true)
    ), there AS (
        SELECT t.tgrelid, t.tgname::text AS name, t.tgenabled, t.tgisinternal OR t.tgparentid <> 0 AS is_derived,
               t.tgname IN (SELECT name FROM own) AS is_own,
               starts_with(f.pronamespace::regnamespace::text, '_timescaledb_') AS is_timescale,
               format('%I.%I', n.nspname, c.relname) AS relation
        FROM pg_catalog.pg_trigger AS t
        JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
        JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE t.tgrelid IN (\(stored)) OR t.tgrelid = 'analytics_dead_letters'::regclass
    )
    SELECT 'missing' AS state, own.relation::text AS relation, own.name FROM own
    WHERE own.is_needed
      AND NOT EXISTS (SELECT FROM there WHERE tgrelid = own.relation AND there.name = own.name)
    UNION ALL
    SELECT 'disabled', relation, name FROM there WHERE tgenabled IN ('D', 'R') AND is_own
    UNION ALL
    SELECT 'foreign', relation, name FROM there
    WHERE tgenabled <> 'D' AND NOT is_own AND NOT is_derived AND NOT is_timescale
      AND tgrelid <> 'analytics_dead_letters'::regclass
    ORDER BY state, relation, name
    """
  }
}
