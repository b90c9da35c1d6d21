import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Testing

@Suite("A replaced version of a rollup", .timeLimit(.minutes(60)))
struct ReplacedVersionTests {
  private func share(_ version: Int) -> Rollup {
    let dimensions = [Dimension("service", .service), Dimension("user", .userID)].prefix(version)
    return Rollup(
      "share", version: version, of: [], by: Array(dimensions),
      measures: [Measure("n", .count), Measure("users", .distinct(.userID))])
  }

  private func migrate(
    _ store: StoreFixture, version: Int, _ selection: MigrationSelection = .all
  ) async throws {
    try await Migrator(
      AnalyticsDatabase(store.configuration), rollups: [share(version)],
      lockTimeout: .seconds(300)
    ).apply(selection)
  }

  /// Stores three events with the first version.
  private func begin(_ store: StoreFixture) async throws {
    try await migrate(store, version: 1)
    try await store.connection.execute(
      "\(PendingTests.partition()); \(PendingTests.insert(3))")
    try await store.connection.rollUp()
  }

  /// How many tables of the first version exist.
  private func former(_ store: StoreFixture, of rollup: String = "share") async throws -> Int {
    try await store.scalar(
      "SELECT count(*) FROM pg_class WHERE relname ~ '^analytics_rollup_\(rollup).*_v1$'")
  }

  private func counted(_ store: StoreFixture) async throws -> Int {
    try await store.scalar("SELECT sum(n)::int8 FROM analytics_rollup_share")
  }

  @Test("is dropped once its successor has all its days")
  func dropped() async throws {
    try await withStore { store in
      try await begin(store)
      #expect(try await former(store) == 4)
      try await migrate(store, version: 2)
      #expect(try await former(store) == 0)
      #expect(try await counted(store) == 3)
      #expect(
        try await store.rollups.status().filter { $0.name == "share" }.map(\.version) == [2])
      #expect(try await store.rollups.verify() == [])
    }
  }

  @Test("is replaced by `pre` and dropped by `post`")
  func phases() async throws {
    try await withStore { store in
      try await begin(store)
      try await migrate(store, version: 2, .pre)
      #expect(
        try await store.rollups.status().filter { $0.name == "share" }
          .map { [$0.version, $0.pendingRanges] } == [[2, 0]])
      #expect(try await counted(store) == 3)
      #expect(try await former(store) == 4)
      try await migrate(store, version: 2, .post)
      #expect(try await former(store) == 0)
      #expect(try await counted(store) == 3)
    }
  }

  @Test("stays for days without raw events, also with two successors")
  func kept() async throws {
    try await withStore { store in
      try await migrate(store, version: 1)
      for day in 1...3 {
        try await store.connection.execute(
          "\(PendingTests.partition(day: day)); \(PendingTests.insert(day, day: day))")
      }
      try await store.connection.rollUp()
      for version in 2...3 {
        try await store.connection.execute(
          """
          DELETE FROM analytics_events WHERE timestamp < '2026-09-0\(version)Z';
          INSERT INTO analytics_retention (dropped_before) VALUES ('2026-09-0\(version)Z')
          ON CONFLICT (is_only) DO UPDATE SET dropped_before = excluded.dropped_before
          """)
        try await migrate(store, version: version)
        #expect(try await former(store) == 4)
        #expect(try await counted(store) == 6)
      }
      #expect(
        try await store.scalar("SELECT count(*) FROM analytics_rollups WHERE name = 'share'") == 3)
    }
  }

  @Test("stays while a session reads its tables; the next migration drops it")
  func read() async throws {
    try await withStore { store in
      try await begin(store)
      let reader = try await PostgresConnection.connect(store.configuration)
      try await reader.execute("BEGIN; LOCK TABLE analytics_rollup_share_v1 IN ACCESS SHARE MODE")
      try await migrate(store, version: 2)
      #expect(try await former(store) == 4)
      #expect(try await counted(store) == 3)
      await reader.close()
      try await migrate(store, version: 2)
      #expect(try await former(store) == 0)
      #expect(try await counted(store) == 3)
    }
  }

  @Test("stays while a view reads its tables; other replaced versions are dropped nevertheless")
  func dependentView() async throws {
    try await withStore { store in
      let other = { (version: Int) in
        Rollup(
          "other", version: version, of: [], measures: [Measure("n", .count), Measure("m", .count)])
      }
      func migrate(version: Int) async throws {
        try await Migrator(
          AnalyticsDatabase(store.configuration), rollups: [share(version), other(version)],
          lockTimeout: .seconds(300)
        ).apply()
      }
      try await migrate(version: 1)
      try await store.connection.execute(
        "CREATE VIEW mine AS SELECT sum(n) FROM analytics_rollup_share_v1")
      try await migrate(version: 2)
      #expect(try await former(store) == 4)
      #expect(try await former(store, of: "other") == 0)
      try await store.connection.execute("DROP VIEW mine")
      try await migrate(version: 2)
      #expect(try await former(store) == 0)
    }
  }

  @Test("of users leaves their first days, which are still compared")
  func users() async throws {
    try await withStore { store in
      var activity = Rollup.activity
      activity.version += 1
      try await Migrator(
        AnalyticsDatabase(store.configuration), rollups: [activity], lockTimeout: .seconds(300)
      ).apply()
      try await store.connection.execute(
        "\(PendingTests.partition()); \(PendingTests.insert(3))")
      try await store.connection.rollUp()
      #expect(try await store.rollups.verify() == [])
      try await store.connection.execute(
        "UPDATE analytics_users_kept SET first_day = first_day - interval '1 day'")
      #expect(try await store.rollups.verify().contains { $0.table == "analytics_users_kept" })
    }
  }

  @Test("is not replaced while a view reads its views; the error names that view")
  func ownView() async throws {
    try await withStore { store in
      try await migrate(store, version: 1)
      try await store.connection.execute(
        "CREATE VIEW mine AS SELECT sum(n) FROM analytics_rollup_share")
      let error = await #expect(throws: StoreError.self) { try await migrate(store, version: 2) }
      #expect(error?.description.contains("but mine reads them: drop it") == true, "\(error)")
      try await store.connection.execute("DROP VIEW mine")
      try await migrate(store, version: 2)
      #expect(try await store.rollups.verify() == [])
    }
  }
}
