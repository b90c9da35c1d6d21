import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsStore

extension AnalyticsDatabase {
  /// Reads in one transaction, whose statements find the tables without a schema before their names.
  func read<Result>(
    on connection: PostgresConnection, isolation: PostgresIsolation = .readCommitted,
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await connection.transaction(isolation: isolation, readOnly: true) { connection in
      try await useSchema(on: connection)
      return try await body(connection)
    }
  }

  /// Refuses types of events and a service that never were, with what was probably meant.
  ///
  /// Only that is told here: what else is wrong with the database the command itself runs into.
  func requireKnown(_ filter: EventFilter) async throws {
    let services = [filter.service].compactMap(\.self)
    guard !filter.types.isEmpty || !services.isEmpty else { return }
    do {
      try await ReportDatabase(self, connectionsMax: 1).check(
        eventTypes: filter.types, services: services)
    } catch  where error.code == .invalidParameter {
      throw CommandError(error.description)
    } catch {}
  }

  /// A worker waits for a database that is away or not migrated, for ever. A person who has typed a
  /// command would rather be told.
  func requireMigrated() async throws {
    let waiting = try await Migrator(self).dryRun(.pre)
    guard waiting.isEmpty else {
      throw CommandError(
        "the database is not migrated: run `analytics migrate` with the same database options")
    }
  }
}
