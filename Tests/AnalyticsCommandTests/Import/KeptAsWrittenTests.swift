import AnalyticsPostgres
import AnalyticsTestSupport
import Testing

@testable import AnalyticsCommand

@Suite("Fields that an import keeps", .timeLimit(.minutes(60)))
struct KeptAsWrittenTests {
  private static let user = "00000000-0000-4000-8000-000000000001"

  /// The data of the stored events, without their types, in order of time.
  private func data(
    of events: [String], sees look: (ImportDatabase) async throws -> Void = { _ in }
  ) async throws -> [String] {
    try await ImportDatabase.with { database in
      let lines = events.enumerated().map { second, event in
        #"{"timestamp":"2026-11-20T10:00:\#(second + 10)Z","event":{\#(event)}}"#
      }
      try await withFile(lines.joined(separator: "\n").utf8) { path in
        let run = try CommandRun(
          ["import", "--json", path], environment: ["DATABASE_URL": database.url])
        let outcome = try await run.outcome()
        #expect(
          try Summary(outcome) == Summary(lines: events.count, stored: events.count),
          "\(outcome.error)")
      }
      try await look(database)
      return try await database.query("SELECT data::text FROM analytics_events ORDER BY timestamp")
        .map { try $0.decode(String.self, at: 0) }
    }
  }

  @Test("include fields that a catalogue event does not declare, and errors of checks")
  func vanishingFields() async throws {
    let ids = #""user_id":"\#(Self.user)""#
    let found = try await data(
      of: [
        #""type":"auth_code_verified",\#(ids),"success":false,"error":"expired code""#,
        #""type":"auth_token_refresh",\#(ids),"success":false,"error":"revoked""#,
        #""type":"task_completed","task_id":"\#(Self.user)",\#(ids),"duration_ms":5,"exit_code":0,"#
          + #""queue":"fast""#,
        #""type":"webhook_received",\#(ids),"service":"hooks","provider":"p","event_type":"e","#
          + #""delivery_id":"d","deep":{"a":[1.10,null]},"none":null"#,
      ],
      sees: { database in
        let columns = try await database.text(
          "SELECT concat_ws(' ', user_id, service) FROM analytics_events WHERE service <> 'import'")
        #expect(columns == "\(Self.user) hooks")
      })
    #expect(
      found == [
        #"{"error": "expired code", "success": false}"#, #"{"error": "revoked", "success": false}"#,
        #"{"queue": "fast", "task_id": "\#(Self.user)", "exit_code": 0, "duration_ms": 5}"#,
        #"{"deep": {"a": [1.10, null]}, "provider": "p", "event_type": "e", "delivery_id": "d"}"#,
      ])
  }

  @Test("include numbers, digit by digit")
  func numbers() async throws {
    let numbers = [
      "-0": "0", "-0.0": "0.0", "1e309": "1" + String(repeating: "0", count: 309),
      "9007199254740993": "9007199254740993", "18446744073709551615": "18446744073709551615",
      "18446744073709551614": "18446744073709551614",
      "-9223372036854775808": "-9223372036854775808",
      "1e-400": "0." + String(repeating: "0", count: 399) + "1", "1.10": "1.10",
      "1234567890123456.789": "1234567890123456.789",
      "1e22": "1" + String(repeating: "0", count: 22),
      "12345678901234567890.0": "12345678901234567890.0",
    ]
    let written = numbers.keys.sorted()
    let found = try await data(of: written.map { #""type":"n","v":\#($0)"# })
    #expect(found == written.map { #"{"v": \#(numbers[$0] ?? "")}"# })
  }

  @Test("include texts with half of a surrogate pair, as U+FFFD")
  func loneSurrogates() async throws {
    let found = try await data(
      of: [
        #""type":"x","s":"cut mid-emoji \ud83d""#, #""type":"x"},"ignored":{"s":"\ud800""#,
        #""type":"x","s":"nul \u0000 is kept as U+FFFD""#,
        #""type":"task_started","task_id":"\#(Self.user)","user_id":"\#(Self.user)","\udc00":"\udc00""#,
      ])
    #expect(
      found == [
        "{\"s\": \"cut mid-emoji \u{FFFD}\"}", "{}",
        "{\"s\": \"nul \u{FFFD} is kept as U+FFFD\"}",
        "{\"\u{FFFD}\": \"\u{FFFD}\", \"task_id\": \"\(Self.user)\"}",
      ])
  }

  @Test("include every number that the parser accepts: jsonb accepts it, too")
  func storable() async throws {
    func digits(_ digit: String, _ count: Int) -> String { String(repeating: digit, count: count) }
    var numbers = [
      digits("9", 131_072) + "." + digits("9", 16_383), "0." + digits("0", 16_382) + "1",
      digits("9", 130_672) + "e400", "0." + digits("9", 15_983) + "e-400", "-1e400", "0e-400",
      "0." + digits("0", 16_783) + "e400", "1e+00000000000000000000000000000000400",
    ]
    for whole in ["0", "7", digits("1", 60)] {
      for fraction in ["", ".0", ".0000", "." + digits("3", 60)] {
        for exponent in ["", "e0", "E+7", "e-7", "e399", "e-399"] {
          numbers.append(whole + fraction + exponent)
        }
      }
    }
    let found = try await data(of: [#""type":"n","v":[\#(numbers.joined(separator: ","))]"#])
    try #require(found.count == 1)
    #expect(found[0].utf8.count { $0 == UInt8(ascii: ",") } == numbers.count - 1)
  }
}
