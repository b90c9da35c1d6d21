import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

/// An administrator may change settings for all sessions of a database.
@Suite("Session defaults of a database", .timeLimit(.minutes(60)))
struct DatabaseSettingsTests {
  /// What is stored and reported after each operation ran once.
  private struct Outcome: Equatable {
    var rows: [String]
    var rollups: [String]
    var partitions: Int
    var maintenance: MaintenanceReport
    var erasure: ErasureReport
    var letters: Int
  }

  private static let person = ErasedPerson(
    id: UUID(uuidString: "3F2504E0-4F89-41D3-9A0C-0305E82C3301")!)
  private static let now = Date()

  /// Events of the person and of some days ago. Some of these events are too old to be kept.
  private static let events: [EnrichedEvent] =
    person.events()
    + [0, 1, 40, 400].map { days in
      EnrichedEvent(
        timestamp: EventTimestamp(
          microsecondsSinceUnixEpoch: (Int64(now.timeIntervalSince1970) - days * 86_400)
            * 1_000_000),
        event: .authTokenRefresh(userID: person.id, success: true), hostname: "a\\b'c",
        environment: nil)
    }
  private static let ids = events.map { _ in UUID() }

  private static let usual = Task { try await outcome(nil) }

  private static func outcome(_ setting: String?) async throws -> Outcome {
    var outcome: Outcome?
    try await withStore { store in
      if let setting {
        let name: String = try await store.scalar("SELECT quote_ident(current_database())")
        try await store.connection.execute("ALTER DATABASE \(name) SET \(setting)")
      }
      try await store.migrateWithCheckouts()
      try await store.migrateWithCheckouts()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      try await store.store(events, ids: ids, with: sink)
      try await store.store(events, ids: ids, with: sink)
      try await sink.deadLetter(
        EventBatch.encoding([events[0]], ids: [UUID()]),
        because: EventSinkError(.refused, "so"))
      var maintenance = try await store.maintenance(keepDays: 300).run()
      maintenance.droppedBefore = nil
      try await store.expectAgreement("\(setting ?? "")")
      var erasure = try await store.erasure.erase(person.id)
      erasure.erasedAt = now
      try await store.store(events, ids: ids, with: sink)
      try await store.expectErased(person, "\(setting ?? "")")
      func texts(_ sql: String) async throws -> [String] {
        try await store.connection.query(sql).map { try $0.decode(at: 0) }
      }
      outcome = Outcome(
        rows: try await texts(
          """
          SELECT concat_ws(' ', id, extract(epoch FROM timestamp), event_type, hostname, data)
          FROM analytics_events ORDER BY timestamp, id
          """),
        rollups: try await texts(
          """
          SELECT concat_ws(' ', extract(epoch FROM quarter), event_type, service, events, user_events)
          FROM analytics_rollup_events ORDER BY 1
          """),
        partitions: try await store.attachedPartitions().count, maintenance: maintenance,
        erasure: erasure,
        letters: try await store.scalar("SELECT count(*) FROM analytics_dead_letters"))
    }
    return try #require(outcome)
  }

  @Test(
    "do not change what is stored, kept and erased",
    arguments: [
      "standard_conforming_strings = off", "DateStyle = 'German, DMY'",
      "IntervalStyle = sql_standard", "TimeZone = 'Pacific/Apia'", "bytea_output = escape",
      "extra_float_digits = -15", "array_nulls = off", "transform_null_equals = on",
      "default_transaction_isolation = serializable", "default_transaction_deferrable = on",
      "quote_all_identifiers = on", "backslash_quote = off", "row_security = off",
      "enable_seqscan = off", "client_min_messages = debug5",
      "plan_cache_mode = force_generic_plan",
      "check_function_bodies = off", "synchronous_commit = off", "xmloption = document",
      "client_encoding = LATIN1", "default_toast_compression = lz4",
      "search_path = \"$user\", public",
    ])
  func changesNothing(setting: String) async throws {
    #expect(try await Self.outcome(setting) == Self.usual.value)
  }

  @Test("with a statement timeout do not interrupt storing or erasure")
  func statementTimeout() async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      let name: String = try await store.scalar("SELECT quote_ident(current_database())")
      // Storing takes longer than the limit, and so does every statement that computes a person's pattern.
      try await store.connection.execute(
        """
        ALTER DATABASE \(name) SET statement_timeout = '2s';
        CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(2.5); RETURN NULL; END $$;
        CREATE TRIGGER take_time AFTER INSERT ON analytics_events
            FOR EACH STATEMENT EXECUTE FUNCTION take_time();
        ALTER FUNCTION analytics_erasure_pattern(text[]) RENAME TO quick_pattern;
        CREATE FUNCTION analytics_erasure_pattern(texts text[]) RETURNS text LANGUAGE sql AS
            $$ SELECT quick_pattern(texts) FROM pg_sleep(2.5) $$
        """)
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      let event = Self.events[0]
      let stored = try await sink.write(EventBatch.encoding([event], ids: [UUID()]))
      #expect(stored.stored == 1)
      #expect(try await store.erasure.erase(Self.person.id).events == 1)
      try await store.expectErased(Self.person)
    }
  }
}
