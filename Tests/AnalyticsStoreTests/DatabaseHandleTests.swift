import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Logging
import ServiceLifecycle
import Testing

@Suite("The shared database object", .timeLimit(.minutes(60)))
struct DatabaseHandleTests {
  @Test(
    "a malformed URL causes a configuration error at once, without its password"
  )
  func badURL() throws {
    for url in ["postgres://ada:s3cret@[", "postgres://ada:s3cret@host:port/x", "nonsense", ""] {
      for make in [
        { _ = try AnalyticsDatabase(url: url) }, { _ = try PostgresEventSink(url: url) },
      ] {
        let error = #expect(throws: StoreError.self, "\(url)") { try make() }
        #expect(error?.code == .configuration)
        #expect(error?.cause is PostgresError)
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.description.contains("\n") == false)
      }
    }
  }

  @Test("each kind of use has its own pool of connections, shared by all its users")
  func pools() throws {
    let database = try AnalyticsDatabase(url: "postgres://127.0.0.1:1/none")
    let timeout = Duration.seconds(60)
    #expect(database.pool(.usage) === database.pool(.usage))
    #expect(
      database.pool(.ingest(timeout: timeout)) === database.pool(.ingest(timeout: timeout)))
    let uses: [PoolUse] = [
      .ingest(timeout: timeout), .usage, .reports(connectionsMax: 4, timeout: timeout),
      .reports(connectionsMax: 1, timeout: timeout), .server(timeout: timeout), .telemetry,
    ]
    let pools = uses.map { database.pool($0) }
    #expect(Set(pools.map(ObjectIdentifier.init)).count == uses.count)
    #expect(pools.map(\.limits.maximum) == [2, 2, 4, 1, 2, 1])
  }

  @Test(
    "as a service it closes all connections at graceful shutdown, after the services that use it")
  func service() async throws {
    try await withStore { store in
      let database = AnalyticsDatabase(store.configuration)
      try await Migrator(database, logger: silentLogger).apply()
      let connection = try await database.pool(.usage).withConnection { connection in
        try await connection.query("SELECT pg_backend_pid()").value(Int32.self)
      }
      let client = try AnalyticsClient(
        AnalyticsConfiguration(service: "test", buffer: .memory()),
        sink: PostgresEventSink(database))
      let group = ServiceGroup(
        services: [database, AnalyticsWorker(client, logger: silentLogger)], logger: silentLogger)
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        client.track(.projectCreated(projectID: UUID(), userID: UUID(), name: "Engine"))
        while client.accounting.stored == 0 { await Task.yield() }
        client.track(.projectCreated(projectID: UUID(), userID: UUID(), name: "Engine"))
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
      }
      #expect(client.accounting.stored == 2)
      #expect(try await store.eventCount() == 2)
      // The server notices the closed connection a moment later.
      while try await store.scalar(
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE pid = $1", [.int4(connection)])
      { try Task.checkCancellation() }
      // One use had connections, the other had none. Sessions are refused, too.
      for use in [PoolUse.usage, .telemetry] {
        let error = await #expect(throws: PostgresError.self) {
          try await database.pool(use).withConnection { try await $0.execute("SELECT 1") }
        }
        #expect(error?.code == .poolClosed)
      }
      let error = await #expect(throws: PostgresError.self) {
        try await database.withSession { try await $0.execute("SELECT 1") }
      }
      #expect(error?.code == .poolClosed)
    }
  }

  private struct Failing: Service {
    let usage: UsageTracker
    let workspace: UUID

    func run() async throws {
      usage.track(workspaceID: workspace, ownerID: UUID(), allowed: 7)
      throw CancellationError()
    }
  }

  @Test("if another service fails, counts are still stored")
  func failingGroup() async throws {
    try await withStore { store in
      let database = AnalyticsDatabase(store.configuration)
      try await Migrator(database, logger: silentLogger).apply()
      let usage = UsageTracker(sink: PostgresUsageSink(database))
      let group = ServiceGroup(
        services: [
          database, UsageWorker(usage, logger: silentLogger),
          Failing(usage: usage, workspace: UUID()),
        ], logger: silentLogger)
      await #expect(throws: CancellationError.self) { try await group.run() }
      #expect(try await store.boundarySummaries().map(\.allowed) == [7])
    }
  }

  @Test("readers cannot write, and find only the tables of the schema")
  func reading() async throws {
    try await withStore { store in
      let database = AnalyticsDatabase(store.configuration, schema: "od\"d")
      try await Migrator(database, logger: silentLogger).apply()
      let names: [String] = try await database.reader(.usage).read { connection in
        try await connection.query(
          "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'analytics_events'::regclass"
            as SQL
        ).values()
      }
      #expect(names == [#""od""d""#])
      let error = await #expect(throws: PostgresError.self) {
        try await database.reader(.usage).read {
          try await $0.execute("CREATE TABLE analytics_more ()")
        }
      }
      #expect(error?.sqlState == .readOnlyTransaction)
      try await database.write(.usage) { try await $0.execute("CREATE TABLE analytics_more ()") }
      #expect(try await store.scalar(#"SELECT to_regclass('"od""d".analytics_more') IS NOT NULL"#))
    }
  }

  /// The errors of all operations on a database, by the operation's name.
  private static func complaints(of database: AnalyticsDatabase) async -> [String: String] {
    var complaints: [String: String] = [:]
    func note(_ name: String, _ body: () async throws -> Void) async {
      do {
        try await body()
        complaints[name] = "done"
      } catch { complaints[name] = "\(error)" }
    }
    await note("ingest") {
      _ = try await PostgresEventSink(database).write(.of(KeyedEvent.daysAgo([0])))
    }
    await note("usage") { _ = try await UsagePeriods(database).closeIfDue() }
    await note("upkeep") { _ = try await Maintenance(database, logger: silentLogger).run() }
    await note("erasure") { _ = try await UserErasure(database).erase(UUID()) }
    await note("keys") {
      try await database.withSession { _ = try await AccessKeys(database, on: $0) }
    }
    await note("letters") {
      try await database.withSession { _ = try await DeadLetters(database, on: $0) }
    }
    return complaints
  }

  @Test("without a schema all operations report the same line, with what to do")
  func noSchema() async throws {
    try await withStore { store in
      try await store.connection.execute("DROP SCHEMA public")
      let complaints = await Self.complaints(of: AnalyticsDatabase(store.configuration))
      #expect(Set(complaints.values).count == 1, "\(complaints)")
      let text = try #require(complaints.values.first)
      #expect(text.hasPrefix("no schema of search_path exists at "))
      #expect(text.hasSuffix(": create one or name it"))
      let error = await #expect(throws: StoreError.self) {
        try await Migrator(AnalyticsDatabase(store.configuration)).status()
      }
      #expect(error?.code == .noSchema && error?.description == text)
    }
  }

  @Test("before migrations all operations report the same error")
  func notMigrated() async throws {
    try await withStore { store in
      let complaints = await Self.complaints(of: AnalyticsDatabase(store.configuration))
      for (name, text) in complaints where !["keys", "letters"].contains(name) {
        #expect(
          text.hasPrefix("the analytics tables are missing or too old at "), "\(name): \(text)")
        #expect(text.hasSuffix(": run `analytics migrate`"), "\(name): \(text)")
      }
    }
  }
}
