package import AnalyticsPostgres
public import ServiceLifecycle
internal import Synchronization

/// One schema of one database that holds analytics, and the connections to it.
///
/// Make one for each login, and another one for a pooler's address if there is a pooler. Pass it to
/// everything that uses the database:
///
/// ```swift
/// let database = try AnalyticsDatabase(url: databaseURL)
/// let analytics = try AnalyticsClient(service: "platform", sink: PostgresEventSink(database))
/// let usage = UsageTracker(sink: PostgresUsageSink(database))
/// let group = ServiceGroup(
///   services: [database, AnalyticsWorker(analytics), UsageWorker(usage), UsagePeriods(database)],
///   logger: logger)
/// ```
///
/// A connection is opened when it is first needed. Each kind of use has connections of its own, so
/// that no report delays the storing of events. The limits are:
///
/// - two to store events, for all sinks with the same statement timeout together, and one to roll
///   events up
/// - two for usage counters and their periods
/// - two for a server's keys, readiness and received telemetry
/// - two for telemetry that is sent
/// - for reports as many as their reader asks for, four by default
///
/// A server and a `ReportDatabase` share the connections for reports only if their limits are the
/// same. Migrations, maintenance and erasure each open one connection for as long as they run.
///
/// As a service it closes the connections at graceful shutdown. A service group shuts down in
/// reverse order, so list the database before the services that use it. Connections also close when
/// the last reference to the database is released.
public final class AnalyticsDatabase: Service {
  package let configuration: PostgresConfiguration
  /// The schema that was passed in; `nil` for the first existing one of `search_path`.
  package let wantedSchema: String?
  private let pools = Mutex(Pools())

  private struct Pools {
    var byUse: [PoolUse: PostgresPool] = [:]
    var isShutDown = false
  }

  /// Makes a database object. It connects at the first use.
  ///
  /// - Parameters:
  ///   - url: `postgres://user:password@host:port/database`.
  ///   - schema: The schema of the tables. By default the first existing one of `search_path`.
  /// - Throws: ``StoreError/Code/configuration`` if the URL cannot be parsed.
  public convenience init(url: String, schema: String? = nil) throws(StoreError) {
    do {
      self.init(try PostgresConfiguration(url: url), schema: schema)
    } catch {
      throw StoreError(.configuration, error.description, cause: error)
    }
  }

  package init(_ configuration: PostgresConfiguration, schema: String? = nil) {
    self.configuration = configuration
    wantedSchema = schema
  }

  /// The server and database as `host:port/database`, without user and password.
  public var destination: String { configuration.destination }

  /// Waits for the graceful shutdown of its service group, then closes the connections.
  ///
  /// If the group is cancelled instead, all services end at once and some may still be storing what
  /// they hold. In that case this returns without closing; the connections close when the last
  /// reference to the database is released.
  public func run() async {
    do { try await gracefulShutdown() } catch { return }
    await shutDown()
  }

  /// Closes idle connections at once and busy ones when their work is done. Returns when all are
  /// closed. Every later use throws.
  public func shutDown() async {
    let all = pools.withLock { pools in
      pools.isShutDown = true
      return Array(pools.byUse.values)
    }
    await withTaskGroup { group in
      for pool in all { group.addTask { await pool.shutDown() } }
    }
  }
}

extension AnalyticsDatabase {
  /// Returns the pool for one kind of use. It is created at the first call.
  package func pool(_ use: PoolUse) -> PostgresPool {
    pools.withLock { pools in
      if let pool = pools.byUse[use] { return pool }
      let pool = PostgresPool(
        use.configured(configuration), limits: use.limits, isShutDown: pools.isShutDown)
      pools.byUse[use] = pool
      return pool
    }
  }

  /// Runs `body` in a READ COMMITTED transaction in which unqualified names refer to the schema.
  ///
  /// - Parameter provesEarlier: See
  ///   ``PostgresConnection/transaction(isolation:readOnly:provesEarlier:deadline:_:)``.
  package func write<Result: Sendable>(
    _ use: PoolUse, provesEarlier: Bool = false,
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await pool(use).withConnection { connection in
      try await connection.transaction(isolation: .readCommitted, provesEarlier: provesEarlier) {
        connection in
        try await useSchema(on: connection)
        return try await body(connection)
      }
    }
  }

  /// Runs `body` in a read-only transaction in which unqualified names refer to the schema.
  package func read<Result>(
    on connection: PostgresConnection, isolation: PostgresIsolation = .readCommitted,
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await connection.transaction(isolation: isolation, readOnly: true) { connection in
      try await useSchema(on: connection)
      return try await body(connection)
    }
  }

  /// Sets `search_path` to the schema until the transaction ends. Does nothing if no schema was
  /// passed in.
  ///
  /// The setting is per transaction because PgBouncer rejects settings in the connection's startup
  /// packet, and would pass session settings on to other clients.
  package func useSchema(on connection: PostgresConnection) async throws(PostgresError) {
    guard let wantedSchema else { return }
    _ = try await connection.query(
      "SELECT set_config('search_path', quote_ident(\(wantedSchema)), true)")
  }

  /// Opens a connection for `body` alone and closes it afterwards. It is meant for work that takes
  /// long, or that needs the same server session from beginning to end.
  package func withSession<Result>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    guard !pools.withLock({ $0.isShutDown }) else {
      throw PostgresError(
        .poolClosed, "the database was shut down", destination: configuration.destination)
    }
    return try await PostgresConnection.withConnection(to: configuration, body)
  }

  /// Returns the schema of the tables.
  ///
  /// - Throws: ``StoreError/Code/noSchema``, or a `PostgresError`.
  package func schema(on connection: PostgresConnection) async throws -> SchemaName {
    if let wantedSchema { return SchemaName(name: wantedSchema) }
    let current: String? = try await connection.query("SELECT current_schema()::text").value()
    guard let current else {
      throw StoreError(
        .noSchema,
        "no schema of search_path exists at \(connection.destination): create one or name it")
    }
    return SchemaName(name: current)
  }
}
