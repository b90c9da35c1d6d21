import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Dead letters", .timeLimit(.minutes(60)))
struct DeadLetterTests {
  /// The server refuses names that begin with "bad".
  private static let constraint = """
    ALTER TABLE analytics_events ADD CONSTRAINT no_bad_names
    CHECK (NOT coalesce(data->>'name' LIKE 'bad%', false))
    """

  private func letters(_ store: StoreFixture) async throws -> DeadLetters {
    try await DeadLetters(AnalyticsDatabase(store.connection.configuration), on: store.connection)
  }

  private func deadLetter(
    _ events: [KeyedEvent], name: String = "bad", by sink: PostgresEventSink
  ) async throws {
    for event in events {
      let row = try EventBatch.of([event], name: name)
      let refusal = try #require(await sinkError(sink, row))
      #expect(refusal.kind == .refused)
      try await sink.deadLetter(row, because: refusal)
    }
  }

  @Test("keep the whole event and the reason; the same event again counts as one more attempt")
  func kept() async throws {
    try await withStore { store in
      var generator = SeededGenerator(seed: 1)
      let event = KeyedEvent.random(1, using: &generator)
      let sink = try await store.sink()
      try await store.connection.execute(Self.constraint)
      try await deadLetter(event, by: sink)
      try await deadLetter(event, by: sink)
      let found = try await letters(store).page(limit: 10)
      #expect(
        found.map(\.id) == event.map(\.id) && found.map(\.timestamp) == event.map(\.timestamp))
      #expect(found.map(\.attempts) == [2])
      #expect(found.first?.reason.contains("no_bad_names") == true)
      var rows: [StoredEvent] = []
      var expected: [StoredEvent] = []
      try DeadLetter.batch(found).forEachRow { rows.append(StoredEvent($0)) }
      try EventBatch.of(event, name: "bad").forEachRow { expected.append(StoredEvent($0)) }
      #expect(rows == expected)
      #expect(try await store.eventCount() == 0)
    }
  }

  @Test("are stored once by a retry after the cause is removed, and deleted only then")
  func retried() async throws {
    try await withStore { store in
      var generator = SeededGenerator(seed: 2)
      let events = KeyedEvent.random(7, using: &generator)
      let sink = try await store.sink()
      try await store.connection.execute(Self.constraint)
      try await deadLetter(Array(events.prefix(5)), by: sink)
      try await deadLetter(Array(events.suffix(2)), name: "bad as well", by: sink)
      let letters = try await letters(store)
      #expect(try await letters.retry(nil, with: sink) == .init(refused: 7))
      #expect(try await letters.page(limit: 10).map(\.attempts) == Array(repeating: 2, count: 7))

      try await store.connection.execute(
        """
        ALTER TABLE analytics_events DROP CONSTRAINT no_bad_names;
        ALTER TABLE analytics_events ADD CHECK (data->>'name' <> 'bad as well');
        """)
      // An earlier retry was killed after it had stored this event, before it deleted the letter.
      _ = try await sink.write(try EventBatch.of([events[0]], name: "bad"))
      #expect(
        try await letters.retry(nil, with: sink) == .init(stored: 4, duplicates: 1, refused: 2))
      #expect(try await store.eventCount() == 5)
      #expect(Set(try await letters.page(limit: 10).map(\.id)) == Set(events.suffix(2).map(\.id)))
      #expect(try await letters.count() == 2)
    }
  }

  @Test("outside the accepted range stay until their day is dropped")
  func expired() async throws {
    try await withStore { store in
      var generator = SeededGenerator(seed: 3)
      let events = KeyedEvent.random(3, days: 1, using: &generator)
      let sink = try await store.sink()
      try await store.connection.execute(Self.constraint)
      try await deadLetter(events, by: sink)
      try await store.connection.execute(
        """
        ALTER TABLE analytics_events DROP CONSTRAINT no_bad_names;
        INSERT INTO analytics_retention (dropped_before)
        SELECT min(timestamp) + interval '1 microsecond' FROM analytics_dead_letters;
        """)
      let letters = try await letters(store)
      #expect(try await letters.retry(nil, with: sink) == .init(stored: 2, outOfRange: 1))
      #expect(try await letters.count() == 1)
      let report = try await Maintenance(AnalyticsDatabase(store.configuration)).run()
      #expect(report.deadLettersDropped == 1)
      #expect(try await letters.count() == 0)
    }
  }

  @Test("are purged by id, by age, or all")
  func purged() async throws {
    try await withStore { store in
      var generator = SeededGenerator(seed: 4)
      let events = KeyedEvent.random(5, using: &generator)
      let sink = try await store.sink()
      try await store.connection.execute(Self.constraint)
      try await deadLetter(events, by: sink)
      let letters = try await letters(store)
      #expect(try await letters.purge(.ids([events[3].id])) == 1)
      #expect(try await letters.purge(.olderThan(days: 1)) == 0)
      try await store.connection.execute(
        "UPDATE analytics_dead_letters SET refused_at = now() - interval '2 days' WHERE id = '\(events[0].id)'"
      )
      #expect(try await letters.purge(.olderThan(days: 1)) == 1)
      #expect(try await letters.purge(.all) == 3)
    }
  }

  @Test(
    "of a worker with good and bad events: all are stored or dead-lettered, none is lost"
  )
  func endToEnd() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await store.connection.execute(Self.constraint)
      let client = try AnalyticsClient(
        AnalyticsConfiguration(service: "test", buffer: .memory()), sink: sink)
      let bad = [0, 17, 18, 400, 999]
      for number in 0..<1000 {
        client.track(
          .projectCreated(
            projectID: UUID(), userID: UUID(),
            name: bad.contains(number) ? "bad \(number)" : "good \(number)"))
      }
      try await withWorker(client) { try await until { client.accounting.pending == 0 } }
      #expect(client.accounting.rejected == [.refused: bad.count] && client.accounting.isBalanced)
      #expect(try await store.eventCount() == 1000 - bad.count)
      try await store.connection.execute(
        "ALTER TABLE analytics_events DROP CONSTRAINT no_bad_names")
      #expect(
        try await letters(store).retry(nil, with: sink) == .init(stored: bad.count))
      let names: Int = try await store.scalar(
        "SELECT count(DISTINCT data->>'name') FROM analytics_events")
      #expect(names == 1000)
    }
  }
}
