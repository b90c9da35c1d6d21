public import AnalyticsCatalogue
package import AnalyticsPostgres
public import Logging

/// Brings a database to the schema that this version needs.
///
/// ```swift
/// let applied = try await Migrator(url: databaseURL).apply()
/// ```
///
/// Any number of processes may do so at once: one applies, the others wait and find it done. Each
/// migration is applied and recorded in one transaction, so what fails or is killed leaves either
/// the whole of it or nothing. The records are in `analytics_migrations`, in the same schema.
///
/// Connect to the server itself: behind PgBouncer in transaction mode a session's lock does not
/// hold, and what writes throws.
public struct Migrator: Sendable {
  let configuration: PostgresConfiguration
  let schema: String?
  let migrations: [Migration]
  let engine: EngineChoice
  let rollups: [Rollup]
  let lockTimeout: Duration
  let logger: Logger

  /// Makes a migrator for the analytics schema.
  ///
  /// - Parameters:
  ///   - url: `postgres://user:password@host:port/database`.
  ///   - schema: Where the tables go; it is created if missing. By default the first of
  ///     `search_path`.
  ///   - engine: What keeps the events.
  ///   - rollups: Your own, besides the built-in ones.
  ///   - lockTimeout: How long to wait for another process that is migrating.
  /// - Throws: ``MigrationError/Code/connection`` if the URL cannot be understood.
  public init(
    url: String, schema: String? = nil, engine: EngineChoice = .auto, rollups: [Rollup] = [],
    lockTimeout: Duration = .seconds(600),
    logger: Logger = Logger(label: "analytics.migrate")
  ) throws(MigrationError) {
    do {
      let configuration = try PostgresConfiguration(url: url)
      self.init(
        configuration, schema: schema, migrations: Migration.all, engine: engine,
        rollups: rollups, lockTimeout: lockTimeout, logger: logger)
    } catch {
      throw .connection(error)
    }
  }

  /// - Parameter migrations: In any order; two with one version are a programmer's error.
  package init(
    _ configuration: PostgresConfiguration, schema: String? = nil,
    migrations: [Migration] = Migration.all, engine: EngineChoice = .auto, rollups: [Rollup] = [],
    lockTimeout: Duration = .seconds(600),
    logger: Logger = Logger(label: "analytics.migrate")
  ) {
    self.configuration = configuration
    self.schema = schema
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
  public func status() async throws(MigrationError) -> [MigrationStatus] {
    try await history().statuses
  }

  /// What ``apply(_:)`` would apply now, in order.
  ///
  /// - Throws: What ``apply(_:)`` would throw before it applied anything.
  public func dryRun(
    _ selection: MigrationSelection = .all
  ) async throws(MigrationError) -> [MigrationStatus] {
    let history = try await history()
    let versions = Set(try history.pending(selection).map(\.version))
    return history.statuses.filter { versions.contains($0.version) }
  }

  /// What keeps the events; `nil` while there is no table.
  public func storageEngine() async throws(MigrationError) -> StorageEngine? {
    try await connected { session in
      try await EnginePlace.read(session.schema, on: session.connection)?.engine
    }
  }

  private func history() async throws(MigrationError) -> MigrationHistory {
    try await connected { session in try await session.readOnlyHistory(migrations) }
  }
}

// MARK: - Writing

extension Migrator {
  /// Applies what waits, in order of version, as the role that owns the tables (see
  /// ``setOwner(_:)``).
  ///
  /// - Returns: What this call applied; empty if nothing waited, or another process was faster.
  /// - Throws: ``MigrationError``. Each migration before the one that failed stays applied.
  @discardableResult
  public func apply(
    _ selection: MigrationSelection = .all
  ) async throws(MigrationError) -> [MigrationStatus] {
    let applied = try await connected { session in
      try await session.connection.withAdvisoryLock(Self.lockKey, timeout: lockTimeout) {
        try await session.connection.ignoreSessionDefaults()
        try await session.connection.workAsOwner(of: session.schema)
        let applied = try await apply(selection, in: session)
        try await EngineSelection(session: session, choice: engine, logger: logger).apply()
        if try await session.hasRollups() {
          try await RollupInstaller(session: session, rollups: rollups, logger: logger).apply()
        }
        if !applied.isEmpty,
          try await session.readOnlyHistory(migrations).pending(.pre).isEmpty
        {
          try await session.grantToRolesAgain()
        }
        return applied
      }
    }
    try await fillInRollups()
    return applied
  }

  /// Without the lock: it may take a while, and others may help.
  private func fillInRollups() async throws(MigrationError) {
    let ranges = try await connected { session in
      try await session.connection.workAsOwner(of: session.schema)
      guard try await session.hasRollups() else { return 0 }
      return try await RollupBackfill(
        connection: session.connection, schema: session.schema,
        registered: try await session.newestRollups()
      ).run { left in
        if left % 100 == 0 {
          logger.info("rollups are computed", metadata: ["analytics.ranges.left": "\(left)"])
        }
      }
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
      try await session.apply(migration)
      logger.info(
        "migration applied", metadata: ["analytics.migration": "\(migration.title)"])
    }
    let versions = Set(pending.map(\.version))
    return try await session.history(migrations).statuses.filter { versions.contains($0.version) }
  }

  func connected<Result>(
    _ body: (MigrationSession) async throws -> Result
  ) async throws(MigrationError) -> Result {
    do {
      let connection = try await PostgresConnection.connect(configuration)
      do {
        try await requireSupported(connection)
        guard let schema = try await SchemaName.resolve(schema, on: connection) else {
          throw MigrationError.noSchema
        }
        let result = try await body(MigrationSession(connection: connection, schema: schema))
        await connection.close()
        return result
      } catch {
        await connection.close()
        throw error
      }
    } catch let error as MigrationError {
      throw error
    } catch let error as PostgresError {
      throw .connection(error)
    } catch {
      // Waiting for the lock was cancelled.
      throw MigrationError(
        code: .connection, description: "cannot migrate: cancelled while waiting for the lock")
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
      throw MigrationError.tooOld(try version.decode(String.self, "text"), connection.destination)
    }
  }

  /// PostgreSQL 15.
  static let oldestServer = 150_000

  /// One for all schemas of a database: CREATE INDEX CONCURRENTLY in two schemas at once waits for
  /// one another's snapshots. The bytes of "analytic".
  static let lockKey: Int64 = 0x616e_616c_7974_6963
}
