internal import Analytics
internal import AnalyticsConnections
internal import AnalyticsPostgres

/// The transactions that add usage counts and close usage periods.
struct UsageDatabase: Sendable {
  private let database: AnalyticsDatabase

  init(_ database: AnalyticsDatabase) { self.database = database }

  /// Runs `body` in a READ COMMITTED transaction, so that statements after the lock see what others
  /// committed before it.
  ///
  /// - Parameter provesEarlier: See
  ///   ``PostgresConnection/transaction(isolation:readOnly:provesEarlier:deadline:_:)``.
  func transaction<Result: Sendable>(
    provesEarlier: Bool = false, _ body: (PostgresConnection, SchemaName) async throws -> Result
  ) async throws(EventSinkError) -> Result {
    do {
      return try await database.pool(.usage).withConnection { connection in
        let schema = try await database.schema(on: connection)
        return try await connection.transaction(
          isolation: .readCommitted, provesEarlier: provesEarlier
        ) { connection in
          // As in ingest: the commit is durable whatever the server's default is, and a client that
          // vanished cannot delay the closing of a period. A transaction that waits for a lock for
          // more than 10 seconds fails and is tried again later.
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
