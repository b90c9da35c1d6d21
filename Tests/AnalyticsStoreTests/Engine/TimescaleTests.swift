import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@Suite(
  "TimescaleDB",
  .enabled("TimescaleDB's community edition is not installed beside PostgreSQL") {
    try await SharedTestServer.hasTimescale()
  })
struct TimescaleTests {
  private func chunkCount(_ store: StoreFixture) async throws -> Int {
    try await store.scalar("SELECT count(*) FROM timescaledb_information.chunks")
  }

  /// Runs a job now instead of at its scheduled time.
  private func runJob(_ procedure: String, _ store: StoreFixture) async throws {
    let job: Int = try await store.scalar(
      "SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = $1", [.text(procedure)])
    try await store.connection.execute("CALL run_job(\(job))")
  }

  @Test("is chosen if the server has it, with its policies; a second migration does nothing")
  func chosen() async throws {
    try await withStore(on: .timescale) { store in
      #expect(try await store.migrator().storageEngine() == nil)
      try await store.migrator().apply()
      #expect(try await store.migrator().storageEngine() == .timescale)
      #expect(try await store.migrator().apply().isEmpty)
      let jobs: Int = try await store.scalar(
        """
        SELECT count(*) FROM timescaledb_information.jobs
        WHERE proc_name IN ('policy_compression', 'analytics_retention_job')
        """)
      #expect(jobs == 2)
      let interval: Bool = try await store.scalar(
        "SELECT time_interval = interval '1 day' FROM timescaledb_information.dimensions")
      #expect(interval)
    }
  }

