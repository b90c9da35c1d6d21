package import AnalyticsPostgres

/// Read access to a database, for reports and the server.
///
/// Unqualified names refer to the schema. Statements run as the role `analytics_reader` if that
/// role may read the events in the schema and the login may switch to it. Then the login's other
/// rights do not matter.
package struct DatabaseReader: Sendable {
  private let database: AnalyticsDatabase
  private let use: PoolUse

  fileprivate init(_ database: AnalyticsDatabase, _ use: PoolUse) {
    self.database = database
    self.use = use
  }

  /// Runs `body` in a read-only transaction.
  package func read<Result: Sendable>(
    isolation: PostgresIsolation = .readCommitted,
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await transaction(isolation, readOnly: true, body)
  }

  /// Calls a function of the tables' owner that readers may execute and that writes.
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

  /// Sets the schema and the role in one statement, to save each report a round trip.
  ///
  /// Up to PostgreSQL 15 every member of a role may switch to it; since version 16 that right is
  /// called SET.
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
  /// Returns read access to the database, with the connections of one kind of use.
  package func reader(_ use: PoolUse) -> DatabaseReader { DatabaseReader(self, use) }
}
