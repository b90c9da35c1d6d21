import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

/// Events that are stored but not rolled up yet.
@Suite("Pending events", .timeLimit(.minutes(60)))
struct PendingTests {
  @Test(
    "are counted in every relation as if they were rolled up; rolling up changes no figure")
  func readsPending() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      let sink = try await store.sink()
      var generator = RollupEvents(seed: seed)
      try await store.store(generator.events(1500), ids: generator.ids(1500), with: sink)
      try await store.connection.rollUp()
      try await PostgresConnection.withConnection(to: store.configuration) { other in
        try await other.blockRollingUp()
        try await store.store(generator.events(1500), ids: generator.ids(1500), with: sink)
        #expect(try await store.scalar("SELECT events FROM analytics_rolling_up()") == 1500)
        #expect(try await store.rollups.verify() == [], "seed \(seed)")
        let seen = try await store.seen()
        try await other.allowRollingUp()
        try await store.connection.rollUp()
        #expect(try await store.scalar("SELECT batches FROM analytics_rolling_up()") == 0)
        #expect(try await store.seen() == seen, "seed \(seed)")
        #expect(try await store.rollups.verify() == [], "seed \(seed)")
      }
    }
  }

  @Test("of a batch larger than a step are rolled up in slices, and reports stay the same")
  func slices() async throws {
    let seed = SeededGenerator.seed()
    try await withStore { store in
      let sink = try await store.sink()
      var generator = RollupEvents(seed: seed)
      try await PostgresConnection.withConnection(to: store.configuration) { other in
        try await other.blockRollingUp()
        try await store.store(
          generator.events(1000), ids: generator.ids(1000), batchSize: 1000, with: sink)
        let seen = try await store.seen()
        for step in 1...11 {
          let row = try await other.query(
            "SELECT rolled_up, is_done FROM analytics_roll_up(100, true)" as SQL
          ).only()
          #expect(try row.decode(Int.self, "rolled_up") >= (step < 11 ? 100 : 0))
          #expect(try row.decode(Bool.self, "is_done") == (step == 11), "step \(step)")
          #expect(try await store.seen() == seen, "step \(step), seed \(seed)")
        }
        #expect(try await store.rollups.verify() == [], "seed \(seed)")
      }
    }
  }

  @Test(
    "that plain SQL inserts with savepoints and several statements count exactly as committed")
  func savepoints() async throws {
    try await withStore { store in
      _ = try await store.sink()
      let connection = store.connection
      try await connection.execute(Self.partition())
      try await connection.execute(
        """
        BEGIN;
        SAVEPOINT one; \(Self.insert(3)); ROLLBACK TO one;
        \(Self.insert(4)); SAVEPOINT two; \(Self.insert(5, hour: 15)); ROLLBACK TO two;
        \(Self.insert(6, hour: 20)); COMMIT;
        BEGIN; \(Self.insert(7)); ROLLBACK; \(Self.insert(0)); \(Self.insert(1))
        """)
      for _ in 0..<2 {
        #expect(try await store.eventsCounted() == 11)
        #expect(try await store.rollups.verify() == [])
        try await connection.rollUp()
      }
      #expect(try await store.scalar("SELECT count(*) FROM analytics_pending") == 0)
    }
  }

  @Test("of a transaction that is open while others are rolled up count when it commits")
  func longTransactions() async throws {
    try await withStore { store in
      _ = try await store.sink()
      let connection = store.connection
      try await connection.execute(Self.partition())
      let slow = try await PostgresConnection.connect(store.configuration)
      let undone = try await PostgresConnection.connect(store.configuration)
      try await slow.execute("BEGIN; \(Self.insert(5))")
      try await undone.execute("BEGIN; \(Self.insert(7))")
      for count in 1...3 {
        try await connection.execute(Self.insert(1))
        try await connection.rollUp()
        #expect(try await store.eventsCounted() == count)
      }
      // Both numbers are recorded as skipped.
      #expect(
        try await store.scalar(
          "SELECT sum(upper(o) - lower(o))::int8 FROM analytics_rolled_up, unnest(others) AS o")
          == 2)
      try await undone.execute("ROLLBACK")
      try await slow.execute("COMMIT")
      #expect(try await store.eventsCounted() == 8)
      // The number that was rolled back is forgotten once no transaction can commit it any more. Transactions in other
      // databases of the server delay this.
      var count = 8
      var isForgotten = false
      while !isForgotten && count < 20_000 {
        try await connection.execute(Self.insert(1))
        try await connection.rollUp()
        count += 1
        isForgotten = try await store.scalar("SELECT others = '{}' FROM analytics_rolled_up")
      }
      #expect(isForgotten)
      #expect(try await store.eventsCounted() == count)
      #expect(try await store.rollups.verify() == [])
      await slow.close()
      await undone.close()
    }
  }

  @Test(
    "count once if the sequence of batches is reset, as by a restore or a standby")
  func sequenceSetBack() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      for day in 1...4 { _ = try await sink.write(.of(KeyedEvent.daysAgo([Double(day)]))) }
      try await store.connection.rollUp()
      try await store.connection.execute("SELECT setval('analytics_batches', 1)")
      for day in 5...8 {
        _ = try await sink.write(.of(KeyedEvent.daysAgo([Double(day), Double(day)])))
        #expect(try await store.eventsCounted() == 4 + 2 * (day - 4))
      }
      try await store.connection.rollUp()
      #expect(try await store.eventsCounted() == 12)
      #expect(try await store.rollups.verify() == [])
    }
  }

  @Test("are blocked for a minute at most by a client that disconnects while it rolls them up")
  func vanishing() async throws {
    try await withStore { store in
      _ = try await store.sink()
      for waits in [true, false] {
        try await store.connection.transaction(isolation: .readCommitted) { connection in
          _ = try await connection.query("SELECT * FROM analytics_roll_up(10, \(waits))" as SQL)
          let limit: String = try await connection.query(
            "SELECT current_setting('idle_in_transaction_session_timeout')" as SQL
          ).value()
          #expect(limit == "1min")
        }
      }
    }
  }

  @Test(
    "cannot bypass the triggers: such an INSERT is refused, but not as a data error")
  func pastTheTriggers() async throws {
    try await withStore { store in
      _ = try await store.sink(engine: .plain)
      try await store.connection.execute(Self.partition())
      for sql in [
        Self.insert(1, into: "analytics_events_2026_09_01"),
        "SET session_replication_role = replica; \(Self.insert(1))",
      ] {
        let error = await #expect(throws: PostgresError.self) {
          try await store.connection.execute(sql)
        }
        #expect(error?.sqlState == SQLState(rawValue: "55000"))
        #expect(error?.isDataError == false)
        try await store.connection.execute("RESET session_replication_role")
      }
      #expect(try await store.eventCount() == 0)
    }
  }

  @Test("whose timestamps a trigger changes are found at their new time")
  func movedByTrigger() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await store.connection.execute(
        """
        CREATE FUNCTION to_noon() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.timestamp := date_trunc('day', NEW.timestamp, 'UTC') + interval '12 hours'; RETURN NEW; END $$;
        CREATE TRIGGER to_noon BEFORE INSERT ON analytics_events FOR EACH ROW EXECUTE FUNCTION to_noon()
        """)
      _ = try await sink.write(.of(KeyedEvent.daysAgo([3, 3, 2])))
      #expect(try await store.eventsCounted() == 3)
      try await store.connection.rollUp()
      #expect(try await store.eventsCounted() == 3)
      #expect(try await store.rollups.verify() == [])
    }
  }

  @Test("that one rollup cannot merge do not block other rollups, and the reason is recorded")
  func failingRollup() async throws {
    try await withStore { store in
      let wide = Rollup(
        "wide", of: [], by: (1...5).map { Dimension("d\($0)", .field("d\($0)")) },
        measures: [Measure("n", .count)])
      try await Migrator(
        AnalyticsDatabase(store.configuration), rollups: [wide],
        lockTimeout: .seconds(300)
      ).apply()
      try await store.connection.execute(Self.partition())
      try await store.connection.execute(Self.insert(1))
      try await store.connection.rollUp()
      // Each character has four bytes, and no text repeats, so the key of 4,000 bytes is too large for an index.
      try await store.connection.execute(
        """
        \(Self.insert(2)); \(Self.insert(3, hour: 20));
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        SELECT gen_random_uuid(), '2026-09-01 12:00Z', 'wide', 's', jsonb_object_agg('d' || d, text)
        FROM (SELECT d, string_agg(chr(65536 + (random() * 60000)::int), '') AS text
              FROM generate_series(1, 5) AS d, generate_series(1, 200) GROUP BY d) AS fields
        """)
      #expect(try await store.eventsCounted() == 7)
      try await store.connection.rollUp()
      #expect(try await store.eventsCounted() == 7)
      let problem: String = try await store.scalar(
        "SELECT problem FROM analytics_rollups WHERE name = 'wide'")
      #expect(problem.contains("54000"))
      #expect(
        try await store.rollups.status().filter { $0.pendingRanges > 0 }.map(\.name) == ["wide"])
      // The problem does not affect another day, and the day keeps its earlier figures.
      try await store.connection.execute(
        "\(Self.partition(day: 2)); \(Self.insert(4, day: 2))")
      try await store.connection.rollUp()
      #expect(try await store.scalar("SELECT sum(n)::int8 FROM analytics_rollup_wide") == 5)
      await #expect(throws: StoreError.self) { try await store.rollups.refresh() }
      try await store.connection.execute("DELETE FROM analytics_events WHERE event_type = 'wide'")
      try await store.rollups.refresh()
      #expect(try await store.scalar("SELECT sum(n)::int8 FROM analytics_rollup_wide") == 10)
      #expect(
        try await store.scalar("SELECT count(*) FROM analytics_rollups WHERE problem IS NOT NULL")
          == 0)
    }
  }

  @Test(
    "of days that retention drops are rolled up first; those of a removed partition are skipped"
  )
  func dropped() async throws {
    try await withStore { store in
      let sink = try await store.sink(engine: .plain)
      try await PostgresConnection.withConnection(to: store.configuration) { other in
        try await other.blockRollingUp()
        _ = try await sink.write(.of(KeyedEvent.daysAgo([95, 95, 3, 1])))
        try await other.allowRollingUp()
        _ = try await Maintenance(AnalyticsDatabase(store.configuration)).run()
        #expect(try await store.eventCount() == 2)
        #expect(try await store.eventsCounted() == 4)
        try await other.blockRollingUp()
        _ = try await sink.write(.of(KeyedEvent.daysAgo([2])))
        let partition: String = try await store.scalar(
          "SELECT partition::text FROM analytics_partitions() WHERE now() - interval '2 days' >= lower_bound "
            + "AND now() - interval '2 days' < upper_bound")
        try await store.connection.execute(
          "ALTER TABLE analytics_events DETACH PARTITION \(partition)")
        try await other.allowRollingUp()
        try await store.connection.rollUp()
        #expect(try await store.eventsCounted() == 4)
        #expect(try await store.scalar("SELECT count(*) FROM analytics_pending") == 0)
      }
    }
  }

  @Test("are found quickly despite an old snapshot that keeps thousands of dead rows")
  func heldSnapshot() async throws {
    try await withStore { store in
      _ = try await store.sink()
      try await store.connection.execute(Self.partition())
      let reader = try await PostgresConnection.connect(store.configuration)
      try await reader.execute(
        "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM analytics_events")
      for _ in 0..<20 {
        try await store.connection.execute(
          "DO $$ BEGIN FOR i IN 1..500 LOOP \(Self.insert(1)); COMMIT; END LOOP; END $$")
        try await store.connection.rollUp()
      }
      try await store.connection.execute(Self.insert(1))
      // A call also reads catalogs if it is the first of a session, or if a table was vacuumed meanwhile.
      var blocks: [Int] = []
      var plan = ""
      for _ in 0..<4 {
        plan = try await store.connection.query(
          "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM analytics_pending_batches()" as SQL
        ).map { try $0.decode(String.self, at: 0) }.joined()
        let hits = plan.matches(of: /"Shared Hit Blocks": (\d+)/)
        blocks += hits.first.flatMap { Int($0.output.1) }.map { [$0] } ?? []
      }
      #expect(try #require(blocks.min()) < 100, "\(blocks), \(plan)")
      #expect(try await store.eventsCounted() == 10_001)
      // The old snapshot still returns the same figures.
      let old: Int = try await reader.query(
        "SELECT coalesce(sum(events), 0)::int8 FROM analytics_rollup_events" as SQL
      ).value()
      #expect(old == 0)
      await reader.close()
    }
  }

  static func partition(day: Int = 1) -> String {
    "SELECT analytics_ensure_partitions(ARRAY['2026-09-0\(day) 12:00Z'::timestamptz])"
  }

  static func insert(
    _ count: Int, day: Int = 1, hour: Int = 12, into table: String = "analytics_events"
  ) -> String {
    """
    INSERT INTO \(table) (id, timestamp, event_type, service, user_id, data)
    SELECT gen_random_uuid(), '2026-09-0\(day) \(hour):00Z', 'project_created', 's', gen_random_uuid(), '{}'
    FROM generate_series(1, \(count))
    """
  }
}

