import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Logging
import ServiceLifecycle
import Testing

@Suite("Erasure", .timeLimit(.minutes(60)))
struct ErasureTests {
  /// Stores events of many users, one of whom is the person.
  private func prepare(
    _ store: StoreFixture, seed: UInt64
  ) async throws -> (ErasedPerson, [EnrichedEvent], [UUID], PostgresEventSink) {
    try await store.migrateWithCheckouts()
    let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
    var generator = RollupEvents(seed: seed, users: 8)
    var events = generator.events(800)
    let person = ErasedPerson(
      id: try #require(try events.lazy.compactMap { try $0.stored.userID }.first))
    events += person.events() + person.events(hour: 30)
    let ids = generator.ids(events.count)
    try await store.store(events, ids: ids, with: sink)
    return (person, events, ids, sink)
  }

  @Test("removes a person from every table, and figures equal those of the raw events")
  func noTrace() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try await withStore { store in
      let (person, events, _, _) = try await prepare(store, seed: seed)
      try await store.connection.execute("ANALYZE")
      try await store.expectAgreement()
      #expect(try await store.traces(of: person.texts).count > 20)
      let counts = "SELECT sum(events)::int8 FROM analytics_rollup_events"
      let users = "SELECT sum(user_events)::int8 FROM analytics_rollup_events"
      let total: Int = try await store.scalar(counts)
      let withUser: Int = try await store.scalar(users)
      let own = try events.count { try $0.stored.userID == person.id }

      let report = try await store.erasure.erase(person.id)
      #expect(report.events == own, "seed \(seed)")
      try await store.expectErased(person, "seed \(seed)")
      #expect(try await store.eventCount() == events.count)
      #expect(try await store.scalar(counts) == total)
      #expect(try await store.scalar(users) == withUser - own)
      let others = Set(try events.compactMap { try $0.stored.userID }).subtracting([person.id])
      #expect(try await store.scalar("SELECT count(*) FROM analytics_users") == others.count)

      let again = try await store.erasure.erase(person.id)
      #expect(again.isEmpty && again.erasedAt > report.erasedAt)
      try await store.expectAgreement()
    }
  }

