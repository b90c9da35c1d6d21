import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("The sink under faults")
struct SinkFaultTests {
  private let events: [KeyedEvent]

  init() {
    var generator = SystemRandomNumberGenerator()
    events = KeyedEvent.random(50, using: &generator)
  }

  @Test("a missing table pauses storing, reports what to do, and storing resumes after migrating")
  func missingTable() async throws {
    try await withStore { store in
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      let error = await sinkError(sink, try .of(events))
      #expect(error?.kind == .retry)
      #expect(error?.outcomeUnknown == false)
      #expect(error?.description.contains("run `analytics migrate`") == true)
      try await store.migrator().apply()
      #expect(try await sink.write(.of(events)).stored == events.count)
      // The tables are removed again while the sink still caches facts about them. Rolling up in the background would
      // lock them in another order.
      try await sink.rollUpAll()
      try await store.connection.execute("DROP TABLE analytics_events")
      #expect(await sinkError(sink, try .of(events))?.kind == .retry)
    }
  }

  @Test("a partition that another session drops is created again", arguments: [false, true])
  func droppedPartition(expectsDuplicates: Bool) async throws {
    try await withStore { store in
      let sink = try await store.sink()
      _ = try await sink.write(.of(events))
      if expectsDuplicates { _ = try await sink.write(.of(events)) }
      try await store.connection.execute(
        """
        DO $$ DECLARE name text; BEGIN
          FOR name IN SELECT partition FROM public.analytics_partitions() LOOP
            EXECUTE 'DROP TABLE ' || name;
          END LOOP;
        END $$
        """)
      #expect(try await sink.write(.of(events)).stored == events.count)
    }
  }

  @Test("an invalid row is refused, no row of its batch is stored, and the error contains no value")
  func poison() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await store.connection.execute(
        """
        ALTER TABLE analytics_events
          ADD CONSTRAINT no_poison CHECK (data->>'name' IS DISTINCT FROM 'arsenic')
        """)
      let error = await sinkError(sink, try .of(events, name: "arsenic"))
      #expect(error?.kind == .refused)
      #expect(error?.description.contains("no_poison") == true)
      #expect(error?.description.contains("arsenic") == false)
      #expect(try await store.eventCount() == 0)
      #expect(try await sink.write(.of(events)).stored == events.count)
    }
  }

  @Test("a missing right or a read-only server pauses storing, and no event is refused")
  func pauses() async throws {
    try await withStore { store in
      _ = try await store.sink()
      var configuration = store.configuration
      configuration.parameters["options"] = "-c default_transaction_read_only=on"
      let readOnly = PostgresEventSink(AnalyticsDatabase(configuration))
      #expect(await sinkError(readOnly, try .of(events))?.kind == .retry)
      let role = "reader_\(UUID().uuidString.prefix(8).lowercased())"
      try await store.connection.execute("CREATE ROLE \(role)")
      configuration.parameters["options"] = "-c role=\(role)"
      let reader = PostgresEventSink(AnalyticsDatabase(configuration))
      #expect(await sinkError(reader, try .of(events))?.kind == .retry)
      try await store.connection.execute("DROP ROLE \(role)")
    }
  }

  @Test("a connection cut before COMMIT stores nothing, and the error reports this")
  func cutBefore() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await Self.installFuse(on: store, "CREATE TRIGGER fuse AFTER INSERT ON analytics_events")
      let error = await sinkError(sink, try .of(events))
      #expect(error?.kind == .retry)
      #expect(error?.outcomeUnknown == false)
      #expect(
        try await sink.write(.of(events).asRetryOfUnknownOutcome)
          == EventReceipt(stored: events.count))
    }
  }

  @Test("after a connection cut during COMMIT, the retry stores and counts all rows")
  func cutDuring() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      try await Self.installFuse(
        on: store,
        """
        CREATE CONSTRAINT TRIGGER fuse AFTER INSERT ON analytics_events
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        """)
      let error = await sinkError(sink, try .of(events))
      #expect(error?.kind == .retry)
      #expect(error?.outcomeUnknown == true)
      #expect(
        try await sink.write(.of(events).asRetryOfUnknownOutcome)
          == EventReceipt(stored: events.count))
      #expect(try await store.eventCount() == events.count)
    }
  }

  /// Installs a trigger that ends the connection of the first transaction that fires it.
  private static func installFuse(on store: StoreFixture, _ trigger: String) async throws {
    try await store.connection.execute(
      """
      CREATE SEQUENCE fuse;
      CREATE FUNCTION burn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('public.fuse') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN NULL;
      END $$;
      \(trigger) EXECUTE FUNCTION burn();
      """)
  }
}
