import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsStore

extension AnalyticsDatabase {
  /// Reads in a transaction in which statements find the tables without naming a schema.
  func read<Result>(
    on connection: PostgresConnection, isolation: PostgresIsolation = .readCommitted,
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await connection.transaction(isolation: isolation, readOnly: true) { connection in
      try await useSchema(on: connection)
      return try await body(connection)
    }
  }

  /// Refuses event types and services that no event ever had, and suggests the names that were
  /// probably meant.
  ///
  /// Other failures are ignored here: the command itself will run into them and report them.
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

  /// Throws if the database is not migrated. A worker would wait for the migration forever; a
  /// person who typed a command should be told.
  func requireMigrated() async throws {
    let waiting = try await Migrator(self).dryRun(.pre)
    guard waiting.isEmpty else {
      throw CommandError(
        "the database is not migrated: run `analytics migrate` with the same database options")
    }
  }
}
