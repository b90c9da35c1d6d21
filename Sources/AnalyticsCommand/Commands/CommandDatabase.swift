import AnalyticsPostgres
import AnalyticsReports
import AnalyticsStore

/// The database of a command, and the schema in it.
struct CommandDatabase: Sendable {
  let url: String
  /// `nil` for the first of `search_path`.
  let schema: String?

  func sink() throws -> PostgresEventSink { try PostgresEventSink(url: url, schema: schema) }
  func erasure() throws -> UserErasure { try UserErasure(url: url, schema: schema) }
  func rollups() throws -> RollupUpkeep { try RollupUpkeep(url: url, schema: schema) }
  func migrator() throws -> Migrator { try Migrator(url: url, schema: schema) }

  func connect() async throws(PostgresError) -> PostgresConnection {
    try await PostgresConnection.connect(PostgresConfiguration(url: url))
  }

  /// Reads in one transaction, whose statements find the tables without a schema before their names.
  ///
  /// The schema is set for the transaction alone: PgBouncer refuses settings that come with a connection,
  /// and hands those of a session on to others.
  func read<Result>(
    on connection: PostgresConnection, isolation: PostgresIsolation = .readCommitted,
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await connection.transaction(isolation: isolation, readOnly: true) { connection in
      if let schema {
        _ = try await connection.query(
          "SELECT set_config('search_path', quote_ident(\(schema)), true)")
      }
      return try await body(connection)
    }
  }

  /// Refuses types of events and a service that never were, with what was probably meant.
  ///
  /// Only that is told here: what else is wrong with the database the command itself runs into.
  func requireKnown(_ filter: EventFilter) async throws {
    let services = [filter.service].compactMap(\.self)
    guard !filter.types.isEmpty || !services.isEmpty else { return }
    let reports = try ReportDatabase(url: url, schema: schema, connectionsMax: 1)
    do {
      try await reports.check(eventTypes: filter.types, services: services)
    } catch  where error.code == .invalidParameter {
      await reports.shutDown()
      throw CommandError(error.description)
    } catch {}
    await reports.shutDown()
  }

  /// A worker waits for a database that is away or not migrated, for ever. A person who has typed a
  /// command would rather be told.
  func requireMigrated() async throws {
    let waiting = try await migrator().dryRun(.pre)
    guard waiting.isEmpty else {
      throw CommandError(
        "the database is not migrated: run `analytics migrate` with the same database options")
    }
  }
}
