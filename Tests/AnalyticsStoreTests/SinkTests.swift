import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("The sink")
struct SinkTests {
  @Test("meets the contract of every sink", arguments: EventSinkContract.checks)
  func contract(check: EventSinkContract.Check) async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await check.run(sink) { try await Self.readAll(store) }
    }
  }

  static func readAll(_ store: StoreFixture) async throws -> [StoredEvent] {
    let rows = try await store.connection.query(
      """
      SELECT id, timestamp, event_type, service, user_id, hostname, environment, data::text
      FROM analytics_events
      """)
    return try rows.map { row in
      var event = try Self.template()
      event.id = try row.decode(at: 0)
      event.timestamp = EventTimestamp(
        microsecondsSincePostgresEpoch: try row.decode(PostgresTimestamp.self, at: 1).microseconds)
      event.type = try row.decode(at: 2)
      event.service = try row.decode(at: 3)
      event.userID = try row.decode(UUID?.self, at: 4)
      event.hostname = try row.decode(String?.self, at: 5)
      event.environment = try row.decode(String?.self, at: 6)
      event.data = try row.decode(at: 7)
      return event
    }
  }

  private static func template() throws -> StoredEvent {
    var event: StoredEvent?
    var generator = SystemRandomNumberGenerator()
    try EventBatch.of(KeyedEvent.random(1, using: &generator)).forEachRow {
      event = StoredEvent($0)
    }
    return try #require(event)
  }

  @Test("any mix of new, old and repeated events is stored once and counted correctly")
  func mixes() async throws {
    var generator = SeededGenerator.printingSeed()
    let pool = KeyedEvent.random(300, days: 5, using: &generator)
    try await withStore { store in
      let sink = try await store.sink()
      var oracle: Set<KeyedEvent> = []
      for round in 0..<40 {
        // In some rounds all events are new, in some all are stored already, in most they are mixed.
        let events = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
          pool[Int.random(in: 0..<min(pool.count, 20 + 10 * round), using: &generator)]
        }
        let new = Set(events).subtracting(oracle).count
        let receipt = try await sink.write(EventBatch.of(events))
        #expect(
          receipt == EventReceipt(stored: new, duplicates: events.count - new),
          "seed \(generator.seed)")
        oracle.formUnion(events)
      }
      #expect(try await store.eventCount() == oracle.count, "seed \(generator.seed)")
    }
  }

  @Test("resent events in other batches add nothing")
  func cutElsewhere() async throws {
    var generator = SystemRandomNumberGenerator()
    let events = KeyedEvent.random(100, using: &generator)
    try await withStore { store in
      let sink = try await store.sink()
      for cut in [100, 33, 50, 7] {
        for start in stride(from: 0, to: 100, by: cut) {
          let piece = Array(events[start..<min(start + cut, 100)])
          let receipt = try await sink.write(EventBatch.of(piece))
          #expect(receipt.stored == (cut == 100 ? 100 : 0))
        }
      }
      #expect(try await store.eventCount() == 100)
    }
  }

  @Test("the same events from many writers at once are stored once")
  func concurrentWriters() async throws {
    var generator = SystemRandomNumberGenerator()
    let events = KeyedEvent.random(400, days: 20, using: &generator)
    try await withStore { store in
      try await store.migrator().apply()
      let stored = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 {
          group.addTask {
            let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
            var stored = 0
            for start in stride(from: 0, to: 400, by: 100) {
              let batch = try EventBatch.of(events[start..<start + 100].shuffled())
              stored += try await sink.writeInTheEnd(batch).stored
            }
            return stored
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(stored == 400)
      #expect(try await store.eventCount() == 400)
    }
  }

  @Test("events of past centuries are stored, events of the future are not")
  func farAway() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      let instants = ["0001-01-01T00:00:00Z", "1969-07-20T20:17:40Z", "9999-12-31T23:59:59Z"]
      let events = try instants.map { text in
        KeyedEvent(id: UUID(), timestamp: try #require(EventTimestamp(rfc3339: text)))
      }
      #expect(
        try await sink.write(.of(events)) == EventReceipt(stored: 2, rejected: [.future: 1]))
    }
  }

  @Test("works in a separate schema with any search_path")
  func schema() async throws {
    var generator = SystemRandomNumberGenerator()
    let events = KeyedEvent.random(10, using: &generator)
    try await withStore { store in
      try await store.migrator(schema: #"odd "name""#).apply()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration, schema: #"odd "name""#))
      #expect(try await sink.write(.of(events)).stored == 10)
      #expect(try await sink.write(.of(events)).duplicates == 10)
      #expect(
        try await store.scalar(#"SELECT count(*) FROM "odd ""name""".analytics_events"#) == 10)
    }
  }

  @Test("commits durably even if the server's default does not")
  func synchronousCommit() async throws {
    var generator = SystemRandomNumberGenerator()
    let events = KeyedEvent.random(3, using: &generator)
    try await withStore { store in
      try await store.migrator().apply()
      try await store.connection.execute(
        """
        CREATE TABLE seen (setting text);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NULL;
          END $$;
        CREATE TRIGGER see AFTER INSERT ON analytics_events EXECUTE FUNCTION see();
        """)
      var configuration = store.configuration
      configuration.parameters["options"] = "-c synchronous_commit=off"
      let sink = PostgresEventSink(AnalyticsDatabase(configuration))
      _ = try await sink.write(.of(events))
      #expect(try await store.scalar("SELECT setting FROM seen") == "on")
    }
  }

  @Test(
    "its destination has all settings that decide where rows go, without a password, in 200 bytes"
  )
  func destination() throws {
    let sink = try PostgresEventSink(
      AnalyticsDatabase(url: "postgres://ada:s3cret@db.example:6543/events", schema: "a"))
    #expect(sink.destination == "db.example:6543/events#a user=ada")
    let tenant = try PostgresEventSink(
      url: "postgres://ada@db.example:6543/events?options=-csearch_path%3Db")
    #expect(tenant.destination == "db.example:6543/events user=ada options=-csearch_path=b")
    let hosts = (0..<40).map { "database-\($0).example" }.joined(separator: ",")
    let long = try PostgresEventSink(url: "postgres://ada:s3cret@\(hosts)/events")
    let other = try PostgresEventSink(url: "postgres://ada:s3cret@\(hosts)/others")
    #expect(long.destination.utf8.count <= 200)
    #expect(long.destination != other.destination)
  }

  @Test("its statement timeout is above zero, and at most 36,500 days")
  func statementTimeouts() throws {
    let (url, longest) = ("postgres://db.example/events", Duration.seconds(36_500 * 86_400))
    for timeout in [.nanoseconds(1), longest] as [Duration] {
      #expect(throws: Never.self) { try PostgresEventSink(url: url, statementTimeout: timeout) }
    }
    let wrong: [Duration] = [
      .zero, .seconds(-1), longest + .nanoseconds(1), .seconds(Int64.max),
    ]
    for timeout in wrong {
      let error = #expect(throws: StoreError.self) {
        try PostgresEventSink(url: url, statementTimeout: timeout)
      }
      #expect(error?.code == .configuration)
      #expect(error?.description.contains("it must be above zero and at most 36500 days") == true)
    }
  }
}
