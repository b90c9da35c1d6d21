public import AnalyticsConnections
internal import AnalyticsPostgres
public import AnalyticsRollups
public import Logging

/// Migrates a database to the schema that this version needs.
///
/// ```swift
/// let applied = try await Migrator(database).apply()
/// ```
///
/// Any number of processes may call this at once: one applies the migrations, the others wait and
/// find nothing left to do. Each migration is applied and recorded in one transaction, so a
/// migration that fails or is killed leaves nothing behind. The records are in
/// `analytics_migrations`, in the same schema.
///
/// Connect to the server itself: behind PgBouncer in transaction mode a session's lock does not
/// hold, and methods that write throw.
public struct Migrator: Sendable {
  let database: AnalyticsDatabase
  let migrations: [Migration]
  let engine: EngineChoice
  let rollups: [Rollup]
  let lockTimeout: Duration
  let logger: Logger

  /// Makes a migrator for the analytics schema. If the schema that the database object names is
  /// missing, ``apply(_:)`` creates it.
  ///
  /// - Parameters:
  ///   - engine: The engine that should keep the events.
  ///   - rollups: Your own rollups, in addition to the built-in ones.
  ///   - lockTimeout: How long to wait for another process that is migrating.
  public init(
    _ database: AnalyticsDatabase, engine: EngineChoice = .auto, rollups: [Rollup] = [],
    lockTimeout: Duration = .seconds(600),
    logger: Logger = Logger(label: "analytics.migrate")
  ) {
    self.init(
      database, migrations: Migration.all, engine: engine, rollups: rollups,
      lockTimeout: lockTimeout, logger: logger)
  }

  /// - Parameter migrations: In any order. Two migrations with the same version are a programming
  ///   error and trap.
  package init(
    _ database: AnalyticsDatabase, migrations: [Migration], engine: EngineChoice = .auto,
    rollups: [Rollup] = [], lockTimeout: Duration = .seconds(600),
    logger: Logger = Logger(label: "analytics.migrate")
  ) {
    self.database = database
    self.migrations = migrations
    self.engine = engine
    self.rollups = Rollup.builtIn + rollups
    self.lockTimeout = lockTimeout
    self.logger = logger
  }
}

// MARK: - Reading: these write nothing, and work on a standby

extension Migrator {
  /// Returns the status of each migration, including those that only a newer version knows.
  public func status() async throws(StoreError) -> [MigrationStatus] {
    try await history().statuses
  }

  /// Returns the migrations that ``apply(_:)`` would apply now, in order.
  ///
  /// - Throws: The errors that ``apply(_:)`` would throw before it applied anything.
  public func dryRun(
    _ selection: MigrationSelection = .all
  ) async throws(StoreError) -> [MigrationStatus] {
    let history = try await history()
    let versions = Set(try history.pending(selection).map(\.version))
    return history.statuses.filter { versions.contains($0.version) }
  }

  /// Returns the engine that keeps the events; `nil` if the table does not exist yet.
  package func storageEngine() async throws(StoreError) -> StorageEngine? {
    try await connected(doing: Self.readingState) { session in
      try await EngineLocation.read(session.schema, on: session.connection)?.engine
    }
  }

  private func history() async throws(StoreError) -> MigrationHistory {
    try await connected(doing: Self.readingState) { session in
      try await session.readOnlyHistory(migrations)
    }
  }

  static let readingState = "reading the state of the database"
}

// MARK: - Writing

extension Migrator {
  /// Applies the pending migrations in order of version, as the role that owns the tables (see
  /// ``setOwner(_:)``).
  ///
  /// Then it creates missing rollups and computes them for stored events. If the database has no
  /// rollups yet, `pre` leaves them to `post`; see ``MigrationSelection``.
  ///
  /// - Returns: The migrations that this call applied; empty if none were pending, or if another
  ///   process applied them.
  /// - Throws: ``StoreError``. Migrations that were applied before the error stay applied.
  @discardableResult
  public func apply(
    _ selection: MigrationSelection = .all
  ) async throws(StoreError) -> [MigrationStatus] {
    let applied = try await connected { session in
      try await session.connection.withAdvisoryLock(Self.lockKey, timeout: lockTimeout) {
        try await session.connection.ignoreSessionDefaults()
        try await session.connection.workAsOwner(of: session.schema)
        let applied = try await apply(selection, in: session)
        // Grants come before the steps that may fail, since writers and readers need the new
        // objects.
        if !applied.isEmpty,
          try await session.readOnlyHistory(migrations).pending(.pre).isEmpty
        {
          try await session.grantToRolesAgain()
        }
        if selection.includes(.pre) {
          try await EngineSelection(session: session, choice: engine, logger: logger).apply()
        }
        // A newer version maintains its rollups with other SQL than this one.
        if try await includesRollups(selection, in: session),
          !(try await session.readOnlyHistory(migrations).isNewer)
        {
          try await installer(session).apply()
        }
        return applied
      }
    }
    try await fillInRollups(selection)
    return applied
  }

