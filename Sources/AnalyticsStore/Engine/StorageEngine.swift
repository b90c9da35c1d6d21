internal import AnalyticsConnections
internal import AnalyticsPostgres

/// What keeps the events.
public enum StorageEngine: String, Sendable {
  /// PostgreSQL's own partitions.
  case plain
  /// A hypertable of TimescaleDB, compressed after a week.
  case timescale
}

/// What should keep the events.
public enum EngineChoice: String, Sendable, CaseIterable {
  /// TimescaleDB where the server has its community edition and nothing is stored yet; else as it
  /// is.
  case auto
  /// PostgreSQL's own partitions.
  case plain
  /// TimescaleDB; what is stored on plain PostgreSQL is moved.
  case timescale
}

/// Where the events are at the moment, as the catalogue says: there is no record that could differ.
struct EnginePlace: Sendable {
  let engine: StorageEngine
  /// The schema of the extension, or what it would be where there is none.
  let extensionSchema: String

  /// - Returns: `nil` while there is no table.
  static func read(
    _ schema: SchemaName, on connection: PostgresConnection
  ) async throws(PostgresError) -> EnginePlace? {
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
    return EnginePlace(
      engine: try row.decode(Bool.self, "is_plain") ? .plain : .timescale,
      extensionSchema: try row.decode(String?.self, "extension_schema") ?? "public")
  }
}
