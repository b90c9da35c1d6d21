import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Testing

@Suite("COMMIT's wait for its standby is ended by hand", .serialized, .timeLimit(.minutes(60)))
struct StandbyWaitTests {
  private static let moment = EventTimestamp(
    microsecondsSinceUnixEpoch: 1_790_000_000_000_000)
  /// A trigger that suppresses all sample events, because it returns NULL for them.
  private static let leaveOut = """
    CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RETURN CASE WHEN NEW.data->>'command' = 'make test' THEN NULL ELSE NEW END;
    END $$;
    CREATE TRIGGER leave_out BEFORE INSERT ON analytics_events
      FOR EACH ROW EXECUTE FUNCTION leave_out();
    """

  @Test(
    "and the standby takes over without the rows: no row that counts as stored is missing",
    arguments: WaitEnding.allCases)
  func failover(_ ending: WaitEnding) async throws {
    try await withEvents { client, waiting, flush in
      try await waiting.end(4, by: ending, unless: { client.accounting.pending == 0 })
      #expect(client.accounting.stored == 30 && client.accounting.duplicates == 0)
      try await waiting.failOver()
      try await flush.value
      #expect(client.accounting.stored == 55 && client.accounting.duplicates == 0)
      #expect(try await eventCount(waiting.standby.url(database: "postgres")) == 55)
    }
  }

  @Test("and the standby comes back: the rows are stored once, and count once")
  func standbyComesBack() async throws {
    try await withEvents { client, waiting, flush in
      try await waiting.end(4, by: .cancel, unless: { client.accounting.pending == 0 })
      #expect(client.accounting.stored == 30 && client.accounting.duplicates == 0)
      try await waiting.bringBack()
      try await flush.value
      #expect(client.accounting.stored == 55 && client.accounting.duplicates == 0)
      #expect(try await eventCount(waiting.url) == 55)
      try await waiting.failOver()
      #expect(try await eventCount(waiting.standby.url(database: "postgres")) == 55)
    }
  }

  @Test("an administrator stops the primary: no row that counts as stored is missing")
  func shutdown() async throws {
    try await withEvents { client, waiting, flush in
      // The rows are written on the primary, and their COMMIT waits.
      try await waiting.end(1, by: .cancel, unless: { client.accounting.pending == 0 })
      try await waiting.primary.stop(.fast)
      try await waiting.standby.promote()
      try await flush.value
      #expect(client.accounting.stored == 55 && client.accounting.duplicates == 0)
      #expect(try await eventCount(waiting.standby.url(database: "postgres")) == 55)
    }
  }

  @Test("with more attempts than a sink remembers the counts stay exact")
  func often() async throws {
    try await withStandby { primary, standby in
      try await Self.makePartition(primary)
      let waiting = try await WaitingPrimary(primary, standby)
      let sink = try PostgresEventSink(url: waiting.url)
      let events = (0..<25).map { _ in
        EnrichedEvent(
          timestamp: Self.moment, event: .sample(), hostname: nil, environment: nil)
      }
      let ids = events.map { _ in UUID() }
      var batch = try EventBatch.encoding(events, ids: ids)
      for _ in 0..<20 {
        try await waiting.expectUnknown("events") { [batch] in _ = try await sink.write(batch) }
        batch = batch.asRetryOfUnknownOutcome
      }
      try await waiting.bringBack()
      #expect(try await sink.write(batch) == EventReceipt(stored: 25))
    }
  }

  @Test(
    "a trigger suppresses some rows: the counts stay exact, even if it is dropped meanwhile",
    arguments: [false, true])
  func suppressed(isDropped: Bool) async throws {
    try await withStandby { primary, standby in
      try await withConnection(primary.url(database: "postgres")) { connection in
        try await connection.execute(Self.leaveOut)
        try await Self.makePartition(primary)
        let waiting = try await WaitingPrimary(primary, standby)
        let sink = try PostgresEventSink(url: waiting.url)
        let events = (0..<25).map { number in
          EnrichedEvent(
            timestamp: Self.moment,
            event: number < 10
              ? .sample() : .projectCreated(projectID: UUID(), userID: UUID(), name: "Engine"),
            hostname: nil, environment: nil)
        }
        var batch = try EventBatch.encoding(events, ids: events.map { _ in UUID() })
        for _ in 0..<3 {
          try await waiting.expectUnknown("events") { [batch] in _ = try await sink.write(batch) }
          batch = batch.asRetryOfUnknownOutcome
        }
        if isDropped {
          // This session does not wait for the standby.
          try await connection.execute("SET synchronous_commit = local")
          try await connection.execute("DROP TRIGGER leave_out ON analytics_events")
          try await waiting.expectUnknown("the rest") { [batch] in _ = try await sink.write(batch) }
        }
        try await waiting.bringBack()
        let expected =
          isDropped
          ? EventReceipt(stored: 25) : EventReceipt(stored: 15, rejected: [.suppressed: 10])
        #expect(try await sink.write(batch) == expected)
      }
    }
  }

