internal import AnalyticsConnections
internal import AnalyticsPostgres

/// The engine that keeps the events.
package enum StorageEngine: String, Sendable {
  /// The declarative partitions of PostgreSQL.
  case plain
  /// A hypertable of TimescaleDB, compressed after a week.
  case timescale
}

/// A choice of the engine that keeps the events.
public enum EngineChoice: String, Sendable, CaseIterable {
  /// TimescaleDB if the server has its community edition and no events are stored yet; otherwise no
  /// change.
  case auto
  /// The declarative partitions of PostgreSQL.
  case plain
  /// TimescaleDB. Events that are stored on plain PostgreSQL are moved.
  case timescale
}

/// The engine that keeps the events now, according to PostgreSQL's system catalogue. There is no
/// other record, so none can disagree with it.
struct EngineLocation: Sendable {
  let engine: StorageEngine
  /// The schema of the extension; `public` if the extension is not installed.
  let extensionSchema: String

  /// Reads the engine.
  ///
  /// - Returns: `nil` if the table does not exist yet.
  static func read(
    _ schema: SchemaName, on connection: PostgresConnection
  ) async throws(PostgresError) -> EngineLocation? {
    let rows = try await connection.query(
      """
      SELECT relkind = 'p' AS is_plain,
             (SELECT nspname FROM pg_catalog.pg_extension
              JOIN pg_catalog.pg_namespace AS n ON n.oid = extnamespace
              WHERE extname = 'timescaledb') AS extension_schema
      FROM pg_catalog.pg_class
      WHERE relname = 'analytics_events' AND relnamespace = to_regnamespace(\(schema.quoted))
      """)
    guard let row = rows.first else { return nil }
    return EngineLocation(
      engine: try row.decode(Bool.self, "is_plain") ? .plain : .timescale,
      extensionSchema: try row.decode(String?.self, "extension_schema") ?? "public")
  }
}