  @Test("meets the contract of every sink", arguments: EventSinkContract.checks)
  func contract(check: EventSinkContract.Check) async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink()
      try await check.run(sink) { try await SinkTests.readAll(store) }
    }
  }

  @Test("is not used if plain is requested; an installation with events is moved only on request")
  func moved() async throws {
    try await withStore(on: .timescale) { store in
      try await store.migrator(engine: .plain).apply()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      try await store.connection.execute(
        """
        GRANT SELECT ON analytics_events TO PUBLIC;
        GRANT INSERT (id), SELECT (id) ON analytics_events TO pg_monitor;
        """)
      let rights = """
        SELECT concat((SELECT relacl FROM pg_class WHERE oid = 'analytics_events'::regclass),
          (SELECT attacl FROM pg_attribute
           WHERE attrelid = 'analytics_events'::regclass AND attname = 'id'))
        """
      let rightsBefore: String = try await store.scalar(rights)
      let events = KeyedEvent.daysAgo([5000, 400, 40, 1, 0])
      _ = try await sink.write(.of(events))
      try await store.migrator(engine: .auto).apply()
      #expect(try await store.migrator().storageEngine() == .plain)
      try await store.migrator(engine: .timescale).apply()
      #expect(try await store.migrator().storageEngine() == .timescale)
      #expect(try await chunkCount(store) == 5)
      #expect(try await store.scalar(rights) == rightsBefore)
      #expect(try await sink.write(.of(events + KeyedEvent.daysAgo([2]))).duplicates == 5)
      #expect(try await store.eventCount() == 6)
      // Moving must not delete old events, so retention is not scheduled.
      let isScheduled: Bool = try await store.scalar(
        "SELECT scheduled FROM timescaledb_information.jobs WHERE proc_name LIKE 'analytics%'")
      #expect(!isScheduled)
      let error = await #expect(throws: StoreError.self) {
        try await store.migrator(engine: .plain).apply()
      }
      #expect(error?.code == .engine)
    }
  }

  @Test("nineteen years of history make about 150 chunks")
  func history() async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink()
      _ = try await sink.write(.of(KeyedEvent.daysAgo((0..<6940).map(Double.init))))
      #expect(try await store.eventCount() == 6940)
      // The number depends on today: at most 131 days, 32 months and 18 years, because months and years are whole.
      #expect(try await chunkCount(store) <= 181)
    }
  }

  @Test("late and resent events are stored in compressed chunks, each once")
  func compressed() async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink()
      let events = KeyedEvent.daysAgo((0..<500).map { 20 + Double($0) / 1000 })
      _ = try await sink.write(.of(events))
      try await runJob("policy_compression", store)
      let isCompressed: Bool = try await store.scalar(
        "SELECT bool_and(is_compressed) FROM timescaledb_information.chunks")
      #expect(isCompressed)
      let late = KeyedEvent.daysAgo([20.1, 20.2])
      #expect(
        try await sink.write(.of(events + late)) == EventReceipt(stored: 2, duplicates: 500))
      #expect(try await store.eventCount() == 502)
    }
  }

  @Test(
    "retention raises the boundary before dropping chunks, in maintenance and in the server's job")
  func retention() async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink()
      let old = KeyedEvent.daysAgo([95, 94, 9])
      _ = try await sink.write(.of(old + KeyedEvent.daysAgo([0])))
      // Sessions of a database may begin with this setting.
      try await store.connection.execute("SET default_transaction_isolation = 'serializable'")
      try await runJob("analytics_retention_job", store)
      try await store.connection.execute("RESET default_transaction_isolation")
      #expect(try await store.eventCount() == 2)
      #expect(try await store.eventsCounted() == 4)
      #expect(try await sink.write(.of(old)).rejected == [.expired: 2])
      let report = try await store.maintenance(keepDays: 5).run()
      #expect(report.dropped.count == 1)
      #expect(try await sink.write(.of(old)).rejected == [.expired: 3])
      #expect(try await store.eventCount() == 1)
    }
  }

  @Test("the job commits the boundary first: a report delays the dropping, but not the boundary")
  func boundaryFirst() async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink()
      let old = KeyedEvent.daysAgo([95])
      _ = try await sink.write(.of(old + KeyedEvent.daysAgo([0])))
      let reader = try await PostgresConnection.connect(store.configuration)
      try await reader.transaction { reader async throws in
        let count = "SELECT count(*) FROM analytics_events"
        #expect(try await reader.query(count).only().decode(Int.self, at: 0) == 2)
        let error = await #expect(throws: PostgresError.self) {
          try await runJob("analytics_retention_job", store)
        }
        #expect(error?.sqlState == .lockNotAvailable)
        #expect(try await sink.write(.of(old)).rejected == [.expired: 1])
        #expect(try await store.eventCount() == 2)
      }
      try await runJob("analytics_retention_job", store)
      #expect(try await store.eventCount() == 1)
      await reader.close()
    }
  }

  @Test("works in a separate schema with any name")
  func schema() async throws {
    try await withStore(on: .timescale) { store in
      let name = #"odd "na'me""#
      try await store.migrator(schema: name).apply()
      #expect(try await store.migrator(schema: name).storageEngine() == .timescale)
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration, schema: name))
      _ = try await sink.write(.of(KeyedEvent.daysAgo([9, 0])))
      try await store.connection.execute(
        #"CALL "odd ""na'me""".analytics_retention_job(0, '{"keep_days": 5}')"#)
      #expect(try await sink.write(.of(KeyedEvent.daysAgo([9]))).rejected == [.expired: 1])
    }
  }
}

@Suite("The engine, without TimescaleDB")
struct PlainEngineTests {
  @Test("a requested engine that is not available causes one line; auto stays plain")
  func missing() async throws {
    try await withStore { store in
      try await Migrator(AnalyticsDatabase(store.configuration), engine: .plain).apply()
      #expect(try await store.migrator().storageEngine() == .plain)
      let isLoaded: Bool = try await store.scalar(
        "SELECT current_setting('timescaledb.disable_load', true) IS NOT NULL")
      guard !isLoaded else { return }
      let error = await #expect(throws: StoreError.self) {
        try await Migrator(AnalyticsDatabase(store.configuration), engine: .timescale).apply()
      }
      #expect(error?.code == .engine)
      #expect(error?.description.contains("\n") == false)
      #expect(try await store.migrator().storageEngine() == .plain)
    }
  }
}
