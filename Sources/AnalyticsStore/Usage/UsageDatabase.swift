internal import Analytics
internal import AnalyticsConnections
internal import AnalyticsPostgres

/// The transactions that add usage and close its periods.
struct UsageDatabase: Sendable {
  private let database: AnalyticsDatabase

  init(_ database: AnalyticsDatabase) { self.database = database }

  /// Runs `body` in a transaction, in READ COMMITTED: what it sees after the lock counts.
  ///
  /// - Parameter provesEarlier: See ``PostgresConnection/transaction(isolation:readOnly:provesEarlier:deadline:_:)``.
  func transaction<Result: Sendable>(
    provesEarlier: Bool = false, _ body: (PostgresConnection, SchemaName) async throws -> Result
  ) async throws(EventSinkError) -> Result {
    do {
      return try await database.pool(.usage).withConnection { connection in
        let schema = try await database.schema(on: connection)
        return try await connection.transaction(
          isolation: .readCommitted, provesEarlier: provesEarlier
        ) { connection in
          // As ingest begins: durable whatever the server's default is, and no client that vanished may
          // hold the cutover up. Whoever waits for the lock for longer tries again later.
          _ = try await connection.query(
            """
            SELECT set_config('synchronous_commit', 'on', true),
                   set_config('lock_timeout', '10s', true),
                   set_config('idle_in_transaction_session_timeout', '60s', true),
                   set_config('tcp_keepalives_idle', '60', true)
            """)
          return try await body(connection, schema)
        }
      }
    } catch {
      throw EventSinkError(
        storing: error, outcomeUnknown: (error as? PostgresError)?.outcomeUnknown ?? false)
    }
  }
}
