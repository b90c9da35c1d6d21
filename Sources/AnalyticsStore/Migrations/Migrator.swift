public import AnalyticsCatalogue
public import AnalyticsConnections
internal import AnalyticsPostgres
public import Logging

/// Brings a database to the schema that this version needs.
///
/// ```swift
/// let applied = try await Migrator(database).apply()
/// ```
///
/// Any number of processes may do so at once: one applies, the others wait and find it done. Each
/// migration is applied and recorded in one transaction, so what fails or is killed leaves either
/// the whole of it or nothing. The records are in `analytics_migrations`, in the same schema.
///
/// Connect to the server itself: behind PgBouncer in transaction mode a session's lock does not
/// hold, and what writes throws.
public struct Migrator: Sendable {
  let database: AnalyticsDatabase
  let migrations: [Migration]
  let engine: EngineChoice
  let rollups: [Rollup]
  let lockTimeout: Duration
  let logger: Logger

  /// Makes a migrator for the analytics schema. The schema that the database was made with is created if
  /// it is missing.
  ///
  /// - Parameters:
  ///   - engine: What keeps the events.
  ///   - rollups: Your own, besides the built-in ones.
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

  /// - Parameter migrations: In any order; two with one version are a programmer's error.
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
  /// Where each migration stands, those included that only a newer version knows.
  public func status() async throws(StoreError) -> [MigrationStatus] {
    try await history().statuses
  }

  /// What ``apply(_:)`` would apply now, in order.
  ///
  /// - Throws: What ``apply(_:)`` would throw before it applied anything.
  public func dryRun(
    _ selection: MigrationSelection = .all
  ) async throws(StoreError) -> [MigrationStatus] {
    let history = try await history()
    let versions = Set(try history.pending(selection).map(\.version))
    return history.statuses.filter { versions.contains($0.version) }
  }

  /// What keeps the events; `nil` while there is no table.
  public func storageEngine() async throws(StoreError) -> StorageEngine? {
    try await connected(doing: Self.look) { session in
      try await EnginePlace.read(session.schema, on: session.connection)?.engine
    }
  }

  private func history() async throws(StoreError) -> MigrationHistory {
    try await connected(doing: Self.look) { session in
      try await session.readOnlyHistory(migrations)
    }
  }

  static let look = "the look at what is migrated"
}

// MARK: - Writing

extension Migrator {
  /// Applies what waits, in order of version, as the role that owns the tables (see
  /// ``setOwner(_:)``).
  ///
  /// Then the rollups are made that are missing, and computed for what is stored. On a database without any, `pre`
  /// leaves them to `post`; see ``MigrationSelection``.
  ///
  /// - Returns: What this call applied; empty if nothing waited, or another process was faster.
  /// - Throws: ``StoreError``. Each migration before the one that failed stays applied.
  @discardableResult
  public func apply(
    _ selection: MigrationSelection = .all
  ) async throws(StoreError) -> [MigrationStatus] {
    let applied = try await connected { session in
      try await session.connection.withAdvisoryLock(Self.lockKey, timeout: lockTimeout) {
        try await session.connection.ignoreSessionDefaults()
        try await session.connection.workAsOwner(of: session.schema)
        let applied = try await apply(selection, in: session)
        // Before anything that may refuse: who stores and reads needs what was applied.
        if !applied.isEmpty,
          try await session.readOnlyHistory(migrations).pending(.pre).isEmpty
        {
          try await session.grantToRolesAgain()
        }
        if selection.includes(.pre) {
          try await EngineSelection(session: session, choice: engine, logger: logger).apply()
        }
        // A newer version's rollups are kept by other SQL than ours.
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

  /// Rollups come after the roll-out, as what takes long does. Where there are some, a new definition of one comes
  /// before it: the reports of new binaries read it, and those of old ones do not mind.
  private func includesRollups(
    _ selection: MigrationSelection, in session: MigrationSession
  ) async throws -> Bool {
    selection.includes(.post)
      ? try await session.canHoldRollups() : try await session.hasRollups()
  }

  /// Without the lock: it may take a while, and others may help.
  private func fillInRollups(_ selection: MigrationSelection) async throws(StoreError) {
    let ranges = try await connected { session in
      try await session.connection.workAsOwner(of: session.schema)
      guard try await session.hasRollups() else { return 0 }
      let ranges = try await RollupBackfill(
        connection: session.connection, schema: session.schema
      ).run { left in
        if left % 100 == 0 {
          logger.info("rollups are computed", metadata: ["analytics.ranges.left": "\(left)"])
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
        // No commit is without the views that read what it made.
        if migration.version == pending.last?.version {
          try await installer(session).deriveAgain()
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

  /// - Parameter task: What is done, for errors.
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
      // Who migrates has to know what is missing.
      guard error.code == .notMigrated, let cause = error.cause else { throw error }
      throw StoreError(.failed, "\(task) failed: \(cause)", cause: cause)
    }
  }

  private func requireSupported(_ connection: PostgresConnection) async throws {
    // Not as the connection began with: a pooler may have said that.
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

  /// One for all schemas of a database: CREATE INDEX CONCURRENTLY in two schemas at once waits for
  /// one another's snapshots. The bytes of "analytic".
  static let lockKey: Int64 = 0x616e_616c_7974_6963
}
