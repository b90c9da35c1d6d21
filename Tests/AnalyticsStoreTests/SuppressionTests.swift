import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Triggers of the database's owner", .timeLimit(.minutes(60)))
struct SuppressionTests {
  private let events: [KeyedEvent]

  init() {
    var generator = SystemRandomNumberGenerator()
    events = KeyedEvent.random(60, using: &generator)
  }

  /// The events that ``leaveOut`` suppresses.
  private var out: [KeyedEvent] { events.filter { $0.id.uuid.0 < 0x40 } }
  private var kept: Int { events.count - out.count }
  /// The receipt's entry for these events; empty if there are none.
  private var suppressed: [RejectReason: Int] { out.isEmpty ? [:] : [.suppressed: out.count] }

  /// A trigger that returns NULL for a quarter of all ids.
  private static func leaveOut(_ table: String = "analytics_events") -> String {
    """
    CREATE OR REPLACE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RETURN CASE WHEN NEW.id < '40000000-0000-0000-0000-000000000000' THEN NULL ELSE NEW END;
    END $$;
    CREATE TRIGGER leave_out BEFORE INSERT ON \(table)
      FOR EACH ROW EXECUTE FUNCTION leave_out();
    """
  }

  @Test("that return NULL: the rows count as rejected, never as duplicates, with COPY and INSERT")
  func returnsNull() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await store.connection.execute(Self.leaveOut())
      #expect(try await sink.write(.of(events)) == EventReceipt(stored: kept, rejected: suppressed))
      // The sink uses INSERT: first because rows are stored already, then because the batch before had duplicates.
      for _ in 0..<2 {
        #expect(
          try await sink.write(.of(events))
            == EventReceipt(stored: 0, duplicates: kept, rejected: suppressed))
      }
      // COPY does not check the key of rows that the trigger suppresses.
      #expect(try await sink.write(.of(out)).rejected == suppressed)
      // The batch contains some rows twice.
      let twice = events + events.filter { !out.contains($0) }
      #expect(
        try await sink.write(.of(twice))
          == EventReceipt(stored: 0, duplicates: 2 * kept, rejected: suppressed))
      // Rolling up reads the partitions that DROP TRIGGER locks, and would deadlock with it.
      try await store.connection.execute(
        "SELECT analytics_lock_rollups(); DROP TRIGGER leave_out ON analytics_events")
      #expect(
        try await sink.write(.of(events)) == EventReceipt(stored: out.count, duplicates: kept))
      #expect(try await store.eventCount() == events.count)
      // All rows are stored before the trigger is created.
      try await store.connection.execute(Self.leaveOut())
      let another = PostgresEventSink(AnalyticsDatabase(store.configuration))
      #expect(try await another.write(.of(events)).duplicates == events.count)
      #expect(
        try await another.write(.of(out).asRetryOfUnknownOutcome)
          == EventReceipt(stored: out.count))
    }
  }

  @Test("on a single partition are noticed as well")
  func onPartition() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      var generator = SystemRandomNumberGenerator()
      let moment = KeyedEvent.random(1, days: 1, using: &generator)[0].timestamp
      let day = events.enumerated().map { index, event in
        KeyedEvent(
          id: event.id,
          timestamp: EventTimestamp(
            microsecondsSinceUnixEpoch: moment.microsecondsSinceUnixEpoch + Int64(index)))
      }
      let one = [KeyedEvent(id: UUID(), timestamp: moment)]
      _ = try await sink.write(.of(one))
      let partition: String = try await store.scalar(
        "SELECT partition::text FROM analytics_partitions() LIMIT 1")
      try await store.connection.execute(Self.leaveOut(partition))
      #expect(
        try await sink.write(.of(one + day))
          == EventReceipt(stored: kept, duplicates: 1, rejected: suppressed))
    }
  }

  @Test("that return NULL for all rows: the worker continues, and logs it")
  func wholeBatch() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await store.connection.execute(
        """
        CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
        CREATE TRIGGER nothing BEFORE INSERT ON analytics_events
          FOR EACH ROW EXECUTE FUNCTION nothing();
        """)
      let log = RecordedLog()
      let client = try client(sink)
      for _ in 0..<100 { client.track(.projectDeleted(projectID: UUID(), userID: UUID())) }
      try await withWorker(client, logger: log.logger) {
        try await until { client.accounting.pending == 0 }
      }
      #expect(client.accounting.rejected == [.suppressed: 100] && client.accounting.isBalanced)
      #expect(
        log.lines.contains { $0.contains("100 kept out by a trigger on analytics_events") },
        "\(log.lines)")
    }
  }

  @Test("that return NULL, with many writers of the same events: each event is stored once")
  func concurrentWriters() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      try await store.connection.execute(Self.leaveOut())
      let receipts = try await withThrowingTaskGroup(of: EventReceipt.self) { group in
        for _ in 0..<4 {
          group.addTask {
            let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
            let receipt = try await sink.writeInTheEnd(try EventBatch.of(events.shuffled()))
            return receipt
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(receipts.map(\.stored).reduce(0, +) == kept)
      #expect(receipts.allSatisfy { $0.rejected == suppressed })
    }
  }

  @Test("that return NULL: a retried dead letter stays")
  func deadLetter() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      for event in events {
        try await sink.deadLetter(.of([event]), because: EventSinkError(.refused, "so"))
      }
      try await store.connection.execute(Self.leaveOut())
      let letters = try await DeadLetters(
        AnalyticsDatabase(store.connection.configuration), on: store.connection)
      #expect(
        try await letters.retry(nil, with: sink)
          == .init(stored: kept, suppressed: out.count))
      #expect(Set(try await letters.page(limit: 100).map(\.id)) == Set(out.map(\.id)))
    }
  }

  @Test(
    "that raise P0001 or another SQLSTATE: the event becomes a dead letter, without quoted values",
    arguments: ["P0001", "P0004", "AB123", "45000"])
  func raises(state: String) async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await store.connection.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.data->>'name' LIKE 'bad%' THEN
            RAISE EXCEPTION 'no %', NEW.data->>'name' USING ERRCODE = '\(state)';
          END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON analytics_events
          FOR EACH ROW EXECUTE FUNCTION refuse();
        """)
      let log = RecordedLog()
      let client = try client(sink)
      for number in 0..<200 {
        client.track(
          .projectCreated(
            projectID: UUID(), userID: UUID(), name: number % 50 == 7 ? "bad secret" : "Engine"))
      }
      try await withWorker(client, logger: log.logger) {
        try await until { client.accounting.pending == 0 }
      }
      #expect(client.accounting.stored == 196)
      #expect(client.accounting.rejected == [.refused: 4] && client.accounting.isBalanced)
      let letters = try await DeadLetters(
        AnalyticsDatabase(store.connection.configuration), on: store.connection
      ).page(limit: 10)
      #expect(letters.count == 4)
      for text in letters.map(\.reason) + log.lines {
        #expect(!text.contains("secret"))
      }
      #expect(letters.allSatisfy { $0.reason.contains(state) })
    }
  }

  @Test("that raise an error for a statement without rows: all events wait")
  func eventTrigger() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await store.connection.execute(
        """
        CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
          RAISE EXCEPTION 'not now';
        END $$;
        CREATE EVENT TRIGGER forbid ON ddl_command_start EXECUTE FUNCTION forbid();
        """)
      let error = await sinkError(sink, try .of(events))
      #expect(error?.kind == .retry, "\(String(describing: error))")
      try await store.connection.execute("DROP EVENT TRIGGER forbid")
      #expect(try await sink.write(.of(events)).stored == events.count)
    }
  }

  @Test("a rule DO INSTEAD NOTHING: all events wait, none counts as a duplicate")
  func rule() async throws {
    try await withStore { store in
      // A hypertable cannot have rules.
      let sink = try await store.sink(engine: .plain)
      try await store.connection.execute(
        "CREATE RULE nothing AS ON INSERT TO analytics_events DO INSTEAD NOTHING")
      let (first, second) = (Array(events.prefix(30)), Array(events.suffix(30)))
      // COPY ignores rules.
      #expect(try await sink.write(.of(first)) == EventReceipt(stored: 30))
      let error = await sinkError(sink, try .of(first + second))
      #expect(error?.kind == .retry)
      #expect(error?.description.contains("has a rule for INSERT") == true)
      try await store.connection.execute("DROP RULE nothing ON analytics_events")
      let receipt = try await sink.write(.of(first + second))
      #expect(receipt == EventReceipt(stored: 30, duplicates: 30))
    }
  }

  @Test("row level security: all events wait, none is refused")
  func rowSecurity() async throws {
    try await withStore { store in
      let suffix = UUID().uuidString.lowercased()
      let roles = AnalyticsRoles(writer: "writer-\(suffix)", reader: "reader-\(suffix)")
      // A compressed hypertable cannot have row level security.
      try await store.migrator(engine: .plain).apply()
      try await store.migrator().grant(roles)
      var configuration = store.configuration
      configuration.parameters["options"] = "-c role=\(roles.writer)"
      let sink = PostgresEventSink(AnalyticsDatabase(configuration))
      try await store.connection.execute("ALTER TABLE analytics_events ENABLE ROW LEVEL SECURITY")
      let error = await sinkError(sink, try .of(events))
      #expect(error?.kind == .retry, "\(String(describing: error))")
      try await store.connection.execute("ALTER TABLE analytics_events DISABLE ROW LEVEL SECURITY")
      #expect(try await sink.write(.of(events)).stored == events.count)
      for name in [roles.writer, roles.reader] {
        try await store.connection.execute(
          "DROP OWNED BY \"\(name)\" CASCADE; DROP ROLE \"\(name)\"")
      }
    }
  }

  private func client(_ sink: PostgresEventSink) throws -> AnalyticsClient {
    try AnalyticsClient(AnalyticsConfiguration(service: "test", buffer: .memory()), sink: sink)
  }
}
