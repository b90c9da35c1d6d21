import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Testing

@Suite("Migrations")
struct MigrationTests {
  private let first = Migration(
    version: 1, name: "first", phase: .pre, sql: "CREATE TABLE one (n integer)")
  private let second = Migration(
    version: 2, name: "second", phase: .post, sql: "CREATE TABLE two (n integer)")
  private let third = Migration(
    version: 3, name: "third", phase: .pre, sql: "CREATE TABLE three (n integer)")

  @Test("all applies migrations in the order of their versions; a second run does nothing")
  func all() async throws {
    try await withStore { store async throws in
      let migrator = store.migrator([third, first, second])
      #expect(try await migrator.apply().map(\.version) == [1, 2, 3])
      #expect(try await migrator.apply().isEmpty)
      let order: [Int] = try await store.connection.query(
        "SELECT version FROM analytics_migrations ORDER BY applied_at"
      ).map { row in try row.decode(at: 0) }
      #expect(order == [1, 2, 3])
    }
  }

  @Test("pre and post each apply the migrations of their phase")
  func phases() async throws {
    try await withStore { store async throws in
      let migrator = store.migrator([first, second, third])
      #expect(try await migrator.apply(.pre).map(\.version) == [1, 3])
      #expect(try await migrator.dryRun(.pre).isEmpty)
      #expect(try await migrator.dryRun().map(\.version) == [2])
      #expect(try await migrator.apply(.post).map(\.version) == [2])
    }
  }

  @Test("post before pre is refused, and nothing is applied")
  func wrongOrder() async throws {
    try await withStore { store async throws in
      let migrator = store.migrator([first, second])
      let error = await #expect(throws: StoreError.self) { try await migrator.apply(.post) }
      #expect(error?.code == .outOfOrder)
      #expect(error?.description.contains("001_first") == true)
      #expect(error?.description.contains("`analytics migrate pre`") == true)
      #expect(try await migrator.status().allSatisfy { $0.state == .pending })
      #expect(try await store.scalar("SELECT to_regclass('two') IS NULL"))
      // This also applies if only the rollups are left for post.
      let alone = await #expect(throws: StoreError.self) {
        try await store.migrator([first]).apply(.post)
      }
      #expect(alone?.code == .outOfOrder)
    }
  }

  @Test("status and dry-run write nothing")
  func readOnly() async throws {
    try await withStore { store async throws in
      var configuration = store.configuration
      configuration.parameters["options"] = "-c default_transaction_read_only=on"
      let migrator = Migrator(AnalyticsDatabase(configuration), migrations: [first, second])
      let catalogue = "SELECT count(*) FROM pg_class"
      let before: Int = try await store.scalar(catalogue)
      #expect(try await migrator.status().map(\.state) == [.pending, .pending])
      #expect(try await migrator.dryRun().count == 2)
      #expect(try await store.scalar(catalogue) == before)
      // The control: a run that writes fails on this connection.
      await #expect(throws: StoreError.self) { try await migrator.apply() }
    }
  }

  @Test("an edited migration is reported, and no later one is applied")
  func edited() async throws {
    try await withStore { store async throws in
      try await store.migrator([first]).apply()
      let edited = Migration(
        version: 1, name: "first", phase: .pre, sql: "CREATE TABLE one (n bigint)")
      let migrator = store.migrator([edited, second])
      guard case .edited = try await migrator.status()[0].state else {
        Issue.record("the edit was not noticed")
        return
      }
      let error = await #expect(throws: StoreError.self) { try await migrator.apply() }
      #expect(error?.code == .edited)
      #expect(error?.description.contains("001_first") == true)
      #expect(try await store.scalar("SELECT to_regclass('two') IS NULL"))
    }
  }

  @Test("an older binary reports the migrations of a newer one, and does not change the database")
  func unknown() async throws {
    try await withStore { store async throws in
      try await store.migrator([first, third]).apply()
      let current = store.migrator([first])
      let statuses = try await current.status()
      #expect(statuses.map(\.version) == [1, 3])
      guard case .unknown = statuses[1].state else {
        Issue.record("the newer migration was not noticed")
        return
      }
      // A run without work succeeds, because a service must start after a rollback to older binaries.
      #expect(try await current.apply().isEmpty)
      let error = await #expect(throws: StoreError.self) {
        try await store.migrator([first, second]).apply()
      }
      #expect(error?.code == .unknown)
    }
  }

  @Test("a failed migration leaves no trace; earlier ones stay applied")
  func failure() async throws {
    try await withStore { store async throws in
      let broken = Migration(
        version: 2, name: "broken", phase: .pre,
        sql: "CREATE TABLE two (n integer); INSERT INTO nowhere VALUES (1)")
      let error = await #expect(throws: StoreError.self) {
        try await store.migrator([first, broken]).apply()
      }
      #expect(error?.code == .failed)
      #expect(error?.description.contains("002_broken") == true)
      #expect(try await store.scalar("SELECT to_regclass('two') IS NULL"))
      #expect(try await store.scalar("SELECT count(*) FROM analytics_migrations") == 1)
    }
  }

  @Test("a database whose encoding is not UTF-8 is refused, and nothing is applied")
  func encoding() async throws {
    try await withStore { store async throws in
      let name: String = try await store.scalar("SELECT current_database() || '_latin'")
      try await store.connection.execute(
        "CREATE DATABASE \"\(name)\" ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
      var configuration = store.configuration
      configuration.parameters["dbname"] = name
      let latin = StoreFixture(configuration: configuration, connection: store.connection)
      let error = await #expect(throws: StoreError.self) { try await latin.migrator().apply() }
      #expect(error?.code == .encoding)
      #expect(error?.description.contains("LATIN1") == true)
      #expect(try await latin.migrator().dryRun().count == Migration.all.count)
      try await store.connection.execute("DROP DATABASE \"\(name)\" WITH (FORCE)")
    }
  }

  @Test("a separate schema is created and used")
  func schema() async throws {
    try await withStore { store async throws in
      try await store.migrator(schema: #"my "events""#).apply()
      let relations = "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace($1)"
      #expect(try await store.scalar(relations, [#""my ""events""""#]) > 20)
      #expect(try await store.scalar(relations, ["public"]) == 0)
    }
  }

  @Test("an older binary does not change the rollups of a newer one")
  func newerRollups() async throws {
    try await withStore { store in
      let newer = Migration(version: 9999, name: "newer", phase: .pre, sql: "SELECT 1")
      try await Migrator(
        AnalyticsDatabase(store.configuration), migrations: Migration.all + [newer],
        lockTimeout: .seconds(300)
      ).apply()
      try await store.connection.execute(
        "COMMENT ON FUNCTION analytics_roll_up(bigint, boolean, bigint) IS 'newer'")
      try await store.migrator().apply()
      let mark: String = try await store.scalar(
        "SELECT obj_description('analytics_roll_up(bigint, boolean, bigint)'::regprocedure, 'pg_proc')"
      )
      #expect(mark == "newer")
    }
  }

  @Test("a bad URL or an unknown database is reported in one line with what to do")
  func connectionErrors() async throws {
    #expect(throws: StoreError.self) { try Migrator(AnalyticsDatabase(url: "postgres://[")) }
    try await withStore { store async throws in
      var configuration = store.configuration
      configuration.parameters["dbname"] = "there_is_no_such_database"
      let error = await #expect(throws: StoreError.self) {
        try await Migrator(AnalyticsDatabase(configuration)).status()
      }
      #expect(error?.code == .connection)
      #expect(error?.description.contains("\n") == false)
    }
  }
}
