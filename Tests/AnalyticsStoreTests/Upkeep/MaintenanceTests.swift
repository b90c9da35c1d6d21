import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestKit
import AnalyticsTestSupport
import Logging
import Testing

@Suite("Maintenance")
struct MaintenanceTests {
  @Test("creates today's partition and the next ones, once")
  func ahead() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      #expect(try await store.maintenance(keepDays: 90).run().partitionsMade == 3)
      #expect(try await store.maintenance(keepDays: 90).run().partitionsMade == 0)
      let covered: Bool = try await store.scalar(
        """
        SELECT range_agg(tstzrange(lower_bound, upper_bound))
          @> tstzrange(now(), now() + interval '2 days') FROM analytics_partitions()
        """)
      #expect(covered)
    }
  }

  @Test("runs in only one process per schema at a time")
  func oneAtATime() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      try await store.migrator(schema: "other").apply()
      try await store.connection.withAdvisoryLock(
        Maintenance.lockKey(schema: "public"), timeout: .zero
      ) {
        let report = try await store.maintenance(keepDays: 90).run()
        #expect(report.isBusyElsewhere)
        #expect(try await store.attachedPartitions().isEmpty)
        let other = try await Maintenance(AnalyticsDatabase(store.configuration, schema: "other"))
          .run()
        #expect(other.partitionsMade == 8)
      }
      #expect(try await store.maintenance(keepDays: 90).run().partitionsMade == 3)
    }
  }

  @Test("if another session locks the events, it fails after its lock timeout with one line")
  func locked() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      try await store.connection.transaction { connection in
        try await connection.execute("LOCK TABLE analytics_events IN ACCESS EXCLUSIVE MODE")
        let error = await #expect(throws: StoreError.self) {
          try await store.maintenance(keepDays: 90, patience: .milliseconds(100)).run()
        }
        #expect(error?.description.contains("run maintenance again later") == true)
        #expect(error?.description.contains("\n") == false)
      }
      #expect(try await store.maintenance(keepDays: 90).run().partitionsMade == 3)
    }
  }

  @Test("a database that is missing or not migrated is reported in one line with what to do")
  func errors() async throws {
    try await withStore { store in
      let error = await #expect(throws: StoreError.self) {
        try await store.maintenance(keepDays: 90).run()
      }
      #expect(error?.code == .notMigrated)
      #expect(error?.description.contains("run `analytics migrate`") == true)
      var configuration = store.configuration
      configuration.parameters["dbname"] = "there_is_no_such_database"
      let unknown = await #expect(throws: StoreError.self) {
        try await Maintenance(AnalyticsDatabase(configuration)).run()
      }
      #expect(unknown?.description.contains("\n") == false)
    }
    #expect(throws: StoreError.self) { try Maintenance(AnalyticsDatabase(url: "postgres://[")) }
  }

  @Test("as a service it runs at once and at every interval, despite failures, until shutdown")
  func service() async throws {
    try await withStore { store in
      let clock = ManualClock()
      let service = AnalyticsMaintenance(
        store.maintenance(keepDays: 90), interval: .seconds(60), clock: clock,
        logger: silentLogger)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await service.run() }
        // The first run finds no tables.
        await clock.waitForSleepers(1)
        try await store.migrator().apply()
        for _ in 0..<2 {
          clock.advance(by: .seconds(60))
          await clock.waitForSleepers(1)
          #expect(try await store.attachedPartitions().count == 3)
          try await store.connection.execute(
            """
            DO $$ DECLARE part text; BEGIN
              FOR part IN SELECT partition FROM public.analytics_partitions() LOOP
                EXECUTE 'DROP TABLE ' || part;
              END LOOP;
            END $$
            """)
        }
        group.cancelAll()
        try await group.waitForAll()
      }
    }
  }
}
