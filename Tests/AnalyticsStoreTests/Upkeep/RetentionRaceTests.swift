import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Retention with concurrent sessions")
struct RetentionRaceTests {
  @Test("a long report keeps its partition, and no one else waits; a later run finishes the detach")
  func longReport() async throws {
    try await withStore { store in
      let sink = try await store.sink(engine: .plain)
      _ = try await sink.write(.of(KeyedEvent.daysAgo([9, 8, 0])))
      // Rolled up in advance, so that no session uses the rollups for longer than `patience`.
      try await store.connection.rollUp()
      let reader = try await PostgresConnection.connect(store.configuration)
      let impatient = store.maintenance(keepDays: 5, patience: .milliseconds(200))
      try await reader.transaction(isolation: .repeatableRead) { reader in
        let count = "SELECT count(*) FROM analytics_events"
        #expect(try await reader.query(count).only().decode(Int.self, at: 0) == 3)
        // The first run leaves one partition partly detached, and the second run cannot finish it.
        for _ in 0..<2 {
          let report = try await impatient.run()
          #expect(report.dropped.isEmpty)
          #expect(report.waiting.count == 2)
          #expect(
            try await store.scalar("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == 1)
        }
        // Ingest continues, even if it needs a partition. A new report continues, too.
        #expect(try await sink.write(.of(KeyedEvent.daysAgo([3, 2]))).stored == 2)
        #expect(try await sink.write(.of(KeyedEvent.daysAgo([9]))).rejected == [.expired: 1])
        let look = try await PostgresConnection.connect(store.configuration)
        _ = try await look.query(count, deadline: .seconds(120))
        await look.close()
        #expect(try await reader.query(count).only().decode(Int.self, at: 0) == 3)
      }
      let report = try await store.maintenance(keepDays: 5).run()
      #expect(report.dropped.count == 2)
      #expect(report.waiting.isEmpty)
      #expect(try await store.eventCount() == 3)
      await reader.close()
    }
  }

  @Test("a partition left detached by a crash is dropped; one dropped manually is forgotten")
  func afterACrash() async throws {
    try await withStore { store in
      let sink = try await store.sink(engine: .plain)
      _ = try await sink.write(.of(KeyedEvent.daysAgo([9, 0])))
      try await store.connection.execute(
        """
        DO $$ DECLARE part text; BEGIN
          SELECT partition::text INTO part FROM analytics_partitions() ORDER BY lower_bound LIMIT 1;
          INSERT INTO analytics_partitions_to_drop VALUES (part), ('gone_already');
          EXECUTE 'ALTER TABLE analytics_events DETACH PARTITION ' || part;
        END $$
        """)
      let report = try await store.maintenance(keepDays: nil).run()
      #expect(report.dropped.count == 2)
      let left = "SELECT count(*) FROM pg_class WHERE relname = $1"
      #expect(try await store.scalar(left, [.text(report.dropped[0])]) == 0)
      #expect(try await store.maintenance(keepDays: nil).run().dropped.isEmpty)
      #expect(try await store.eventCount() == 1)
    }
  }

  @Test(
    "retention waits for a batch that began before the boundary was raised, and later ones expire")
  func batchUnderWay() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      _ = try await sink.write(.of(KeyedEvent.daysAgo([9, 0])))
      let early = try await PostgresConnection.connect(store.configuration)
      let clock = ManualClock()
      let maintenance = Maintenance(
        AnalyticsDatabase(store.configuration), options: MaintenanceOptions(keepDays: 5),
        clock: clock)
      let dropped = try await early.transaction { early in
        _ = try await early.query("SELECT * FROM analytics_begin_ingest()")
        async let report = maintenance.run()
        await clock.waitForSleepers(1)
        // The boundary is set, no partition is detached, and other sessions continue.
        #expect(try await sink.write(.of(KeyedEvent.daysAgo([9]))).rejected == [.expired: 1])
        #expect(try await store.attachedPartitions().count >= 2)
        #expect(try await store.eventCount() == 2)
        clock.advance(by: .seconds(3600))
        await clock.waitForSleepers(1)
        // Another transaction of the same kind does not delay it.
        try await early.execute("COMMIT; BEGIN; SELECT * FROM analytics_begin_ingest()")
        clock.advance(by: .seconds(1))
        return try await report.dropped
      }
      #expect(dropped.count == 1)
      await early.close()
    }
  }

  @Test("after a timeout nothing is dropped, and the next run continues")
  func impatient() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      _ = try await sink.write(.of(KeyedEvent.daysAgo([9, 0])))
      let early = try await PostgresConnection.connect(store.configuration)
      try await early.transaction { early in
        _ = try await early.query("SELECT * FROM analytics_begin_ingest()")
        let report = try await store.maintenance(keepDays: 5, patience: .zero).run()
        #expect(report.waiting.count == 1)
        #expect(try await store.eventCount() == 2)
      }
      #expect(try await store.maintenance(keepDays: nil).run().dropped.count == 1)
      await early.close()
    }
  }

  @Test("during repeated runs no event is stored before the boundary, and none is lost")
  func stress() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      let tally = try await withThrowingTaskGroup(of: EventReceipt.self) { group in
        for _ in 0..<3 {
          group.addTask {
            let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
            var sum = EventReceipt(stored: 0)
            for round in 0..<30 {
              let days = (0..<20).map { Double($0) + Double(round) / 100 }
              let receipt = try await sink.writeInTheEnd(.of(KeyedEvent.daysAgo(days)))
              sum.stored += receipt.stored
              sum.rejected.merge(receipt.rejected, uniquingKeysWith: +)
            }
            return sum
          }
        }
        group.addTask {
          for keepDays in (1...19).reversed() {
            _ = try await store.maintenance(keepDays: keepDays).run()
          }
          return EventReceipt(stored: 0)
        }
        return try await group.reduce(into: EventReceipt(stored: 0)) { sum, receipt in
          sum.stored += receipt.stored
          sum.rejected.merge(receipt.rejected, uniquingKeysWith: +)
        }
      }
      #expect(tally.stored + tally.rejected[.expired, default: 0] == 3 * 30 * 20)
      #expect(try await store.expiredCount() == 0)
    }
  }
}
