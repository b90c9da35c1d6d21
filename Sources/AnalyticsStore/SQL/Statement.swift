internal import AnalyticsPostgres
internal import AnalyticsText

/// A statement of `statements.sql`.
enum Statement: String, CaseIterable {
  case currentSchema = "current_schema"
  case serverVersion = "server_version"
  case schemaExists = "schema_exists"
  case serverEncoding = "server_encoding"
  case createMigrationsTable = "create_migrations_table"
  case tableExists = "table_exists"
  case selectMigrations = "select_migrations"
  case insertMigration = "insert_migration"
  case ensurePartitions = "ensure_partitions"
  case beginIngest = "begin_ingest"
  case compressedRanges = "compressed_ranges"
  case installation
  case ingestBounds = "ingest_bounds"
  case transactionStatus = "transaction_status"
  case copyEvents = "copy_events"
  case insertNewEvents = "insert_new_events"
  case countSuppressed = "count_suppressed"
  case setAside = "set_aside"
  case selectDeadLetters = "select_dead_letters"
  case countDeadLetters = "count_dead_letters"
  case deleteDeadLetters = "delete_dead_letters"
  case purgeDeadLetters = "purge_dead_letters"
  case dropExpiredDeadLetters = "drop_expired_dead_letters"
  case engine
  case timescaleAvailability = "timescale_availability"
  case engineVersion = "engine_version"
  case spacePlain = "space_plain"
  case spaceTimescale = "space_timescale"
  case timescaleJobs = "timescale_jobs"
  case compressionColumns = "compression_columns"
  case hasPartitions = "has_partitions"
  case raiseBoundary = "raise_boundary"
  case dropChunks = "drop_chunks"
  case expiredChunks = "expired_chunks"
  case makePartitionsAhead = "make_partitions_ahead"
  case doomPartitions = "doom_partitions"
  case droppedBefore = "dropped_before"
  case ingestsUnderWay = "ingests_under_way"
  case partitionsToDrop = "partitions_to_drop"
  case workAsOwner = "work_as_owner"
  case ownerSteps = "owner_steps"
  case ownerJobSteps = "owner_job_steps"
  case missingRoles = "missing_roles"
  case grantedRoles = "granted_roles"
  case grantWriter = "grant_writer"
  case grantReader = "grant_reader"
  case registerRollup = "register_rollup"
  case rollupMark = "rollup_mark"
  case dropRollupViews = "drop_rollup_views"
  case grantRollups = "grant_rollups"
  case nextPendingRollup = "next_pending_rollup"
  case takePendingRollup = "take_pending_rollup"
  case selectNewestRollups = "select_newest_rollups"
  case rollupStatus = "rollup_status"
  case forgetDroppedPartition = "forget_dropped_partition"
  case createKey = "create_key"
  case selectKeys = "select_keys"
  case revokeKey = "revoke_key"

  /// The SQL of a statement that names no table of ours.
  var text: String { Self.file[rawValue] }

  /// The SQL with `schema` put in, and whatever other words it has.
  func text(in schema: SchemaName, _ words: [String: String] = [:]) -> String {
    text.filling(words.merging(["schema": schema.quoted]) { $1 })
  }

  private static let file = NamedStatements(file: PackageResources.statements_sql)
}
