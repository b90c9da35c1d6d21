import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Rollups", .timeLimit(.minutes(60)))
struct RollupTests {
  @Test("equal their definitions over all events, with any batches, including late events")
  func equalRecomputation() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      let sink = try await store.sink()
      var generator = RollupEvents(seed: seed)
      let events = generator.events(3000)
      try await store.store(events, ids: generator.ids(3000), with: sink)
      let late = generator.events(500, days: 2)
      try await store.store(late, ids: generator.ids(500), batchSize: 7, with: sink)
      #expect(try await store.rollups.verify() == [], "seed \(seed)")
    }
  }

  @Test("equal a recomputation in Swift")
  func independent() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      let sink = try await store.sink()
      var generator = RollupEvents(seed: seed)
      let events = generator.events(2000)
      try await store.store(events, ids: generator.ids(2000), with: sink)
      // Users by day, computed from the events alone.
      var users: [Int64: Set<UUID>] = [:]
      var requests: [Int64: Int] = [:]
      var durations: [Int64: [Int]] = [:]
      for event in events {
        let day = event.timestamp.microsecondsSinceUnixEpoch / 86_400_000_000
        if let user = try event.stored.userID { users[day, default: []].insert(user) }
        if case .apiRequest(_, _, _, _, let duration, _) = event.event {
          requests[day, default: 0] += 1
          durations[day, default: []].append(duration)
        }
      }
      for (day, expected) in users {
        let text = "2000-01-01 00:00Z"
        let row = try await store.connection.query(
          """
          SELECT active_users, weekly_active_users FROM analytics_daily_active_users
          WHERE day = '\(text)'::timestamptz + make_interval(days => $1)
          """, [.int4(Int32(day - 10_957))]
        ).only()
        #expect(try row.decode(Int.self, "active_users") == expected.count, "seed \(seed)")
        let week = users.filter { $0.key > day - 7 && $0.key <= day }.values
        #expect(
          try row.decode(Int.self, "weekly_active_users")
            == week.reduce(into: Set()) { $0.formUnion($1) }.count, "seed \(seed)")
        let latency = try await store.connection.query(
          """
          SELECT sum(requests)::int8 AS requests,
                 analytics_percentile(analytics_histogram_sum(duration_ms), 95) AS p95
          FROM analytics_rollup_api_requests_daily
          WHERE day = '\(text)'::timestamptz + make_interval(days => $1)
          """, [.int4(Int32(day - 10_957))]
        ).only()
        #expect(try latency.decode(Int.self, "requests") == requests[day] ?? 0)
        let sorted = (durations[day] ?? []).sorted()
        let exact = Double(sorted[max(0, Int((0.95 * Double(sorted.count)).rounded(.up)) - 1)])
        let found = try latency.decode(Double.self, "p95")
        #expect(abs(found - exact) <= exact * 0.01 + 1e-9, "seed \(seed)")
      }
    }
  }

  @Test("count each event once if they are created while events are stored")
  func backfill() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      let mine = Rollup(
        "pushes", of: ["integration_used"], by: [Dimension("provider", .field("provider"))],
        measures: [Measure("pushes", .count), Measure("people", .distinct(.userID))])
      let sink = try await store.sink()
      var generator = RollupEvents(seed: seed)
      let before = generator.events(2000)
      try await store.store(before, ids: generator.ids(2000), with: sink)
      let during = generator.events(2000)
      let ids = generator.ids(2000)
      async let storing: Void = store.store(during, ids: ids, batchSize: 20, with: sink)
      try await Migrator(
        AnalyticsDatabase(store.configuration), rollups: [mine], lockTimeout: .seconds(300)
      ).apply()
      try await storing
      try await store.rollups.refresh()
      #expect(try await store.rollups.verify() == [], "seed \(seed)")
      let expected = try (before + during).count { event in
        try event.stored.type == "integration_used"
      }
      let pushes: Int = try await store.scalar(
        "SELECT sum(pushes)::int8 FROM analytics_rollup_pushes")
      #expect(pushes == expected, "seed \(seed)")
      #expect(try await store.rollups.status().allSatisfy { $0.pendingRanges == 0 })
    }
  }

  @Test("count an insert by a snapshot older than their creation once")
  func staleSnapshot() async throws {
    try await withStore { store in
      let insert = """
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        VALUES (gen_random_uuid(), now(), 'project_created', 's', '{}')
        """
      let sink = try await store.sink()
      _ = try await sink.write(.of(KeyedEvent.daysAgo([0])))
      let other = try await PostgresConnection.connect(store.configuration)
      try await other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class")
      let mine = Rollup("mine", of: ["project_created"], measures: [Measure("n", .count)])
      try await Migrator(
        AnalyticsDatabase(store.configuration), rollups: [mine], lockTimeout: .seconds(300)
      ).apply()
      try await store.connection.rollUp()
      try await other.execute("\(insert); COMMIT")
      await other.close()
      try await store.rollups.refresh()
      #expect(try await store.rollups.verify() == [])
      let counted: Int = try await store.scalar("SELECT sum(n)::int8 FROM analytics_rollup_mine")
      #expect(counted == 2)
    }
  }

  @Test("of a new version are recomputed from raw events; older days keep the old figures")
  func newVersion() async throws {
    try await withStore { store in
      func rollup(_ version: Int, _ measures: [Measure]) -> Rollup {
        Rollup("mine", version: version, of: ["project_created"], measures: measures)
      }
      func migrate(_ rollup: Rollup) async throws {
        try await Migrator(
          AnalyticsDatabase(store.configuration), rollups: [rollup], lockTimeout: .seconds(300)
        ).apply()
      }
      try await migrate(rollup(1, [Measure("projects", .count)]))
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      _ = try await sink.write(.of(KeyedEvent.daysAgo([200, 3, 2, 2])))
      try await store.connection.execute(
        "INSERT INTO analytics_retention (dropped_before) "
          + "SELECT min(upper_bound) FROM analytics_partitions()")
      let changed = await #expect(throws: StoreError.self) {
        try await migrate(rollup(1, [Measure("all", .count)]))
      }
      #expect(changed?.code == .rollup)
      try await migrate(
        rollup(2, [Measure("projects", .count), Measure("people", .count, where: .hasUser)]))
      let rows = try await store.connection.query(
        """
        SELECT version, sum(projects)::int8 AS projects, sum(people)::int8 AS people
        FROM analytics_rollup_mine GROUP BY version ORDER BY version
        """
      ).map { row in
        [
          try row.decode(Int.self, "version"), try row.decode(Int.self, "projects"),
          try row.decode(Int?.self, "people"),
        ]
      }
      #expect(rows == [[1, 1, nil], [2, 3, 3]])
      // An older program does not restore its version.
      try await migrate(rollup(1, [Measure("projects", .count)]))
      #expect(try await store.rollups.status().first { $0.name == "mine" }?.version == 2)
    }
  }

  @Test(
    "accept any event or field name, and refuse one that is too long for a numeric field")
  func namesOfFields() async throws {
    try await withStore { store in
      func rollup(_ field: String) -> Rollup {
        Rollup(
          "mine", of: [field], by: [Dimension("kind", .field(field))],
          measures: [
            Measure("total", .sum(field)), Measure("kinds", .distinct(.field(field))),
            Measure("true_ones", .count, where: .isTrue(field)),
          ])
      }
      func migrator(_ rollup: Rollup) -> Migrator {
        Migrator(
          AnalyticsDatabase(store.configuration), rollups: [rollup], lockTimeout: .seconds(300))
      }
      let refused = await #expect(throws: StoreError.self) {
        try await migrator(rollup(String(repeating: "a", count: 54))).apply()
      }
      #expect(refused?.code == .rollup)
      let name = #"it's "a" $body$ $1 \ ' %s E'"#
      try await migrator(rollup(name)).apply()
      try await store.connection.execute(
        "SELECT analytics_ensure_partitions(ARRAY['2026-09-01 12:00Z'::timestamptz])")
      _ = try await store.connection.query(
        """
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        SELECT gen_random_uuid(), '2026-09-01 12:00Z', \(name), 's', jsonb_build_object(\(name), value)
        FROM unnest(ARRAY['7', '35', 'true']::jsonb[]) AS value
        """ as SQL)
      #expect(try await store.scalar("SELECT sum(total)::int8 FROM analytics_rollup_mine") == 42)
      #expect(try await store.scalar("SELECT sum(true_ones)::int8 FROM analytics_rollup_mine") == 1)
      #expect(try await store.scalar("SELECT count(*) FROM analytics_rollup_mine_kinds") == 3)
      #expect(try await store.rollups.verify() == [])
    }
  }

  @Test("have a version of 1 to 2147483647")
  func versions() {
    func problem(_ version: Int) -> String? {
      Rollup("mine", version: version, of: [], measures: [Measure("n", .count)]).problem
    }
    #expect(problem(1) == nil && problem(2_147_483_647) == nil)
    for version in [.min, 0, 2_147_483_648, .max] as [Int] {
      #expect(
        problem(version)
          == "the version of the rollup mine is \(version), but must be 1 to 2147483647")
    }
  }

  @Test("survive retention, and a resent event is not counted again")
  func retention() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      let events = KeyedEvent.daysAgo([95, 93, 1])
      _ = try await sink.write(.of(events))
      let before = try await store.rows("analytics_rollup_events")
      _ = try await Maintenance(AnalyticsDatabase(store.configuration)).run()
      #expect(try await store.eventCount() < 3)
      _ = try await sink.write(.of(events))
      #expect(try await store.rows("analytics_rollup_events") == before)
      #expect(try await store.rollups.verify() == [])
    }
  }

  @Test("also count events that another role inserts by plain SQL")
  func foreignInsert() async throws {
    try await withStore { store in
      _ = try await store.sink()
      try await store.connection.execute(
        """
        SELECT analytics_ensure_partitions(ARRAY['2026-09-01 12:00Z'::timestamptz]);
        INSERT INTO analytics_events (id, timestamp, event_type, service, user_id, environment, data)
        SELECT gen_random_uuid(), '2026-09-01 12:00Z', 'api_request', 's', gen_random_uuid(), 'e',
               '{"endpoint": 7, "status_code": "x", "duration_ms": 1e400}'
        FROM generate_series(1, 5)
        """)
      #expect(try await store.scalar("SELECT active_users FROM analytics_daily_active_users") == 5)
      #expect(try await store.scalar("SELECT updates FROM stat_environment_updates") == 5)
      #expect(try await store.rollups.verify() == [])
    }
  }

  @Test("have the value of the earliest event as first value, in any order of storing")
  func firstValue() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      func report(_ minute: Int64, _ message: String) async throws {
        let instant = (1_788_307_200 + minute * 60) * 1_000_000
        let event = EnrichedEvent(
          timestamp: EventTimestamp(microsecondsSinceUnixEpoch: instant),
          event: .applicationError(service: "web", errorType: "E", errorMessage: message))
        try await store.store([event], ids: [UUID()], with: sink)
      }
      func sample() async throws -> String {
        try await store.scalar("SELECT sample_error_message FROM analytics_errors_hourly")
      }
      // Two events of one instant, one in the same quarter of an hour, one in a later quarter, and one before all
      // others.
      for (minute, message, first) in [
        (20, "c", "c"), (20, "b", "b"), (21, "a", "b"), (50, "0", "b"), (3, "z", "z"),
      ] {
        try await report(Int64(minute), message)
        #expect(try await sample() == first, "\(message) is pending")
        try await store.connection.rollUp()
        #expect(try await sample() == first, "\(message) is rolled up")
      }
      let daily: String = try await store.scalar(
        "SELECT sample_error_message FROM analytics_rollup_errors_daily")
      #expect(daily == "z")
      #expect(try await store.rollups.verify() == [])
    }
  }

  @Test("that were changed by hand are found by verify")
  func tampered() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      _ = try await sink.write(.of(KeyedEvent.daysAgo([1, 2, 3])))
      try await store.connection.rollUp()
      for (table, change) in [
        ("analytics_rollup_events_v1", "SET events = events + 1"),
        ("analytics_rollup_activity_users_daily_v2", "SET _members = ~_members"),
        ("analytics_rollup_activity_users_quarterly_v2", "SET _members = '\\x0007'"),
        ("analytics_users_kept", "SET first_day = first_day - interval '1 day'"),
        ("analytics_users_by_first_day_kept", "SET numbers = '{[0,9)}'"),
      ] {
        try await store.connection.execute("UPDATE \(table) \(change)")
        #expect(try await store.rollups.verify().contains { $0.table == table }, "\(table)")
      }
      // A user without a number belongs to no set.
      try await store.connection.execute(
        """
        DELETE FROM analytics_users_kept;
        DELETE FROM analytics_users_by_first_day_kept;
        DELETE FROM analytics_rollup_activity_users_daily_v2;
        DELETE FROM analytics_rollup_activity_users_quarterly_v2
        """)
      let tables = try await store.rollups.verify().map(\.table)
      #expect(tables.contains("analytics_rollup_activity_users_daily_v2"))
      #expect(tables.contains("analytics_rollup_activity_users_quarterly_v2"))
    }
  }

  @Test("are recomputed for whole UTC days only")
  func wholeDays() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      let sink = try await store.sink()
      var generator = RollupEvents(seed: seed)
      try await store.store(generator.events(300), ids: generator.ids(300), with: sink)
      let day: TimeInterval = 86_400
      let midnight =
        Date(timeIntervalSince1970: Double(RollupEvents.start) / 1_000_000) + day
      let noon = midnight + day / 2
      for range in [
        noon..<noon + day, midnight..<noon, midnight..<midnight + day * 1e9,
        Date(timeIntervalSince1970: -.infinity)..<midnight,
      ] {
        let error = await #expect(throws: StoreError.self) {
          try await store.rollups.recompute(range)
        }
        #expect(error?.code == .configuration)
      }
      #expect(try await store.rollups.verify() == [], "seed \(seed)")
      try await store.rollups.recompute(midnight..<midnight + day)
      #expect(try await store.rollups.verify() == [], "seed \(seed)")
    }
  }

  @Test("of four concurrent writers neither deadlock nor lose events")
  func fourWriters() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      try await store.migrator().apply()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<4 {
          group.addTask {
            let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
            var generator = RollupEvents(seed: seed &+ UInt64(writer), users: 20)
            let events = generator.events(800)
            try await store.store(events, ids: generator.ids(800), batchSize: 50, with: sink)
          }
        }
        try await group.waitForAll()
      }
      #expect(try await store.eventCount() == 3200)
      #expect(try await store.rollups.verify() == [], "seed \(seed)")
    }
  }
}