  @Test("a trigger suppresses existing rows: another process still waits for the standby")
  func suppressedLater() async throws {
    try await withStandby { primary, standby in
      try await withConnection(primary.url(database: "postgres")) { connection in
        try await Self.makePartition(primary)
        let waiting = try await WaitingPrimary(primary, standby)
        let event = EnrichedEvent(
          timestamp: Self.moment, event: .sample(), hostname: nil, environment: nil)
        let batch = try EventBatch.encoding([event], ids: [UUID()])
        let first = try PostgresEventSink(url: waiting.url)
        try await waiting.expectUnknown("events") { _ = try await first.write(batch) }
        // This session does not wait for the standby.
        try await connection.execute("SET synchronous_commit = local")
        try await connection.execute(Self.leaveOut)
        let second = try PostgresEventSink(url: waiting.url)
        try await waiting.expectUnknown("the same events") { _ = try await second.write(batch) }
        try await waiting.bringBack()
        let receipt = try await second.write(batch)
        #expect(receipt == EventReceipt(stored: 0, duplicates: 1))
      }
    }
  }

  @Test("for operations other than storing: unconfirmed work is not reported as done")
  func others() async throws {
    try await withStandby { primary, standby in
      let url = primary.url(database: "postgres")
      let usage = try PostgresUsageSink(AnalyticsDatabase(url: url))
      let application = ClientApplication(
        name: "tasks", instanceID: "1", startedAt: Self.moment)
      let sighting = ClientSighting(application, lastSeen: Self.moment)
      try await withConnection(url) { connection in
        let keys = try await AccessKeys(AnalyticsDatabase(connection.configuration), on: connection)
        let letters = try await DeadLetters(
          AnalyticsDatabase(connection.configuration), on: connection)
        _ = try await keys.create(
          name: "old", role: "read", hash: Array(repeating: 1, count: 32), prefix: "ak_1")
        let waiting = try await WaitingPrimary(primary, standby)
        let tracker = UsageTracker(sink: usage)
        tracker.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1, denied: 1)
        for round in 1...2 {
          try await waiting.expectUnknown("usage \(round)") { try await tracker.flush() }
          try await waiting.expectUnknown("application \(round)") {
            try await usage.register([sighting])
          }
          try await waiting.expectUnknown("key \(round)") { _ = try await keys.revoke("old") }
          try await waiting.expectUnknown("letters \(round)") { _ = try await letters.purge(.all) }
        }
        try await waiting.expectUnknown("a statement alone") {
          _ = try await keys.create(
            name: "new", role: "read", hash: Array(repeating: 2, count: 32), prefix: "ak_2")
        }
        try await waiting.bringBack()
        try await tracker.flush()
        try await usage.register([sighting])
        #expect(try await keys.revoke("old") == 0)
        #expect(try await keys.list().map(\.name) == ["old", "new"])
        let counters = "SELECT value FROM analytics_usage_counters"
        #expect(
          try await connection.query(counters).map { try $0.decode(Int.self, at: 0) } == [1, 1])
      }
    }
  }

  /// Makes the partition in advance, so that the first COMMIT that waits is the one that stores events.
  private static func makePartition(_ primary: LocalPostgres) async throws {
    try await withConnection(primary.url(database: "postgres")) { connection in
      _ = try await connection.query(
        "SELECT FROM analytics_ensure_partitions($1)",
        [.timestamptzArray(microseconds: [moment.microsecondsSincePostgresEpoch])])
    }
  }

  /// Runs a test with 30 events stored, the standby disconnected, and 25 further events whose COMMIT waits.
  private func withEvents(
    _ body: (AnalyticsClient, WaitingPrimary, _ flush: Task<Void, any Error>) async throws -> Void
  ) async throws {
    try await withStandby { primary, standby in
      let sink = try PostgresEventSink(url: failoverURL(primary, standby))
      let client = try AnalyticsClient(.eager(.memory()), sink: sink)
      var tracker = CountingTracker(client)
      try await withWorker(client) {
        try await tracker.track(new: 30, again: 0)
        let waiting = try await WaitingPrimary(primary, standby)
        let flush = Task { [tracker] in
          var tracker = tracker
          try await tracker.track(new: 25, again: 0)
        }
        try await body(client, waiting, flush)
      }
      #expect(client.accounting.isBalanced)
    }
  }
}