extension StoreFixture {
  /// The events that the rollup of all events counts.
  func eventsCounted() async throws -> Int {
    try await scalar("SELECT coalesce(sum(events), 0)::int8 FROM analytics_rollup_events")
  }

  /// The contents of several kinds of relations, with the rows of one key merged.
  func seen() async throws -> [String] {
    var seen: [String] = []
    for query in [
      """
      SELECT quarter::text, event_type, service, environment, sum(events)::text
      FROM analytics_rollup_events GROUP BY 1, 2, 3, 4
      """,
      """
      SELECT day::text, endpoint, sum(requests)::text, sum(duration_ms_sum)::text,
             analytics_histogram_sorted(analytics_histogram_sum(duration_ms))::text
      FROM analytics_rollup_api_requests_daily GROUP BY 1, 2
      """,
      "SELECT day::text, member::text, quarters::text FROM analytics_rollup_activity_users",
      "SELECT user_id::text, first_day::text FROM analytics_users",
      "SELECT hour::text, error_type, affected_users::text, sample_error_message FROM analytics_errors_hourly",
    ] {
      seen += try await connection.query(
        "SELECT r::text FROM (\(query)) AS r ORDER BY r::text COLLATE \"C\""
      ).map { try $0.decode(String.self, at: 0) }
    }
    return seen
  }
}
