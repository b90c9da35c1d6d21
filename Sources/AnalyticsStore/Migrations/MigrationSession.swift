internal import AnalyticsPostgres
internal import Foundation

/// A connection that reads and writes the records of one schema, and runs migrations in it.
struct MigrationSession {
  let connection: PostgresConnection
  let schema: SchemaName

  /// What was applied, read in a transaction that cannot write.
  func readOnlyHistory(_ migrations: [Migration]) async throws -> MigrationHistory {
    try await connection.transaction(readOnly: true) { _ in try await history(migrations) }
  }

  func history(_ migrations: [Migration]) async throws(PostgresError) -> MigrationHistory {
    let table = "\(schema.quoted).analytics_migrations"
    let exists: Bool = try await connection.query(
      Statement.tableExists.text, [.text(table)]
    ).only().decode(at: 0)
    guard exists else { return MigrationHistory(known: migrations, records: []) }
    let rows = try await connection.query(Statement.selectMigrations.text(in: schema))
    var records: [MigrationRecord] = []
    for row in rows { records.append(try MigrationRecord(row)) }
    return MigrationHistory(known: migrations, records: records)
  }

  /// Whether the migration is applied that rollups need.
  func hasRollups() async throws -> Bool {
    try await connection.query(
      Statement.tableExists.text, [.text("\(schema.quoted).analytics_rollups")]
    ).only().decode(at: 0)
  }

  /// Events hold any text, so their database has to.
  func requireUnicode() async throws {
    let encoding: String = try await connection.query(Statement.serverEncoding.text).only()
      .decode(at: 0)
    guard encoding == "UTF8" else { throw MigrationError.encoding(encoding) }
  }

  /// Makes the schema and the table of records where they are missing.
  func prepare() async throws(PostgresError) {
    // CREATE SCHEMA wants its right even IF NOT EXISTS has nothing to do.
    let exists: Bool = try await connection.query(
      Statement.schemaExists.text, [.text(schema.quoted)]
    ).only().decode(at: 0)
    if !exists { try await connection.execute("CREATE SCHEMA \(schema.quoted)") }
    try await connection.execute(Statement.createMigrationsTable.text(in: schema))
  }

  func apply(_ migration: Migration) async throws {
    do {
      if migration.isTransactional {
        try await connection.transaction { _ in
          try await connection.execute("SET LOCAL search_path = \(schema.quoted), pg_temp")
          try await connection.execute(migration.sql)
          try await record(migration)
        }
      } else {
        try await connection.execute("SET search_path = \(schema.quoted), pg_temp")
        try await connection.execute(migration.sql)
        try await record(migration)
      }
    } catch let error as PostgresError {
      throw MigrationError.failed(migration, error)
    }
  }

  private func record(_ migration: Migration) async throws(PostgresError) {
    _ = try await connection.query(
      Statement.insertMigration.text(in: schema),
      [
        .int4(Int32(migration.version)), .text(migration.name), .text(migration.phase.rawValue),
        .text(migration.checksum),
      ])
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