  /// Rollups are created after the roll-out, since computing them takes long. But if the database
  /// has rollups, a new definition is installed before it: the reports of new binaries need it, and
  /// those of old ones can work with it.
  private func includesRollups(
    _ selection: MigrationSelection, in session: MigrationSession
  ) async throws -> Bool {
    selection.includes(.post)
      ? try await session.canHoldRollups() : try await session.hasRollups()
  }

  /// Computes the rollups for stored events. It does so without the lock, since it may take a
  /// while, and other processes may share the work.
  private func fillInRollups(_ selection: MigrationSelection) async throws(StoreError) {
    let ranges = try await connected { session in
      try await session.connection.workAsOwner(of: session.schema)
      guard try await session.hasRollups() else { return 0 }
      let ranges = try await RollupBackfill(
        connection: session.connection, schema: session.schema
      ).run { left in
        if left % 100 == 0 {
          logger.info("computing rollups", metadata: ["analytics.ranges.left": "\(left)"])
        }
      }.get()
      if selection.includes(.post) {
        try await session.connection.withAdvisoryLock(Self.lockKey, timeout: lockTimeout) {
          if try await !session.readOnlyHistory(migrations).isNewer {
            try await installer(session).dropReplaced()
          }
        }
      }
      return ranges
    }
    if ranges > 0 {
      logger.info(
        "rollups computed for stored events", metadata: ["analytics.ranges": "\(ranges)"])
    }
  }

  private func apply(
    _ selection: MigrationSelection, in session: MigrationSession
  ) async throws -> [MigrationStatus] {
    let pending = try await session.readOnlyHistory(migrations).pending(selection)
    guard !pending.isEmpty else { return [] }
    try await session.requireUnicode()
    try await session.prepare()
    for migration in pending {
      try await session.apply(migration) {
        // The views that read the new tables are created in the transaction of the last migration,
        // so that no commit lacks them.
        if migration.version == pending.last?.version {
          try await installer(session).recreateDerived()
        }
      }
      logger.info(
        "migration applied", metadata: ["analytics.migration": "\(migration.title)"])
    }
    let versions = Set(pending.map(\.version))
    return try await session.history(migrations).statuses.filter { versions.contains($0.version) }
  }

  private func installer(_ session: MigrationSession) -> RollupInstaller {
    RollupInstaller(session: session, rollups: rollups, logger: logger)
  }

  /// Runs `body` with a session on a supported server.
  ///
  /// - Parameter task: The name of the task in errors.
  func connected<Result>(
    doing task: String = "the migration", _ body: (MigrationSession) async throws -> Result
  ) async throws(StoreError) -> Result {
    do {
      return try await database.withSession { connection in
        try await requireSupported(connection)
        let schema = try await database.schema(on: connection)
        return try await body(MigrationSession(connection: connection, schema: schema))
      }
    } catch let error as PostgresError where error.code == .lockUnavailable {
      throw .locked(error)
    } catch {
      let error = StoreError(error, doing: task)
      // An operator who migrates needs to know which object is missing, so the error names the
      // cause.
      guard error.code == .notMigrated, let cause = error.cause else { throw error }
      throw StoreError(.failed, "\(task) failed: \(cause)", cause: cause)
    }
  }

  private func requireSupported(_ connection: PostgresConnection) async throws {
    // This asks the server, since the version from the start of the connection may be a pooler's.
    let version = try await connection.query(
      """
      SELECT current_setting('server_version_num')::int4 AS number,
             split_part(current_setting('server_version'), ' ', 1) AS text
      """
    ).only()
    guard try version.decode(Int.self, "number") >= Self.oldestServer else {
      throw StoreError.tooOld(try version.decode(String.self, "text"), connection.destination)
    }
  }

  /// PostgreSQL 15.
  static let oldestServer = 150_000

  /// The key of the advisory lock: the bytes of "analytic". All schemas of a database share it,
  /// since two CREATE INDEX CONCURRENTLY that run at once wait for each other's snapshots.
  static let lockKey: Int64 = 0x616e_616c_7974_6963
}
