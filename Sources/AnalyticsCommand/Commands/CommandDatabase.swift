import AnalyticsPostgres
import AnalyticsStore

/// The database of a command, and the schema in it.
struct CommandDatabase: Sendable {
  let url: String
  /// `nil` for the first of `search_path`.
  let schema: String?

  func sink() throws -> PostgresEventSink { try PostgresEventSink(url: url, schema: schema) }
  func migrator() throws -> Migrator { try Migrator(url: url, schema: schema) }

  /// A connection whose statements find the tables without a schema before their names.
  func connect() async throws(PostgresError) -> PostgresConnection {
    var configuration = try PostgresConfiguration(url: url)
    if let schema {
      // libpq splits options at spaces that no backslash protects.
      let quoted = "\"\(schema.replacing("\"", with: "\"\""))\""
      let escaped = quoted.replacing("\\", with: "\\\\").replacing(" ", with: "\\ ")
      configuration.parameters["options"] = "-csearch_path=\(escaped)"
    }
    return try await PostgresConnection.connect(configuration)
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
