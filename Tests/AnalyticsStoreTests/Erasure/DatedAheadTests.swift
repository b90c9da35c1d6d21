import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

/// An event belongs to the time before an erasure unless it was certainly tracked afterwards, because a clock may be up
/// to 24 hours ahead.
@Suite("Erasure and clocks that are ahead", .timeLimit(.minutes(60)))
struct DatedAheadTests {
  private let person = ErasedPerson(id: UUID())

  private func now(hoursAhead: Double = 0) -> EventTimestamp {
    EventTimestamp(
      microsecondsSinceUnixEpoch: Int64(
        (Date().timeIntervalSince1970 + hoursAhead * 3600) * 1_000_000))
  }

  private func settings(_ directory: String?, hoursAhead: Double) -> AnalyticsConfiguration {
    var settings = AnalyticsConfiguration(
      service: "test",
      buffer: directory.map { .durable(directory: $0) } ?? .memory())
    settings.privacy = .full
    settings.hostname = "host"
    settings.flushInterval = .milliseconds(20)
    settings.now = { [now = now(hoursAhead: hoursAhead)] in now }
    return settings
  }

  private func visit(dated hours: Double) throws -> EventBatch {
    try .encoding(
      [
        EnrichedEvent(
          timestamp: now(hoursAhead: hours),
          event: .authTokenRefresh(userID: person.id, success: true), hostname: nil,
          environment: nil)
      ], ids: [UUID()])
  }

  private func ownEvents(_ store: StoreFixture) async throws -> Int {
    try await store.scalar(
      "SELECT count(*) FROM analytics_events WHERE user_id = $1", [.uuid(person.id)])
  }

  @Test("an erased person's events in the spool of a dead process are erased when stored")
  func oldSpool() async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      try await withTemporaryDirectory { directory in
        func leave() throws {
          let client = try AnalyticsClient(settings(directory, hoursAhead: 20), sink: sink)
          for _ in 0..<10 {
            for event in person.events() { client.track(event.event) }
          }
        }
        try leave()
        let left = 10 * person.events().count
        // These events link the person's address to the person.
        try await store.store(person.events(), ids: person.events().map { _ in UUID() }, with: sink)
        _ = try await store.erasure.erase(person.id)
        let client = try AnalyticsClient(settings(directory, hoursAhead: 0), sink: sink)
        try await withWorker(client) { try await until { client.accounting.stored == left } }
        #expect(try await store.eventCount() == left + person.events().count)
        try await store.expectErased(person)
      }
    }
  }

  @Test(
    "an erased person's events that a running process has not stored yet are erased when stored")
  func living() async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      // The sink has read the database's clock before, and the person's address is known.
      try await store.store(person.events(), ids: person.events().map { _ in UUID() }, with: sink)
      let client = try AnalyticsClient(settings(nil, hoursAhead: 20), sink: sink)
      for event in person.events() { client.track(event.event) }
      _ = try await store.erasure.erase(person.id)
      try await withWorker(client) {
        try await until { client.accounting.stored == person.events().count }
      }
      try await store.expectErased(person)
    }
  }

  @Test(
    "an erased person's imported events are erased up to 24 hours ahead, also when repeated",
    arguments: [0.0, 0.5, 12, 23.9])
  func imported(hours: Double) async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      _ = try await store.erasure.erase(person.id)
      let batch = try visit(dated: hours)
      for _ in 0..<2 { _ = try await sink.write(batch) }
      #expect(try await store.eventCount() == 1)
      try await store.expectErased(person)
    }
  }

  @Test("later events of an erased user are kept if their worker knows the server's time")
  func comesBack() async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      // The clock is ahead.
      let client = try AnalyticsClient(settings(nil, hoursAhead: 3), sink: sink)
      try await withWorker(client) {
        client.track(.authTokenRefresh(userID: person.id, success: true))
        try await client.flush()
        let erasedAt = try await store.erasure.erase(person.id).erasedAt
        #expect(try await ownEvents(store) == 0)
        var visits = 0
        while try await ownEvents(store) == 0 {
          try Task.checkCancellation()
          client.track(.authTokenRefresh(userID: person.id, success: true))
          try await client.flush()
          visits += 1
        }
        // All further events belong to the user.
        client.track(.authTokenRefresh(userID: person.id, success: true))
        try await client.flush()
        #expect(try await ownEvents(store) == 2)
        #expect(try await store.eventCount() == visits + 2)
        #expect(Date() > erasedAt)
      }
      try await store.expectAgreement()
    }
  }

  @Test(
    "an event stays the user's only if it was tracked and dated after the erasure"
  )
  func certain() async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      let before = now()
      _ = try await store.erasure.erase(person.id)
      let erasedAt: PostgresTimestamp = try await store.scalar(
        "SELECT erased_at FROM analytics_erasures")
      let instant = EventTimestamp(microsecondsSincePostgresEpoch: erasedAt.microseconds)
      func own(after batch: EventBatch) async throws -> Int {
        _ = try await sink.write(batch)
        return try await ownEvents(store)
      }
      #expect(try await own(after: visit(dated: 1).tracked(after: before)) == 0)
      #expect(try await own(after: visit(dated: -1).tracked(after: instant)) == 0)
      #expect(try await own(after: visit(dated: 1).tracked(after: instant)) == 1)
      // A day later every new event is certainly later than the erasure.
      try await store.connection.execute(
        """
        UPDATE analytics_erasures SET erased_at = erased_at - interval '25 hours';
        SELECT analytics_remember_erasure('{}');
        """)
      #expect(try await own(after: visit(dated: 0)) == 2)
      #expect(try await own(after: visit(dated: -1.1)) == 2)
      try await store.expectAgreement()
    }
  }

  @Test("a refused event becomes a dead letter only if it was certainly tracked after the erasure")
  func deadLetters() async throws {
    try await withStore { store in
      let sink = try await store.sink(engine: .plain)
      _ = try await store.erasure.erase(person.id)
      let refusal = EventSinkError(.refused, "so")
      try await sink.deadLetter(visit(dated: 1), because: refusal)
      let letters = "SELECT count(*) FROM analytics_dead_letters"
      #expect(try await store.scalar(letters) == 0)
      try await sink.deadLetter(
        visit(dated: 1).tracked(after: now(hoursAhead: 1)), because: refusal)
      #expect(try await store.scalar(letters) == 1)
    }
  }

  @Test("people erased before the upgrade stay erased")
  func upgrade() async throws {
    try await withStore { store in
      try await store.migrator(Migration.all.filter { $0.version < 15 }, engine: .plain).apply()
      try await store.connection.execute(
        "SELECT analytics_remember_erasure(ARRAY['\(person.id.uuidString.lowercased())'])")
      let sink = try await store.sink(engine: .plain)
      _ = try await sink.write(try visit(dated: 12))
      #expect(try await ownEvents(store) == 0)
      #expect(try await store.eventCount() == 1)
    }
  }
}
