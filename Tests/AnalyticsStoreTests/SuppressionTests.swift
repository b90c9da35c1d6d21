import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("A trigger of somebody's own", .timeLimit(.minutes(60)))
struct SuppressionTests {
  private let events: [KeyedEvent]

  init() {
    var generator = SystemRandomNumberGenerator()
    events = KeyedEvent.random(60, using: &generator)
  }

  /// What ``leaveOut`` leaves out.
  private var out: [KeyedEvent] { events.filter { $0.id.uuid.0 < 0x40 } }
  private var kept: Int { events.count - out.count }
  /// What a receipt says of it; no entry where there is none.
  private var suppressed: [RejectReason: Int] { out.isEmpty ? [:] : [.suppressed: out.count] }

  /// Returns NULL for a quarter of all ids.
  private static func leaveOut(_ table: String = "analytics_events") -> String {
    """
    CREATE OR REPLACE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RETURN CASE WHEN NEW.id < '40000000-0000-0000-0000-000000000000' THEN NULL ELSE NEW END;
    END $$;
    CREATE TRIGGER leave_out BEFORE INSERT ON \(table)
      FOR EACH ROW EXECUTE FUNCTION leave_out();
    """
  }

  @Test("that returns NULL: the rows count as rejected, never as duplicates, whichever way they go")
  func returnsNull() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await store.connection.execute(Self.leaveOut())
      #expect(try await sink.write(.of(events)) == EventReceipt(stored: kept, rejected: suppressed))
      // As INSERT, since they are there; then since the batch before was.
      for _ in 0..<2 {
        #expect(
          try await sink.write(.of(events))
            == EventReceipt(stored: 0, duplicates: kept, rejected: suppressed))
      }
      // COPY does not come to the key of what the trigger leaves out.
      #expect(try await sink.write(.of(out)).rejected == suppressed)
      // A row twice in a batch.
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
      // All is there before there is a trigger.
      try await store.connection.execute(Self.leaveOut())
      let another = PostgresEventSink(AnalyticsDatabase(store.configuration))
      #expect(try await another.write(.of(events)).duplicates == events.count)
      #expect(
        try await another.write(.of(out).asRetryOfUnknownOutcome)
          == EventReceipt(stored: out.count))
    }
  }

  @Test("on one partition only is seen as well")
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

  @Test("that returns NULL for all of them: the worker goes on, and says what happens")
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

  @Test("that returns NULL, with many writers of the same events: each is stored once")
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

  @Test("that returns NULL: a dead letter that is sent again stays")
  func deadLetter() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      for event in events {
        try await sink.setAside(.of([event]), because: EventSinkError(.refused, "so"))
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
    "that raises an exception, P0001 or a SQLSTATE of its own: the event is set aside, unquoted",
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

  @Test("on something else than rows, that raises: all wait")
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

  @Test("or a rule that does nothing instead: all wait, none is taken for a duplicate")
  func rule() async throws {
    try await withStore { store in
      // A hypertable takes none.
      let sink = try await store.sink(engine: .plain)
      try await store.connection.execute(
        "CREATE RULE nothing AS ON INSERT TO analytics_events DO INSTEAD NOTHING")
      let (first, second) = (Array(events.prefix(30)), Array(events.suffix(30)))
      // COPY knows no rules.
      #expect(try await sink.write(.of(first)) == EventReceipt(stored: 30))
      let error = await sinkError(sink, try .of(first + second))
      #expect(error?.kind == .retry)
      #expect(error?.description.contains("has a rule for INSERT") == true)
      try await store.connection.execute("DROP RULE nothing ON analytics_events")
      let receipt = try await sink.write(.of(first + second))
      #expect(receipt == EventReceipt(stored: 30, duplicates: 30))
    }
  }

  @Test("or row level security: all wait, none is condemned")
  func rowSecurity() async throws {
    try await withStore { store in
      let suffix = UUID().uuidString.lowercased()
      let roles = AnalyticsRoles(writer: "writer-\(suffix)", reader: "reader-\(suffix)")
      // A hypertable that is compressed takes none.
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
