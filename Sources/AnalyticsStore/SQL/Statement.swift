/// A statement of `statements.sql`.
enum Statement: String, CaseIterable {
  case currentSchema = "current_schema"
  case schemaExists = "schema_exists"
  case createMigrationsTable = "create_migrations_table"
  case migrationsTableExists = "migrations_table_exists"
  case selectMigrations = "select_migrations"
  case insertMigration = "insert_migration"
  case ensurePartitions = "ensure_partitions"
  case beginIngest = "begin_ingest"
  case ingestBounds = "ingest_bounds"
  case transactionStatus = "transaction_status"
  case copyEvents = "copy_events"
  case insertNewEvents = "insert_new_events"
  case engine
  case timescaleAvailability = "timescale_availability"
  case hasPartitions = "has_partitions"
  case raiseBoundary = "raise_boundary"
  case dropChunks = "drop_chunks"
  case expiredChunks = "expired_chunks"
  case makePartitionsAhead = "make_partitions_ahead"
  case doomPartitions = "doom_partitions"
  case droppedBefore = "dropped_before"
  case ingestsUnderWay = "ingests_under_way"
  case partitionsToDrop = "partitions_to_drop"
  case missingRoles = "missing_roles"
  case grantRights = "grant_rights"
  case forgetDroppedPartition = "forget_dropped_partition"

  /// The SQL of a statement that names no table of ours.
  var text: String { Self.texts[rawValue] ?? "" }

  /// The SQL with `schema` put in.
  func text(in schema: SchemaName) -> String {
    text.replacing("{schema}", with: schema.quoted)
  }

  /// By name. Comments go, so that what the server logs is the statement alone.
  private static let texts: [String: String] = {
    let marker = "-- name: "
    var texts: [String: String] = [:]
    var name: String?
    let file = String(decoding: PackageResources.statements_sql, as: UTF8.self)
    for line in file.split(separator: "\n") {
      if line.hasPrefix(marker) {
        name = String(line.dropFirst(marker.count))
      } else if let name, !line.hasPrefix("--") {
        texts[name, default: ""] += (texts[name] == nil ? "" : "\n") + line
      }
    }
    return texts
  }()
}
