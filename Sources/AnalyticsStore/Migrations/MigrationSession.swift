internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import Foundation

/// A connection that runs migrations in one schema, and reads and writes their records.
struct MigrationSession {
  let connection: PostgresConnection
  let schema: SchemaName

  /// Reads the applied migrations in a read-only transaction.
  func readOnlyHistory(_ migrations: [Migration]) async throws -> MigrationHistory {
    try await connection.transaction(readOnly: true) { _ in try await history(migrations) }
  }

  func history(_ migrations: [Migration]) async throws(PostgresError) -> MigrationHistory {
    guard try await hasTable("analytics_migrations") else {
      return MigrationHistory(known: migrations, records: [])
    }
    let rows = try await connection.query(
      """
      SELECT version, name, phase, checksum, applied_at
      FROM \(schema).analytics_migrations ORDER BY version
      """)
    var records: [MigrationRecord] = []
    for row in rows { records.append(try MigrationRecord(row)) }
    return MigrationHistory(known: migrations, records: records)
  }

  /// Returns whether the migrations that rollups need have been applied.
  func canHoldRollups() async throws(PostgresError) -> Bool {
    try await hasTable("analytics_pending")
  }

  func hasRollups() async throws(PostgresError) -> Bool {
    guard try await canHoldRollups() else { return false }
    return try await connection.query("SELECT EXISTS (SELECT FROM \(schema).analytics_rollups)")
      .value()
  }

  private func hasTable(_ name: String) async throws(PostgresError) -> Bool {
    try await connection.query("SELECT to_regclass(\(schema.quoted + "." + name)) IS NOT NULL")
      .value()
  }

  /// Events may contain any text, so the database's encoding has to be UTF-8.
  func requireUnicode() async throws {
    let encoding: String = try await connection.query(
      "SELECT current_setting('server_encoding')"
    ).value()
    guard encoding == "UTF8" else { throw StoreError.encoding(encoding) }
  }

  /// Creates the schema and the table of records if they are missing.
  func prepare() async throws(PostgresError) {
    // CREATE SCHEMA needs a privilege even if the schema exists and IF NOT EXISTS is given.
    let exists: Bool = try await connection.query(
      "SELECT to_regnamespace(\(schema.quoted)) IS NOT NULL"
    ).value()
    if !exists { try await connection.execute("CREATE SCHEMA \(schema)") }
    // The records do not say who applied a migration or from where, since dumps of this database
    // may be passed on.
    try await connection.execute(
      """
      CREATE TABLE IF NOT EXISTS \(schema).analytics_migrations (
          version    integer     PRIMARY KEY CHECK (version > 0),
          name       text        NOT NULL,
          phase      text        NOT NULL CHECK (phase IN ('pre', 'post')),
          checksum   text        NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )
      """)
  }

  /// Applies a migration and records it.
  ///
  /// - Parameter after: Called before the migration is recorded, in the same transaction; not
  ///   called for a migration without a transaction.
  func apply(_ migration: Migration, after: () async throws -> Void) async throws {
    do {
      if migration.isTransactional {
        try await connection.transaction { _ in
          try await connection.execute(.names(in: schema, isLocal: true))
          try await connection.execute(SQL(verbatim: migration.sql))
          try await after()
          try await record(migration)
        }
      } else {
        try await connection.execute(.names(in: schema, isLocal: false))
        try await connection.execute(SQL(verbatim: migration.sql))
        try await record(migration)
      }
    } catch let error as PostgresError {
      throw StoreError.failed(migration, error)
    }
  }

  private func record(_ migration: Migration) async throws(PostgresError) {
    _ = try await connection.query(
      """
      INSERT INTO \(schema).analytics_migrations (version, name, phase, checksum)
      VALUES (\(migration.version), \(migration.name), \(migration.phase.rawValue),
              \(migration.checksum))
      """)
  }
}

extension MigrationRecord {
  fileprivate init(_ row: PostgresRow) throws(PostgresError) {
    version = try row.decode(Int.self, "version")
    name = try row.decode(String.self, "name")
    phase = MigrationPhase(rawValue: try row.decode(String.self, "phase")) ?? .pre
    checksum = try row.decode(String.self, "checksum")
    appliedAt = try row.decode(Date.self, "applied_at")
  }
}
