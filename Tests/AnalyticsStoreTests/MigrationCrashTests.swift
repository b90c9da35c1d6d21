import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Testing

@Suite("Migrations with concurrent and killed processes")
struct MigrationCrashTests {
  @Test("ten concurrent processes apply each migration once")
  func race() async throws {
    try await withStore { store async throws in
      let migrations = (1...5).map { version in
        Migration(
          version: version, name: "step_\(version)", phase: version % 2 == 0 ? .post : .pre,
          sql: "CREATE TABLE step_\(version) (n integer)")
      }
      let migrator = store.migrator(migrations)
      let applied = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<10 { group.addTask { try await migrator.apply().count } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(applied.reduce(0, +) == migrations.count)
      #expect(try await store.scalar("SELECT count(*) FROM analytics_migrations") == 5)
    }
  }

  @Test("a lock held by another process gives an error after the timeout")
  func locked() async throws {
    try await withStore { store async throws in
      #expect(try await store.connection.tryAdvisoryLock(0x616e_616c_7974_6963))
      let migrator = Migrator(AnalyticsDatabase(store.configuration), lockTimeout: .zero)
      let error = await #expect(throws: StoreError.self) { try await migrator.apply() }
      #expect(error?.code == .locked)
      #expect(try await migrator.status().allSatisfy { $0.state == .pending })
    }
  }

  @Test("if a migration in a transaction is killed, nothing is left, and the next run applies all")
  func transactional() async throws {
    try await withStore { store async throws in
      try await store.connection.execute("CREATE SEQUENCE fuse")
      let migrator = store.migrator([
        Migration(
          version: 1, name: "dies_once", phase: .pre,
          sql: """
            CREATE TABLE one (n integer);
            DO $$ BEGIN
              IF nextval('fuse') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
            END $$;
            """)
      ])
      await #expect(throws: StoreError.self) { try await migrator.apply() }
      #expect(try await store.scalar("SELECT to_regclass('one') IS NULL"))
      #expect(try await migrator.apply().count == 1)
    }
  }

  @Test("if a migration outside a transaction is killed before it is recorded, it runs again")
  func nonTransactional() async throws {
    try await withStore { store async throws in
      try await store.connection.execute("CREATE SEQUENCE fuse")
      let migrator = store.migrator([
        Migration(
          version: 1, name: "dies_once", phase: .post, isTransactional: false,
          sql: """
            DO $$ BEGIN
              CREATE TABLE IF NOT EXISTS one (n integer);
              COMMIT;
              IF nextval('fuse') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
            END $$
            """)
      ])
      await #expect(throws: StoreError.self) { try await migrator.apply() }
      #expect(try await store.scalar("SELECT to_regclass('one') IS NOT NULL"))
      #expect(try await migrator.status().map(\.state) == [.pending])
      #expect(try await migrator.apply().count == 1)
    }
  }

  @Test("a statement that cannot run in a transaction can be a migration")
  func concurrentIndex() async throws {
    try await withStore { store async throws in
      let migrator = store.migrator([
        Migration(version: 1, name: "table", phase: .pre, sql: "CREATE TABLE one (n integer)"),
        Migration(
          version: 2, name: "index", phase: .post, isTransactional: false,
          sql: "CREATE INDEX CONCURRENTLY IF NOT EXISTS one_n ON one (n)"),
      ])
      #expect(try await migrator.apply().count == 2)
    }
  }
}
