import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

/// A person's id and address are found next to any characters, and in any JSON.
@Suite("Erasure of hidden texts", .timeLimit(.minutes(60)))
struct HiddenTextTests {
  private let person = ErasedPerson(id: UUID())

  /// An event without a user, on the day of ``ErasedPerson/events(hour:)``.
  private func event(saying text: String) -> EnrichedEvent {
    EnrichedEvent(
      timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 1_788_307_200 * 1_000_000),
      event: .custom(
        DynamicEvent(type: "said", fields: ["text": .string(text), text: [.string(text)]])),
      hostname: nil, environment: nil)
  }

  /// Stores the texts and erases the person. Then it stores each text again, and adds it as a dead letter.
  private func expectFound(in texts: [String], _ comment: Comment? = nil) async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      // These events link the person's address to the person.
      let known = person.events().prefix(4)
      try await store.store(Array(known), ids: known.map { _ in UUID() }, with: sink)
      let events = texts.map(event)
      let count = events.count + known.count
      try await store.store(events, ids: events.map { _ in UUID() }, with: sink)
      _ = try await store.erasure.erase(person.id)
      try await store.expectErased(person, comment)
      #expect(try await store.eventCount() == count)

      try await store.store(events, ids: events.map { _ in UUID() }, with: sink)
      for event in events {
        let batch = try EventBatch.encoding([event], ids: [UUID()])
        try await sink.deadLetter(batch, because: EventSinkError(.refused, "so"))
      }
      try await store.expectErased(person, comment)
      #expect(try await store.eventCount() == count + events.count)
      #expect(try await store.scalar("SELECT count(*) FROM analytics_dead_letters") == 0)
    }
  }

  /// Makes the partitions for rows that are inserted without a sink.
  private func makeRoom(in store: StoreFixture) async throws {
    try await store.connection.execute(
      """
      SELECT analytics_ensure_partitions(
          ARRAY['2026-09-02 10:00Z'::timestamptz, now() + interval '1 hour'])
      """)
  }

  @Test(
    "an address is found next to any character that is not part of it, and in a chain of addresses")
  func besideSigns() async throws {
    // RFC 5321 allows these characters within an address, and people use them. Next to the address they make it another
    // one.
    let inner = Set("._%+-@".unicodeScalars)
    let ascii = (1..<128).compactMap { UnicodeScalar(UInt8($0)) }
      .filter { !inner.contains($0) && !$0.properties.isAlphabetic && !("0"..."9").contains($0) }
    let others: [UnicodeScalar] = [
      "\u{a0}", "“", "”", "‘", "—", "…", "«", "\u{200d}", "\u{301}", "好",
    ]
    let address = person.address
    let signs = (ascii + others).map { "\($0)\(address)\($0)" }
    try await expectFound(
      in: signs + [
        "a@\(address)", "@\(address)", "\(address)@b", "\(address).", "\(address),x@\(address)",
        "**_*\(address)*_**", "{\"mail\":\"\(address)\"}", "[Ada](mailto:\(address)?subject=a)",
        String(repeating: "(", count: 40) + address + String(repeating: ")", count: 40),
      ])
  }

  @Test("a UUID is found between other digits, with or without hyphens, in any case")
  func betweenDigits() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let id = person.id.uuidString
    let digits = Array("0123456789abcdefABCDEF-")
    let texts = (0..<120).map { _ in
      let plain = Bool.random(using: &random) ? id : id.replacing("-", with: "")
      let written = Bool.random(using: &random) ? plain : plain.lowercased()
      func side() -> String {
        String(
          (0..<Int.random(in: 0...40, using: &random)).map { _ in
            digits.randomElement(using: &random) ?? "0"
          })
      }
      return "id\(side())\(written)\(side()).png"
    }
    try await expectFound(in: texts, "seed \(seed)")
  }

  @Test(
    "JSON that PostgreSQL cannot convert to text blocks neither erasure nor storing")
  func endlessNumbers() async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      try await makeRoom(in: store)
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      let insert = """
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        SELECT gen_random_uuid(), '2026-09-02 10:00Z', 'measured', 'lab', jsonb_build_object(
            'by', $1, 'values', (SELECT jsonb_agg(1e131071::numeric) FROM generate_series(1, 2500)))
        """
      _ = try await store.connection.query(insert, [.text(person.id.uuidString)])
      let report = try await store.erasure.erase(person.id)
      #expect(report.mentions == 1)
      _ = try await store.connection.query(insert, [.text(person.id.uuidString)])
      _ = try await store.connection.query(insert, [.text("another person")])
      let authors = try await store.connection.query(
        """
        SELECT data->>'by', jsonb_array_length(data->'values')::int8 FROM analytics_events
        ORDER BY data->>'by'
        """)
      #expect(
        try authors.map { try $0.decode(String?.self, at: 0) } == ["another person", nil, nil])
      #expect(try authors.map { try $0.decode(Int.self, at: 1) } == [2500, 2500, 2500])

      let number = try #require(JSONNumber("1e400"))
      let long = try EventBatch.encoding(
        [
          EnrichedEvent(
            timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 1_788_307_200 * 1_000_000),
            event: .custom(
              DynamicEvent(
                type: "measured",
                fields: [
                  "by": .string(person.id.uuidString),
                  "values": .array(Array(repeating: .exact(number), count: 20_000)),
                ])), hostname: nil, environment: nil)
        ], ids: [UUID()])
      _ = try await sink.write(long)
      try await sink.deadLetter(long, because: EventSinkError(.refused, "so"))
      #expect(try await store.scalar("SELECT count(*) FROM analytics_dead_letters") == 0)
      #expect(
        try await store.scalar("SELECT count(*) FROM analytics_events WHERE data ? 'by'") == 1)
    }
  }

  @Test("a value nested too deeply to be searched is removed as a whole", arguments: ["[]", "{}"])
  func deeplyNested(brackets: String) async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      try await makeRoom(in: store)
      let depth = 3_000
      let inner = "\"\(person.id.uuidString)\""
      let json =
        brackets == "[]"
        ? String(repeating: "[", count: depth) + inner + String(repeating: "]", count: depth)
        : String(repeating: "{\"a\":", count: depth) + inner + String(repeating: "}", count: depth)
      let insert = """
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        VALUES (gen_random_uuid(), '2026-09-02 10:00Z', 'nested', 'lab',
                jsonb_build_object('deep', $1::text::jsonb, 'n', 1))
        """
      _ = try await store.connection.query(insert, [.text(json)])
      #expect(try await store.erasure.erase(person.id).mentions == 1)
      _ = try await store.connection.query(insert, [.text(json)])
      let left: [String] = try await store.connection.query(
        "SELECT data::text FROM analytics_events"
      )
      .map { try $0.decode(at: 0) }
      #expect(left == ["{}", "{}"])
      try await store.expectErased(person)
    }
  }

  @Test(
    "an invalid time in a session setting does not block storing",
    arguments: ["soon", "-1", "12345678901234567890", " "])
  func nonsense(setting: String) async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      try await makeRoom(in: store)
      _ = try await store.erasure.erase(person.id)
      _ = try await store.connection.query(
        "SELECT set_config('analytics.tracked_after', $1, false)", [.text(setting)])
      _ = try await store.connection.query(
        """
        INSERT INTO analytics_events (id, timestamp, event_type, service, user_id, data)
        VALUES (gen_random_uuid(), now() + interval '1 hour', 'said', 'lab', $1, '{}')
        """, [.uuid(person.id)])
      #expect(try await store.eventCount() == 1)
      try await store.expectErased(person)
    }
  }
}
