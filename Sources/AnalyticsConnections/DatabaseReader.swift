package import AnalyticsPostgres

/// A database of which one can only read: what reports and the server are given.
///
/// Names are those of the schema. Statements run as `analytics_reader` where that role was granted its rights
/// there and this login may become it: whatever else the login may do.
package struct DatabaseReader: Sendable {
  private let database: AnalyticsDatabase
  private let use: PoolUse

  fileprivate init(_ database: AnalyticsDatabase, _ use: PoolUse) {
    self.database = database
    self.use = use
  }

  /// Runs statements in a transaction that can write nothing.
  package func read<Result: Sendable>(
    isolation: PostgresIsolation = .readCommitted,
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await transaction(isolation, readOnly: true, body)
  }

  /// Runs a function of the owner's that readers may call, and that writes something down.
  package func call(_ function: SQL) async throws {
    try await transaction(.readCommitted, readOnly: false) {
      _ = try await $0.query("SELECT FROM \(function)")
    }
  }

  private func transaction<Result: Sendable>(
    _ isolation: PostgresIsolation, readOnly: Bool,
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await database.pool(use).withConnection { connection in
      try await connection.transaction(isolation: isolation, readOnly: readOnly) { connection in
        try await becomeReader(on: connection)
        return try await body(connection)
      }
    }
  }

  /// Sets schema and role in one statement: each report would pay for a second trip to the server.
  ///
  /// Up to PostgreSQL 15 a member of a role may become it; since 16 that right is called SET.
  private func becomeReader(on connection: PostgresConnection) async throws(PostgresError) {
    let events: SQL =
      "concat(quote_ident(\(database.wantedSchema)::text) || '.', 'analytics_events')"
    _ = try await connection.query(
      """
      SELECT CASE WHEN \(database.wantedSchema)::text IS NOT NULL
                  THEN set_config('search_path', quote_ident(\(database.wantedSchema)::text), true) END,
             (SELECT set_config('role', r.rolname, true)
              FROM pg_catalog.pg_roles AS r
              WHERE r.rolname = 'analytics_reader'
                AND pg_has_role(
                    r.oid, CASE WHEN current_setting('server_version_num')::integer < 160000
                                THEN 'MEMBER' ELSE 'SET' END)
                AND has_table_privilege(r.oid, to_regclass(\(events)), 'SELECT'))
      """)
  }
}

extension AnalyticsDatabase {
  /// The database, of which one can only read.
  package func reader(_ use: PoolUse) -> DatabaseReader { DatabaseReader(self, use) }
}
