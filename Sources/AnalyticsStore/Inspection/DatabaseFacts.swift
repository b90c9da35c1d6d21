package import AnalyticsPostgres

/// Facts about the server. Reading them writes nothing.
package struct DatabaseServerFacts: Sendable {
  /// The version as a number, such as 150004 for 15.4.
  package var version: Int
  package var versionText: String
  package var usesTLS: Bool
  /// Whether the connection stays on this machine: over a socket, or to a loopback address.
  package var isLocal: Bool
  package var isStandby: Bool
  /// Whether this database user's transactions are read-only by default.
  package var isReadOnly: Bool
  /// Whether the tables are in the schema in which services look for them.
  package var hasTable: Bool
  /// Other schemas that have such tables.
  package var elsewhere: [String]
  package var secondsSinceUnixEpoch: Double

  package init(
    version: Int, versionText: String, usesTLS: Bool, isLocal: Bool, isStandby: Bool,
    isReadOnly: Bool, hasTable: Bool, elsewhere: [String], secondsSinceUnixEpoch: Double
  ) {
    (self.version, self.versionText) = (version, versionText)
    (self.usesTLS, self.isLocal) = (usesTLS, isLocal)
    (self.isStandby, self.isReadOnly) = (isStandby, isReadOnly)
    (self.hasTable, self.elsewhere) = (hasTable, elsewhere)
    self.secondsSinceUnixEpoch = secondsSinceUnixEpoch
  }

  package static func read(
    on connection: PostgresConnection
  ) async throws -> DatabaseServerFacts {
    let row = try await connection.query(
      """
      SELECT current_setting('server_version_num')::int4 AS version,
             split_part(current_setting('server_version'), ' ', 1) AS version_text,
             coalesce((SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid()), false)
               AS tls,
             inet_server_addr() IS NULL OR host(inet_server_addr()) IN ('127.0.0.1', '::1')
               AS is_local,
             pg_is_in_recovery() AS is_standby,
             current_setting('default_transaction_read_only') = 'on' AS is_read_only,
             to_regclass(quote_ident(current_schema()) || '.analytics_events') IS NOT NULL AS has_table,
             ARRAY(SELECT n.nspname::text FROM pg_catalog.pg_class AS t
                   JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
                   WHERE t.relname = 'analytics_migrations' AND t.relkind = 'r'
                     AND n.nspname IS DISTINCT FROM current_schema() ORDER BY 1) AS elsewhere,
             extract(epoch FROM clock_timestamp())::float8 AS seconds
      """
    ).only()
    return DatabaseServerFacts(
      version: try row.decode(Int.self, "version"),
      versionText: try row.decode(String.self, "version_text"),
      usesTLS: try row.decode(Bool.self, "tls"), isLocal: try row.decode(Bool.self, "is_local"),
      isStandby: try row.decode(Bool.self, "is_standby"),
      isReadOnly: try row.decode(Bool.self, "is_read_only"),
      hasTable: try row.decode(Bool.self, "has_table"),
      elsewhere: try row.decode([String].self, "elsewhere"),
      secondsSinceUnixEpoch: try row.decode(Double.self, "seconds"))
  }
}

/// Facts about the events' table.
package struct TableFacts: Sendable {
  package var mayInsert: Bool
  package var maySelect: Bool
  package var mayMakePartitions: Bool
  package var partitions: Int
  package var hasToday: Bool
  /// The DEFAULT partition, if there is one.
  package var defaultPartition: DefaultPartition?
  /// Seconds since the time of the newest event; `nil` without events or without the privilege to
  /// read them.
  package var newestAge: Double?
  /// `nil` without the privilege to read them.
  package var rollups: RollupFacts?

  package init(
    mayInsert: Bool, maySelect: Bool, mayMakePartitions: Bool, partitions: Int, hasToday: Bool,
    newestAge: Double? = nil
  ) {
    (self.mayInsert, self.maySelect) = (mayInsert, maySelect)
    self.mayMakePartitions = mayMakePartitions
    (self.partitions, self.hasToday) = (partitions, hasToday)
    self.newestAge = newestAge
  }

  package static func read(on connection: PostgresConnection) async throws -> TableFacts {
    let row = try await connection.query(
      """
      SELECT has_table_privilege('analytics_events', 'INSERT') AS may_insert,
             has_table_privilege('analytics_events', 'SELECT') AS may_select,
             has_function_privilege('analytics_ensure_partitions(timestamptz[])', 'EXECUTE')
               AS may_make,
             count(*) AS partitions,
             coalesce(bool_or(now() >= lower_bound AND now() < upper_bound), false) AS today
      FROM analytics_partitions()
      """
    ).only()
    var facts = TableFacts(
      mayInsert: try row.decode(Bool.self, "may_insert"),
      maySelect: try row.decode(Bool.self, "may_select"),
      mayMakePartitions: try row.decode(Bool.self, "may_make"),
      partitions: try row.decode(Int.self, "partitions"),
      hasToday: try row.decode(Bool.self, "today"))
    facts.defaultPartition = try await DefaultPartition.read(on: connection)
    if facts.maySelect {
      facts.newestAge = try await connection.query(
        "SELECT extract(epoch FROM now() - max(timestamp))::float8 FROM analytics_events"
      ).value()
      facts.rollups = try await RollupFacts.read(on: connection)
    }
    return facts
  }
}

