package import AnalyticsPostgres
public import ServiceLifecycle
internal import Synchronization

/// Where analytics are: one schema of one database, and the connections to it.
///
/// Make one for each login, and one more for a pooler's address if there is a pooler, and hand it to all that
/// works with it:
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
/// Nothing connects before it is first used. Each kind of use has its own connections, at most so many at a
/// time, so that no report keeps an event waiting: two for all sinks of events, two for usage counters and
/// their periods, two for a server's keys, two for telemetry, and for reports as many as they are given, four
/// by default. A server and a `ReportDatabase` share connections for reports only if their limits are the same.
/// Migrations, upkeep and erasure open one each for as long as they work.
///
/// As a service it closes the connections at graceful shutdown. A service group shuts down in reverse order,
/// so the database comes before those that use it. Connections also close when nothing holds the database
/// any more.
public final class AnalyticsDatabase: Service {
  package let configuration: PostgresConfiguration
  /// The schema that was asked for; `nil` for the first of `search_path`.
  package let wantedSchema: String?
  private let pools = Mutex(Pools())

  private struct Pools {
    var byUse: [PoolUse: PostgresPool] = [:]
    var isShutDown = false
  }

  /// Names a database. Connects with the first use.
  ///
  /// - Parameters:
  ///   - url: `postgres://user:password@host:port/database`.
  ///   - schema: Where the tables are. By default the first of `search_path`.
  /// - Throws: ``StoreError/Code/configuration`` if the URL cannot be understood.
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

  /// `host:port/database`, without user and password.
  public var destination: String { configuration.destination }

  /// Waits for the graceful shutdown of its service group, and closes the connections.
  ///
  /// A group that is cancelled ends all services at once, some of which still store what they have: then the
  /// connections close when nothing holds the database any more.
  public func run() async {
    do { try await gracefulShutdown() } catch { return }
    await shutDown()
  }

  /// Closes idle connections at once and those in use when their work is done, and returns when all are
  /// closed. Every use afterwards throws.
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
  /// The connections for one kind of use.
  package func pool(_ use: PoolUse) -> PostgresPool {
    pools.withLock { pools in
      if let pool = pools.byUse[use] { return pool }
      let pool = PostgresPool(
        use.configured(configuration), limits: use.limits, isShutDown: pools.isShutDown)
      pools.byUse[use] = pool
      return pool
    }
  }

  /// Runs statements in a transaction, whose names are those of the schema.
  ///
  /// - Parameter provesEarlier: See ``PostgresConnection/transaction(isolation:readOnly:provesEarlier:deadline:_:)``.
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

  /// Until the transaction ends names are those of the schema that was asked for.
  ///
  /// For the transaction alone: PgBouncer refuses settings that come with a connection, and hands those of a
  /// session on to others.
  package func useSchema(on connection: PostgresConnection) async throws(PostgresError) {
    guard let wantedSchema else { return }
    _ = try await connection.query(
      "SELECT set_config('search_path', quote_ident(\(wantedSchema)), true)")
  }

  /// Opens a connection of its own for `body`, and closes it afterwards: for work that takes long, or that
  /// needs one session of the server from beginning to end.
  package func withSession<Result>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    guard !pools.withLock({ $0.isShutDown }) else {
      throw PostgresError(
        .poolClosed, "the database was shut down", destination: configuration.destination)
    }
    return try await PostgresConnection.withConnection(to: configuration, body)
  }

  /// Where the tables are.
  ///
  /// - Throws: ``StoreError/Code/noSchema``, or what the server says.
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
