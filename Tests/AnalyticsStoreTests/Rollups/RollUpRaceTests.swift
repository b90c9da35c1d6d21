import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Testing

/// Each test uses a lock to make a change happen between two reads.
@Suite("Concurrent rolling up and backfill", .timeLimit(.minutes(60)))
struct RollUpRaceTests {
  @Test("a batch that commits while a range is computed is counted once")
  func commitsWhileFilledIn() async throws {
    try await withStore { store in
      _ = try await store.sink()
      let connection = store.connection
      try await connection.execute(
        "\(PendingTests.partition()); \(PendingTests.insert(3))")
      try await connection.rollUp()
      // The writer's batch has a number below those that are rolled up, and then a number above them.
      for isBelow in [true, false] {
        try await connection.execute(
          """
          INSERT INTO analytics_rollup_pending (name, version, lower, upper)
          SELECT name, max(version), '2026-09-01Z', '2026-09-02Z' FROM analytics_rollups
          WHERE name = 'events' GROUP BY name
          """)
        let writer = try await PostgresConnection.connect(store.configuration)
        try await writer.execute("BEGIN; \(PendingTests.insert(5))")
        if isBelow {
          try await connection.execute(PendingTests.insert(1))
          try await connection.rollUp()
        }
        try await store.commit(
          writer,
          during: "SELECT analytics_fill_in(name, version, lower) FROM analytics_rollup_pending")
        for _ in 0..<2 {
          #expect(try await store.eventsCounted() == (isBelow ? 9 : 14))
          try await connection.rollUp()
        }
      }
    }
  }

  @Test("a batch that commits while pending batches are read is left for the next step")
  func commitsWhileLookedFor() async throws {
    try await withStore { store in
      _ = try await store.sink()
      try await store.connection.execute(
        "\(PendingTests.partition()); \(PendingTests.partition(day: 2)); \(PendingTests.insert(3))")
      let writer = try await PostgresConnection.connect(store.configuration)
      try await writer.execute("BEGIN; \(PendingTests.insert(5, day: 2))")
      try await store.commit(writer, during: "SELECT * FROM analytics_roll_up(1000, true)")
      for _ in 0..<2 {
        #expect(try await store.eventsCounted() == 8)
        try await store.connection.rollUp()
      }
    }
  }

  @Test("a batch with a lower number that commits between two slices is counted whole")
  func lowerNumberBetweenSlices() async throws {
    try await withStore { store in
      _ = try await store.sink()
      let connection = store.connection
      try await connection.execute(PendingTests.partition())
      let slow = try await PostgresConnection.connect(store.configuration)
      // These events are earlier than all events of the slice.
      try await slow.execute("BEGIN; \(PendingTests.insert(5, hour: 1))")
      try await connection.execute(PendingTests.insert(300, hour: 12))
      // The first call computes the times of the pending batches.
      for _ in 0..<2 {
        _ = try await connection.query("SELECT * FROM analytics_roll_up(100, true)" as SQL)
      }
      try await slow.execute("COMMIT")
      for _ in 0..<2 {
        #expect(try await store.eventsCounted() == 305)
        try await connection.rollUp()
      }
      // Rolling up within a transaction must not miss events that the transaction adds afterwards.
      try await connection.execute(
        """
        BEGIN; \(PendingTests.insert(200, hour: 12));
        SELECT * FROM analytics_roll_up(100, true); SELECT * FROM analytics_roll_up(100, true);
        \(PendingTests.insert(7, hour: 1)); COMMIT
        """)
      for _ in 0..<2 {
        #expect(try await store.eventsCounted() == 512)
        try await connection.rollUp()
      }
      #expect(try await store.rollups.verify() == [])
      await slow.close()
    }
  }

  @Test(
    "steady writers do not prevent a step from ending, and batches without times are not lost")
  func writersGoOn() async throws {
    try await withStore { store in
      _ = try await store.sink()
      try await store.connection.execute(
        "\(PendingTests.partition()); \(PendingTests.partition(day: 2))")
      let seed = SeededGenerator.seed()
      let stop = StopFlag()
      let inserted = try await withThrowingTaskGroup(of: Int.self) { group in
        for writer in 0..<2 {
          group.addTask {
            var random = SeededGenerator(seed: seed &+ UInt64(writer))
            var count = 0
            try await PostgresConnection.withConnection(to: store.configuration) { connection in
              while !stop.isSet {
                let events = Int.random(in: 1...3, using: &random)
                try await connection.execute(
                  PendingTests.insert(events, day: Int.random(in: 1...2, using: &random)))
                count += events
              }
            }
            return count
          }
        }
        // Each call ends although there are pending events at any time.
        for _ in 0..<20 { try await store.connection.rollUp() }
        stop.set()
        return try await group.reduce(0, +)
      }
      for _ in 0..<2 {
        #expect(try await store.eventsCounted() == inserted, "seed \(seed)")
        try await store.connection.rollUp()
      }
    }
  }