  @Test("keeps only those fields of an event that the strictest privacy preset stores")
  func fields() async throws {
    try await withStore { store in
      let sink = try await store.sink(engine: .plain)
      let events = SampleEvents.oneOfEach()
      let ids = events.map { _ in UUID() }
      let enriched = events.map { event in
        EnrichedEvent(
          timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 1_788_220_800_000_000),
          event: event, hostname: nil, environment: nil)
      }
      let strictRows = InMemorySink()
      var settings = AnalyticsConfiguration.testing()
      settings.privacy = .strict
      let client = try AnalyticsClient(settings, sink: strictRows)
      for event in events { client.track(event) }
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let group = ServiceGroup(services: [AnalyticsWorker(client, logger: logger)], logger: logger)
      async let run: Void = group.run()
      while client.accounting.pending > 0 { await Task.yield() }
      await group.triggerGracefulShutdown()
      try await run

      _ = try await sink.write(try EventBatch.encoding(enriched, ids: ids))
      let user = try #require(try enriched[0].stored.userID)
      _ = try await store.erasure.erase(user)
      #expect(strictRows.events.count == events.count)
      let types = try enriched.map { try $0.stored.type }
      #expect(Set(types).count == types.count)
      // The rows have no fixed order: a thread that moves to another processor continues in another stripe.
      for strict in strictRows.events {
        let index = try #require(types.firstIndex(of: strict.type))
        let kept: String = try await store.scalar(
          "SELECT data FROM analytics_events WHERE id = $1", [.uuid(ids[index])])
        // An event of no user keeps its fields. In the strict preset a context keeps lists and numbers.
        let isPersons = try enriched[index].stored.userID == user
        let expected = isPersons ? strict.data : try enriched[index].stored.data
        #expect(
          try Self.object(kept) == Self.object(expected).filter { $0.key != "context" },
          "\(strict.type)")
      }
    }
  }

  private static func object(_ text: String) throws -> [String: JSONValue] {
    try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
  }

  @Test("applies to events that arrive later: resent ones, old spools and imports")
  func later() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try await withStore { store in
      let (person, events, ids, sink) = try await prepare(store, seed: seed)
      let directory = NSTemporaryDirectory() + "erasure-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: directory) }
      var settings = AnalyticsConfiguration(service: "test", buffer: .durable(directory: directory))
      settings.privacy = .full
      settings.now = { EventTimestamp(microsecondsSinceUnixEpoch: 1_788_400_000_000_000) }
      let client = try AnalyticsClient(settings, sink: sink)
      for event in person.events() { client.track(event.event) }

      _ = try await store.erasure.erase(person.id)
      try await store.store(events, ids: ids, with: sink)
      #expect(try await store.eventCount() == events.count)

      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let group = ServiceGroup(services: [AnalyticsWorker(client, logger: logger)], logger: logger)
      async let run: Void = group.run()
      while client.accounting.pending > 0 { await Task.yield() }
      await group.triggerGracefulShutdown()
      try await run
      let late = person.events(hour: 50)
      try await store.store(late, ids: late.map { _ in UUID() }, batchSize: 3, with: sink)
      #expect(try await store.eventCount() == events.count + 2 * late.count)
      try await store.expectErased(person, "seed \(seed)")

      // A user who returns after the erasure counts as new.
      let now = EventTimestamp(
        microsecondsSinceUnixEpoch: Int64(Date().timeIntervalSince1970 * 1_000_000))
      let back = EnrichedEvent(
        timestamp: now, event: .authTokenRefresh(userID: person.id, success: true), hostname: nil,
        environment: nil)
      _ = try await sink.write(try EventBatch.encoding([back], ids: [UUID()]).tracked(after: now))
      #expect(
        try await store.scalar(
          "SELECT first_day = analytics_day(now()) FROM analytics_users WHERE user_id = $1",
          [.uuid(person.id)]))
      try await store.expectAgreement()
    }
  }

  @Test("keeps samples of other people's errors when figures are merged")
  func mergedSamples() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      let (person, other) = (UUID(), UUID())
      func event(_ day: Int64, _ user: UUID, _ type: String, _ message: String) -> EnrichedEvent {
        EnrichedEvent(
          timestamp: EventTimestamp(
            microsecondsSinceUnixEpoch: (1_788_307_200 + day * 86_400) * 1_000_000),
          event: .applicationError(
            service: "web", errorType: type, errorMessage: message, userID: user),
          hostname: nil, environment: nil)
      }
      // The raw events of the first day will be dropped.
      let events = (0...1).flatMap { day in
        [
          event(day, person, "E of \(person)", "a message"),
          event(day, other, "E of erased", "the disk is full"),
        ]
      }
      try await store.store(events, ids: events.map { _ in UUID() }, with: sink)
      try await store.connection.rollUp()
      try await store.connection.execute(Self.dropTwoDays)
      _ = try await store.erasure.erase(person)
      let line = "E of erased 2 the disk is full"
      for table in ["analytics_rollup_errors", "analytics_rollup_errors_daily"] {
        let rows = try await store.connection.query(
          "SELECT error_type, errors, sample_error_message FROM \(table) ORDER BY 1, version, 3"
        ).map { row in
          try row.decode(String.self, "error_type") + " \(row.decode(Int.self, "errors")) "
            + (row.decode(String?.self, "sample_error_message") ?? "-")
        }
        #expect(rows == [line, line], "\(table)")
      }
      try await store.expectAgreement()
    }
  }

  /// Drops the partitions as retention does, so that their statistics are removed, too.
  private static let dropTwoDays = """
    DO $$ DECLARE dropped regclass; BEGIN
      FOR dropped IN SELECT partition FROM analytics_partitions()
                     WHERE upper_bound <= '2026-09-03 00:00Z' LOOP
        EXECUTE 'DROP TABLE ' || dropped;
      END LOOP;
    END $$;
    INSERT INTO analytics_retention (dropped_before) VALUES ('2026-09-03 00:00Z')
    """

  @Test("removes texts from figures without raw events, and keeps the counts")
  func withoutRaw() async throws {
    try await withStore { store in
      let (person, _, _, _) = try await prepare(store, seed: 11)
      try await store.connection.rollUp()
      try await store.connection.execute(Self.dropTwoDays)
      let figures = """
        SELECT sum(events)::int8 || ' ' || sum(user_events)::int8 FROM analytics_rollup_events
        WHERE quarter < '2026-09-03 00:00Z'
        """
      let before: String = try await store.scalar(figures)
      try await store.expectAgreement()
      _ = try await store.erasure.erase(person.id)
      // All sample messages with the person's own words are removed, because the user of a sample is not known. The
      // device name was one of many, and stays.
      let texts = person.texts.filter { $0 != "difference" }
      let traces = try await store.traces(of: texts)
      #expect(traces == [])
      // The message of another user's error stays, and the person's id in it is replaced.
      let samples: Int = try await store.scalar(
        """
        SELECT count(*) FROM analytics_rollup_errors
        WHERE quarter < '2026-09-03 00:00Z' AND sample_error_message = 'A sample: erased is not there'
        """)
      #expect(samples > 0)
      try await store.expectAgreement()
      #expect(try await store.scalar(figures) == before)
    }
  }

  @Test("deletes dead letters, and rejects later ones")
  func deadLetters() async throws {
    try await withStore { store in
      let (person, _, _, sink) = try await prepare(store, seed: 12)
      try await store.connection.execute(
        "ALTER TABLE analytics_events ADD CHECK (timestamp < '2026-09-07 00:00Z')")
      func refuse(_ events: [EnrichedEvent]) async throws {
        for event in events {
          let batch = try EventBatch.encoding([event], ids: [UUID()])
          let refusal = try #require(await sinkError(sink, batch))
          try await sink.deadLetter(batch, because: refusal)
        }
      }
      let letters = "SELECT count(*) FROM analytics_dead_letters"
      let stranger = EnrichedEvent(
        timestamp: person.events(hour: 200)[0].timestamp,
        event: .projectUpdated(projectID: UUID(), userID: UUID()), hostname: nil, environment: nil)
      try await refuse(person.events(hour: 200) + [stranger])
      #expect(try await store.scalar(letters) == 14)
      let report = try await store.erasure.erase(person.id)
      #expect(report.rows["analytics_dead_letters"] == 13)
      try await refuse(person.events(hour: 210))
      try await store.expectErased(person)
      #expect(try await store.scalar(letters) == 1)
    }
  }

  @Test("is complete while many writers store events of the person")
  func concurrent() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try await withStore { store in
      let (person, _, _, _) = try await prepare(store, seed: seed)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<3 {
          group.addTask {
            let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
            var generator = RollupEvents(seed: seed, users: 8)
            let events = generator.events(600) + person.events(hour: Int64(writer))
            let ids = events.map { _ in UUID() }
            try await store.store(events, ids: ids, batchSize: 40, with: sink)
          }
        }
        group.addTask { _ = try await store.erasure.erase(person.id) }
        try await group.waitForAll()
      }
      try await store.expectErased(person, "seed \(seed)")
    }
  }

  @Test(
    "finds an address in any JSON spelling and any case, in events and dead letters",
    arguments: [
      #""ada \\ lovelace"@example.org"#, #"o'brien\"%_[x](y)+?*.^$|{2}@example.org"#,
      "ädä.løvelace@exämple.org", "ада@пример.рф", "a\u{1}b\tc@example.org", "ﬁß@example.org",
    ])
  func address(_ address: String) async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      let person = ErasedPerson(id: UUID())
      // The database's locale decides which letter is the other case of a letter.
      let upperCase: String = try await store.scalar("SELECT upper($1)", [.text(address)])
      func events(hour: Int64) -> [EnrichedEvent] {
        let user = UUID()
        let events: [AnalyticsEvent] = [
          .authLoginAttempt(userID: person.id, email: address, success: true),
          .authLoginAttempt(email: address, success: false),
          .authLoginAttempt(email: upperCase, success: false, error: address),
          .custom(
            DynamicEvent(
              type: "invited", fields: ["by": ["of", .string("<\(address)>")], address: true])),
          .authLoginAttempt(userID: user, email: "x" + address, success: true),
        ]
        return events.enumerated().map { index, event in
          EnrichedEvent(
            timestamp: EventTimestamp(
              microsecondsSinceUnixEpoch: (1_788_307_200 + hour * 3600 + Int64(index)) * 1_000_000),
            event: event, hostname: nil, environment: nil)
        }
      }
      func refuse(hour: Int64) async throws {
        for event in events(hour: hour) {
          let batch = try EventBatch.encoding([event], ids: [UUID()])
          try await sink.deadLetter(batch, because: EventSinkError(.refused, "so"))
        }
      }
      let stored = events(hour: 0)
      let ids = stored.map { _ in UUID() }
      try await store.store(stored, ids: ids, with: sink)
      try await refuse(hour: 1)
      let letters = "SELECT count(*) FROM analytics_dead_letters"
      #expect(try await store.scalar(letters) == 5)

      let report = try await store.erasure.erase(person.id)
      #expect(report.events == 1 && report.mentions == 3)
      #expect(report.rows["analytics_dead_letters"] == 4)
      try await store.store(stored, ids: ids, with: sink)
      try await refuse(hour: 2)
      // In later events an address with a space is found only as a whole value under its own name.
      let isOneWord = address.utf8.allSatisfy { $0 > 32 }
      #expect(try await store.scalar(letters) == (isOneWord ? 2 : 3))
      // A longer address with the same end belongs to another person.
      let left: [String] = try await store.connection.query(
        "SELECT data->>'email' FROM analytics_events WHERE data->>'email' ~ '.@'"
      ).map { try $0.decode(at: 0) }
      #expect(left == ["x" + address])
      let named: Int = try await store.scalar(
        "SELECT count(*) FROM analytics_events WHERE position($1 IN data::text) > 0",
        [.text("<")])
      #expect(named == 1)
      #expect(
        try await store.scalar(
          "SELECT data->'by'->>1 FROM analytics_events WHERE event_type = 'invited'") == "<erased>")
      try await store.expectAgreement()
    }
  }

  @Test("neither waits for readers nor makes them wait")
  func besideReaders() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try await withStore { store in
      let (person, _, _, _) = try await prepare(store, seed: seed)
      // The first erasure creates the trigger, and the second one finds it.
      _ = try await store.erasure.erase(UUID())
      let days = "SELECT count(*) FROM analytics_events WHERE timestamp < '2026-09-02Z'"
      try await PostgresConnection.withConnection(to: store.configuration) { reader in
        try await reader.execute("BEGIN; SET LOCAL statement_timeout = '60s'; \(days)")
        let report = try await store.erasure.erase(person.id)
        #expect(report.events > 0, "seed \(seed)")
        try await reader.execute("SELECT count(*) FROM analytics_events; COMMIT")
      }
      // A session that holds the locks of an erasure does not block readers.
      try await PostgresConnection.withConnection(to: store.configuration) { erasing in
        try await erasing.execute("BEGIN; SELECT analytics_remember_erasure('{other}')")
        try await store.connection.execute(
          "SET statement_timeout = '60s'; SELECT count(*) FROM analytics_events")
        try await erasing.execute("ROLLBACK")
      }
    }
  }

  @Test("causes no cost for ingest before the first erasure: there is no trigger")
  func noTriggerBefore() async throws {
    try await withStore { store in
      _ = try await store.sink(engine: .plain)
      let triggers = """
        SELECT count(*) FROM pg_trigger WHERE tgname = 'analytics_erase_new_event'
        """
      #expect(try await store.scalar(triggers) == 0)
      _ = try await store.erasure.erase(UUID())
      #expect(try await store.scalar(triggers) == 1)
    }
  }

  @Test("fails with one line if the tables are missing")
  func notMigrated() async throws {
    try await withStore { store in
      let error = await #expect(throws: StoreError.self) { try await store.erasure.erase(UUID()) }
      #expect(error?.code == .notMigrated)
    }
  }
}
