import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite(
  "TimescaleDB: compressed chunks", .timeLimit(.minutes(60)),
  .enabled("TimescaleDB's community edition is not installed beside PostgreSQL") {
    try await SharedTestServer.hasTimescale()
  })
struct CompressedChunkTests {
  /// Consecutive events of one day, ten days ago.
  private static func events(_ count: Int) -> [KeyedEvent] {
    let start = floor(Date(timeIntervalSinceNow: -10 * 86_400).timeIntervalSince1970 / 86_400)
    return (0..<count).map { number in
      KeyedEvent(
        id: UUID(),
        timestamp: EventTimestamp(
          microsecondsSinceUnixEpoch: Int64(start * 86_400e6)
            + Int64(number) * (86_400_000_000 / Int64(count))))
    }
  }

  private static func store(
    _ events: [KeyedEvent], services: Int, by sink: PostgresEventSink
  ) async throws -> EventReceipt {
    var sum = EventReceipt(stored: 0)
    for start in stride(from: 0, to: events.count, by: 20_000) {
      let part = events[start..<min(start + 20_000, events.count)]
      let receipt = try await sink.writeInTheEnd(.of(Array(part), services: services))
      sum.stored += receipt.stored
      sum.duplicates += receipt.duplicates
    }
    return sum
  }

  private static func compress(_ store: StoreFixture) async throws {
    try await store.connection.execute(
      "SELECT compress_chunk(partition) FROM analytics_partitions()")
  }

  /// With COPY this would exceed the timeout: COPY searches thirty thousand rows for each event.
  @Test("many late events are stored whatever the statement timeout, new ones and duplicates")
  func manyLateEvents() async throws {
    try await withStore(on: .timescale) { store in
      let patient = try await store.sink()
      let early = Self.events(60_000)
      #expect(try await Self.store(early, services: 30, by: patient).stored == 60_000)
      try await Self.compress(store)
      // A search of a chunk with many millions of rows takes this long.
      try await store.connection.execute(
        """
        CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql
          AS $$ BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END $$;
        CREATE TRIGGER take_time AFTER INSERT ON analytics_events EXECUTE FUNCTION take_time();
        """)
      var configuration = store.configuration
      configuration.statementTimeout = .seconds(1)
      let sink = PostgresEventSink(AnalyticsDatabase(configuration))
      let late = Self.events(20_000)
      #expect(try await Self.store(late, services: 30, by: sink) == EventReceipt(stored: 20_000))
      // The batch also contains events that are stored already, and events of other chunks.
      let fresh = KeyedEvent.daysAgo([30, 3, 0])
      let mixed = (late.prefix(400) + fresh + early.suffix(400)).shuffled()
      #expect(
        try await sink.write(.of(mixed)) == EventReceipt(stored: 3, duplicates: 800))
      #expect(try await store.eventCount() == 80_003)
      let isCompressed: Bool = try await store.scalar(
        "SELECT bool_or(is_compressed) FROM timescaledb_information.chunks")
      #expect(isCompressed)
    }
  }

  /// Before version 2.16, TimescaleDB decompressed every row group that may contain a key. Here these are a thousand
  /// rows of each service for a single key.
  @Test("a server with a limit on decompressed rows stores late events")
  func decompressionLimit() async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink()
      let events = Self.events(120_000)
      _ = try await Self.store(events, services: 120, by: sink)
      try await Self.compress(store)
      let database: String = try await store.scalar("SELECT current_database()")
      try await store.connection.execute(
        """
        ALTER DATABASE "\(database)" SET timescaledb.enable_dml_decompression_tuple_filtering = off
        """)
      let naive = try await PostgresConnection.connect(store.configuration)
      let refused = await #expect(throws: PostgresError.self) {
        _ = try await naive.query(
          """
          INSERT INTO analytics_events SELECT * FROM analytics_events
          ON CONFLICT (timestamp, id) DO NOTHING
          """)
      }
      #expect(refused?.sqlState == SQLState(rawValue: "53400"))
      await naive.close()
      let again = PostgresEventSink(AnalyticsDatabase(store.configuration))
      let late = Self.events(60_000)
      let half = zip(late, events).flatMap { [$0, $1] }
      #expect(
        try await Self.store(half, services: 120, by: again)
          == EventReceipt(stored: 60_000, duplicates: 60_000))
      #expect(
        try await Self.store(events, services: 120, by: again)
          == EventReceipt(stored: 0, duplicates: 120_000))
      #expect(try await store.eventCount() == 180_000)
    }
  }

  @Test("a role that may only write stores late events")
  func writer() async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink()
      let events = Self.events(600)
      _ = try await sink.write(.of(events))
      try await Self.compress(store)
      let suffix = UUID().uuidString.prefix(8).lowercased()
      let roles = AnalyticsRoles(writer: "writer_\(suffix)", reader: "reader_\(suffix)")
      try await store.migrator().grant(roles)
      var configuration = store.configuration
      configuration.parameters["options"] = "-c role=\(roles.writer)"
      let writer = PostgresEventSink(AnalyticsDatabase(configuration))
      let late = Self.events(600)
      #expect(
        try await writer.write(.of(late + events)) == EventReceipt(stored: 600, duplicates: 600))
      for role in [roles.writer, roles.reader] {
        try await store.connection.execute("DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)")
      }
    }
  }

  @Test("rows that a trigger suppresses are distinguished from duplicates")
  func suppressed() async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink()
      let early = Self.events(600)
      _ = try await Self.store(early, services: 5, by: sink)
      try await Self.compress(store)
      try await store.connection.execute(
        """
        CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RETURN CASE WHEN NEW.id < '80000000-0000-0000-0000-000000000000' THEN NULL ELSE NEW END;
        END $$;
        CREATE TRIGGER leave_out BEFORE INSERT ON analytics_events
          FOR EACH ROW EXECUTE FUNCTION leave_out();
        """)
      let late = Self.events(600)
      let out = late.count { $0.id.uuid.0 < 0x80 }
      for stored in [600 - out, 0] {
        #expect(
          try await sink.write(.of((late + early).shuffled(), services: 5))
            == EventReceipt(
              stored: stored, duplicates: 1200 - out - stored, rejected: [.suppressed: out]))
      }
      #expect(try await store.eventCount() == 1200 - out)
    }
  }

  @Test("the same late events from two writers at once are stored once")
  func concurrentWriters() async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink()
      _ = try await Self.store(Self.events(5000), services: 5, by: sink)
      try await Self.compress(store)
      let late = Self.events(3000)
      let stored = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<2 {
          group.addTask {
            let writer = PostgresEventSink(AnalyticsDatabase(store.configuration))
            let receipt = try await writer.writeInTheEnd(.of(late.shuffled(), services: 5))
            return receipt.stored
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(stored == 3000)
      #expect(try await store.eventCount() == 8000)
    }
  }
}

extension EventBatch {
  /// Requests that are assigned to the services in turn. Compressed rows are grouped by type and service.
  fileprivate static func of(_ events: [KeyedEvent], services: Int) throws -> EventBatch {
    let enriched = events.enumerated().map { number, event in
      EnrichedEvent(
        timestamp: event.timestamp,
        event: .apiRequest(
          service: "service-\(number % services)", endpoint: "/v1/things", method: "GET",
          statusCode: 200, durationMS: number % 1000),
        hostname: "host", environment: nil)
    }
    return try encoding(enriched, ids: events.map(\.id))
  }
}