  @Test("a sink tries again if another process is rolling up, and if its step failed")
  func looksAgain() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await PostgresConnection.withConnection(to: store.configuration) { other in
        try await other.blockRollingUp()
        _ = try await sink.write(.of(KeyedEvent.daysAgo([1, 2])))
        #expect(try await store.scalar("SELECT events FROM analytics_rolling_up()") == 2)
        try await other.allowRollingUp()
        try await store.untilRolledUp()
        try await other.execute("ALTER TABLE analytics_rolled_up RENAME COLUMN others TO gone")
        _ = try await sink.write(.of(KeyedEvent.daysAgo([1, 2])))
        try await other.execute("ALTER TABLE analytics_rolled_up RENAME COLUMN gone TO others")
        try await store.untilRolledUp()
      }
      withExtendedLifetime(sink) {}
    }
  }

  @Test("an application's distinct measures may have names that the statements use, too")
  func names() async throws {
    try await withStore { store in
      let named = Rollup(
        "named", of: [], by: [Dimension("service", .service)],
        measures: [Measure("n", .count)]
          + ["events", "fresh", "days", "ever"].map { Measure($0, .distinct(.userID)) })
      try await Migrator(
        AnalyticsDatabase(store.configuration), rollups: [named], lockTimeout: .seconds(300)
      ).apply()
      try await store.connection.execute("\(PendingTests.partition()); \(PendingTests.insert(3))")
      try await store.connection.rollUp()
      #expect(
        try await store.scalar("SELECT count(*) FROM analytics_rollups WHERE problem IS NOT NULL")
          == 0)
      #expect(try await store.scalar("SELECT count(*) FROM analytics_rollup_named_fresh") == 3)
    }
  }

  @Test("a rollup whose table was altered blocks neither other rollups nor maintenance")
  func brokenTable() async throws {
    try await withStore { store in
      let share = Rollup(
        "share", of: [], by: [Dimension("service", .service)], measures: [Measure("n", .count)])
      try await Migrator(
        AnalyticsDatabase(store.configuration), rollups: [share],
        lockTimeout: .seconds(300)
      ).apply()
      try await store.connection.execute(
        "ALTER TABLE analytics_rollup_share_v1 RENAME COLUMN n TO gone")
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      _ = try await sink.write(.of(KeyedEvent.daysAgo([95, 1])))
      try await store.connection.rollUp()
      let report = try await Maintenance(AnalyticsDatabase(store.configuration)).run()
      #expect(report.dropped.count == 1)
      #expect(try await store.eventCount() == 1)
      #expect(try await store.eventsCounted() == 2)
      let problem: String = try await store.scalar(
        "SELECT problem FROM analytics_rollups WHERE name = 'share'")
      #expect(problem.contains("42703"))
      // The events of the dropped day are gone, so only the other day is computed again.
      try await store.connection.execute(
        "ALTER TABLE analytics_rollup_share_v1 RENAME COLUMN gone TO n")
      try await store.rollups.refresh()
      #expect(try await store.scalar("SELECT sum(n)::int8 FROM analytics_rollup_share_v1") == 1)
      #expect(
        try await store.scalar("SELECT count(*) FROM analytics_rollups WHERE problem IS NOT NULL")
          == 0)
    }
  }

  @Test("a rollup's problem is removed with its definition, and with the raw events")
  func problemsEnd() async throws {
    try await withStore { store in
      let database = AnalyticsDatabase(store.configuration)
      func migrate(version: Int) async throws {
        let share = Rollup(
          "share", version: version, of: [], by: [Dimension("service", .service)],
          measures: [Measure("n", .count)])
        try await Migrator(database, rollups: [share], lockTimeout: .seconds(300)).apply()
      }
      func problems() async throws -> Int {
        try await store.scalar("SELECT count(*) FROM analytics_rollups WHERE problem IS NOT NULL")
      }
      try await migrate(version: 1)
      try await store.connection.execute(
        """
        \(PendingTests.partition());
        ALTER TABLE analytics_rollup_share_v1 ADD CONSTRAINT none CHECK (n < 2);
        \(PendingTests.insert(3))
        """)
      try await store.connection.rollUp()
      #expect(try await problems() == 1)
      try await migrate(version: 2)
      #expect(try await problems() == 0)
      #expect(try await store.scalar("SELECT sum(n)::int8 FROM analytics_rollup_share") == 3)

      // Retention has dropped the raw events of the day, so it cannot be computed again.
      try await store.connection.execute(
        """
        ALTER TABLE analytics_rollup_share_v2 ADD CONSTRAINT none CHECK (n < 5);
        INSERT INTO analytics_retention (dropped_before) VALUES ('2026-09-02Z')
        ON CONFLICT (is_only) DO UPDATE SET dropped_before = excluded.dropped_before;
        \(PendingTests.insert(3))
        """)
      try await store.connection.rollUp()
      #expect(try await problems() == 1)
      try await store.rollups.refresh()
      #expect(try await problems() == 0)
      #expect(try await store.scalar("SELECT sum(n)::int8 FROM analytics_rollup_share") == 3)
    }
  }
}

extension StoreFixture {
  /// Commits and closes `writer` while `statement` waits for the table of events. What the statement has read before
  /// that, it read without the writer's batch.
  fileprivate func commit(_ writer: PostgresConnection, during statement: SQL) async throws {
    let locker = try await PostgresConnection.connect(configuration)
    let other = try await PostgresConnection.connect(configuration)
    let (lockerID, otherID) = (await locker.serverProcessID, await other.serverProcessID)
    // The lock waits for the writer, and the statement waits for the lock.
    let locked = Task {
      try await locker.execute("BEGIN; LOCK TABLE analytics_events IN ACCESS EXCLUSIVE MODE")
    }
    try await untilBlocked(lockerID)
    let done = Task { try await other.query(statement) }
    try await untilBlocked(otherID)
    try await writer.execute("COMMIT")
    try await locked.value
    try await locker.execute("COMMIT")
    _ = try await done.value
    for connection in [writer, locker, other] { await connection.close() }
  }

  private func untilBlocked(_ process: Int32) async throws {
    while try await scalar("SELECT cardinality(pg_blocking_pids(\(process)))") == 0 {
      try Task.checkCancellation()
    }
  }

  fileprivate func untilRolledUp() async throws {
    while try await scalar("SELECT batches FROM analytics_rolling_up()") != 0 {
      try Task.checkCancellation()
    }
  }
}
