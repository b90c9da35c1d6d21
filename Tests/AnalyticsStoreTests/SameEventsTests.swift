import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Writers of the same events")
struct SameEventsTests {
  @Test(
    "a writer that waits for another one holds no event with a later key", arguments: [false, true])
  func waitsInKeyOrder(expectsDuplicates: Bool) async throws {
    var generator = SeededGenerator.printingSeed()
    let events = KeyedEvent.random(300, using: &generator).inKeyOrder()
    let batch = try EventBatch.of(events.shuffled(using: &generator))
    try await withStore { store in
      // COPY into TimescaleDB fills chunks in an order of its own.
      let sink = try await store.sink(engine: .plain)
      // The partitions exist. Then the sink expects that events are stored already, or that they are not.
      let before = events.map { KeyedEvent(id: UUID(), timestamp: $0.timestamp) }
      _ = try await sink.write(.of(before))
      if expectsDuplicates { _ = try await sink.write(.of(before)) }
      let other = try await PostgresConnection.connect(store.configuration)

      try await other.execute("BEGIN; SET LOCAL lock_timeout = '100ms'")
      try await Self.insert(events[150], on: other)
      async let receipt = sink.write(batch)
      try await Self.until(1, waitFor: other, on: store)
      try await Self.insert(events[299], on: other)
      try await Self.insert(events[200], on: other)
      try await other.execute("COMMIT")

      #expect(try await receipt == EventReceipt(stored: 297, duplicates: 3))
      #expect(try await store.eventCount() == 600)
      await other.close()
    }
  }

  @Test("do not deadlock with any order and any batches of their events")
  func noDeadlock() async throws {
    var generator = SeededGenerator.printingSeed()
    let events = KeyedEvent.random(10_000, using: &generator)
    // Each writer has all events once.
    let shares = try (0..<4).map { _ in
      let share = events.shuffled(using: &generator)
      let middle = Int.random(in: 4000...6000, using: &generator)
      return try [share[..<middle], share[middle...]].map { try EventBatch.of(Array($0)) }
    }
    try await withStore { store in
      try await store.migrator().apply()
      _ = try await store.connection.query(
        "SELECT FROM analytics_ensure_partitions($1)",
        [.timestamptzArray(microseconds: events.map(\.timestamp.microsecondsSincePostgresEpoch))])
      let other = try await PostgresConnection.connect(store.configuration)
      try await other.execute("BEGIN; LOCK TABLE analytics_events IN SHARE MODE")
      let stored = try await withThrowingTaskGroup(of: Int.self) { group in
        for share in shares {
          group.addTask {
            let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
            var stored = 0
            for batch in share { stored += try await sink.write(batch).stored }
            return stored
          }
        }
        // All writers begin at the same time.
        try await Self.until(4, waitFor: other, on: store)
        try await other.execute("COMMIT")
        await other.close()
        return try await group.reduce(0, +)
      }
      #expect(stored == events.count)
      #expect(try await store.eventCount() == events.count)
      // A session reports its deadlocks when it ends, if not earlier.
      try await Self.until(
        """
        count(*) = 1 FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
        """, on: store)
      #expect(
        try await store.scalar(
          "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0)
    }
  }

  private static func until(
    _ count: Int, waitFor connection: PostgresConnection, on store: StoreFixture
  ) async throws {
    try await until(
      """
      count(*) = \(count) FROM pg_stat_activity
      WHERE \(connection.serverProcessID) = ANY (pg_blocking_pids(pid))
      """, on: store)
  }

  /// - Parameter condition: The expression after SELECT.
  private static func until(_ condition: String, on store: StoreFixture) async throws {
    while try await !store.scalar("SELECT \(condition)") { try Task.checkCancellation() }
  }

  /// Inserts an event in a transaction that stays open, which a sink does not do.
  private static func insert(_ event: KeyedEvent, on connection: PostgresConnection) async throws {
    _ = try await connection.query(
      """
      INSERT INTO analytics_events (id, timestamp, event_type, service, data)
      VALUES ($1, $2, 'project_created', 'test', '{}')
      """,
      [.uuid(event.id), .timestamptz(microseconds: event.timestamp.microsecondsSincePostgresEpoch)])
  }
}

extension [KeyedEvent] {
  /// In the order in which PostgreSQL sorts `(timestamp, id)`.
  fileprivate func inKeyOrder() -> Self {
    func bytes(_ event: KeyedEvent) -> [UInt8] {
      Swift.withUnsafeBytes(of: event.id.uuid) { [UInt8]($0) }
    }
    return sorted { a, b in
      a.timestamp == b.timestamp
        ? bytes(a).lexicographicallyPrecedes(bytes(b)) : a.timestamp < b.timestamp
    }
  }
}