/// A DEFAULT partition, which takes the rows that fit no other partition. The migrations create
/// none.
package struct DefaultPartition: Sendable {
  package var name: String
  /// The statement that moves its events to the partitions of their days.
  package var repairStatement: String
  /// Whether it contains events; `nil` without the privilege to read it.
  package var hasEvents: Bool?

  fileprivate static func read(
    on connection: PostgresConnection
  ) async throws -> DefaultPartition? {
    let rows = try await connection.query(
      """
      SELECT n.nspname::text AS schema, t.relname::text AS name,
             format('SELECT %I.analytics_take_back(%L)', home.nspname, format('%I.%I', n.nspname, t.relname))
                 AS taking_back,
             has_table_privilege(t.oid, 'SELECT') AS may_look
      FROM pg_catalog.pg_partitioned_table AS p JOIN pg_catalog.pg_class AS t ON t.oid = p.partdefid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
      JOIN pg_catalog.pg_class AS events ON events.oid = p.partrelid
      JOIN pg_catalog.pg_namespace AS home ON home.oid = events.relnamespace
      WHERE p.partrelid = 'analytics_events'::regclass
      """)
    guard let row = rows.first else { return nil }
    var found = DefaultPartition(
      name: try row.decode(String.self, "name"),
      repairStatement: try row.decode(String.self, "taking_back"))
    if try row.decode(Bool.self, "may_look") {
      let schema = try row.decode(String.self, "schema")
      found.hasEvents = try await connection.query(
        "SELECT EXISTS (SELECT FROM \(identifier: schema).\(identifier: found.name))"
      ).value()
    }
    return found
  }
}

/// The progress of rolling up events.
package struct RollupFacts: Sendable {
  /// Events that are not rolled up yet.
  package var pendingEvents: Int
  /// Seconds since the oldest batch of those events was stored; `nil` if there is none.
  package var pendingAge: Double?
  package var pendingRanges: Int
  /// The rollups into which events could not be merged, each with the reason.
  package var problems: [String]
  /// The newest version of each rollup in the database.
  package var newestVersions: [String: Int]

  /// - Returns: `nil` before the migration that adds them, or without the privilege to read them.
  package static func read(on connection: PostgresConnection) async throws -> RollupFacts? {
    guard try await connection.hasFunction("analytics_rolling_up()") else { return nil }
    let row = try await connection.query(
      """
      SELECT events, extract(epoch FROM now() - oldest)::float8 AS age,
             (SELECT count(*) FROM analytics_rollup_pending) AS ranges
      FROM analytics_rolling_up()
      """
    ).only()
    return RollupFacts(
      pendingEvents: try row.decode(Int.self, "events"),
      pendingAge: try row.decode(Double?.self, "age"),
      pendingRanges: try row.decode(Int.self, "ranges"),
      problems: try await connection.query(
        """
        SELECT name || ': ' || problem FROM analytics_rollups
        WHERE problem IS NOT NULL ORDER BY name
        """
      ).values(),
      newestVersions: Dictionary(
        uniqueKeysWithValues: try await connection.query(
          "SELECT name, max(version) AS version FROM analytics_rollups GROUP BY name"
        ).map { (try $0.decode(String.self, "name"), try $0.decode(Int.self, "version")) }))
  }
}
