import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

/// The rows are inserted with SQL, because the library would not write some of them.
@Suite("Any row, exported and imported elsewhere", .timeLimit(.minutes(60)))
struct AnyStoredRowTests {
  private static let rowCount = 1500

  @Test("is the same row, whatever jsonb contains")
  func anyRow() async throws {
    var rows = RandomRows(random: .printingSeed())
    try await ImportDatabase.with { first in
      try await first.execute(
        "SELECT analytics_ensure_partitions(ARRAY['2026-11-01T00:00:00Z'::timestamptz])")
      for index in 0..<Self.rowCount { try await Self.insert(rows.row(index), into: first) }
      try await ImportDatabase.with { second in
        try await withFile([], named: "events.ndjson") { path in
          #expect(try await first.exporting("--output", path).exitCode == 0)
          let (summary, outcome) = try await second.importing("--as-stored", path)
          #expect(
            summary == Summary(lines: Self.rowCount, stored: Self.rowCount), "\(outcome.error)")
          let (before, after) = (try await first.rows, try await second.rows)
          #expect(before.count == after.count)
          for (row, copy) in zip(before, after) where row.bytes != copy.bytes {
            Issue.record("the row has changed:\n\(row.prefix(2000))\n\(copy.prefix(2000))")
          }
          let text = try String(contentsOfFile: path, encoding: .utf8)
          #expect(try await second.exporting().output.bytes == text.bytes)
        }
      }
    }
  }

  @Test(
    "with data that is not an object is exported as JSON, and refused by import with the reason")
  func noObjects() async throws {
    try await ImportDatabase.with { database in
      try await database.execute(
        """
        SELECT analytics_ensure_partitions(ARRAY['2026-11-01T00:00:00Z'::timestamptz]);
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        SELECT gen_random_uuid(), '2026-11-01T00:00:00Z', 'x', 's', data::jsonb
        FROM (VALUES ('[1, "a"]'), ('[]'), ('5'), ('"type"'), ('null'), ('true')) AS rows (data)
        """)
      let lines = try await database.exporting().output
      try #require(lines.split(separator: "\n").count == 6)
      for line in lines.split(separator: "\n") {
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        #expect(line.contains(#""event":{"type":"x"},"data":"#))
      }
      let (summary, outcome) = try await database.importing("--as-stored", "-", input: lines)
      #expect(summary == Summary(lines: 6, stored: 0, bad: 6), "\(outcome.error)")
      #expect(outcome.error.contains("data is not a JSON object"))
    }
  }

  private static func insert(_ row: RandomRows.Row, into database: ImportDatabase) async throws {
    _ = try await database.connection.query(
      """
      INSERT INTO analytics_events
        (id, timestamp, event_type, service, user_id, hostname, environment, data)
      VALUES (gen_random_uuid(), '2026-11-01T00:00:00Z'::timestamptz + $1::float8 * interval '1 second',
              $2, $3, $4, $5, $6, $7::text::jsonb)
      """,
      [
        .float8(Double(row.second)), .text(row.type), .text(row.service),
        row.user.map { .uuid($0) } ?? .null, row.hostname.map { .text($0) } ?? .null,
        row.environment.map { .text($0) } ?? .null, .text(row.data),
      ])
  }
}

/// Columns with any contents that PostgreSQL accepts.
private struct RandomRows {
  struct Row {
    var second: Int
    var type: String
    var service: String
    var user: UUID?
    var hostname: String?
    var environment: String?
    var data: String
  }

  var random: SeededGenerator

  mutating func row(_ second: Int) -> Row {
    let type = random.chance(0.7) ? Self.types[random.below(Self.types.count)] : "t" + text(20)
    return Row(
      second: second, type: type, service: "s" + text(20),
      user: random.chance(0.5) ? random.uuid() : nil, hostname: random.chance(0.5) ? text(30) : nil,
      environment: random.chance(0.5) ? text(30) : nil, data: data())
  }

  /// `track` accepts 64 levels in an event's fields. The data is one level more.
  private mutating func data() -> String {
    switch random.below(40) {
    case 0: return "{}"
    case 1:
      let depth = 64
      return #"{"deep": "#
        + (random.chance(0.5)
          ? String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
          : String(repeating: #"{"":"#, count: depth) + "1" + String(repeating: "}", count: depth))
        + "}"
    default: return object(depth: 4, names: Self.names)
    }
  }

  private mutating func object(depth: Int, names: [String]) -> String {
    let members = (0..<random.below(6)).map { _ in
      quoted(random.chance(0.6) ? names[random.below(names.count)] : text(8)) + ":"
        + value(depth: depth - 1)
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  private mutating func value(depth: Int) -> String {
    switch random.below(depth > 0 ? 10 : 8) {
    case 0: "null"
    case 1: random.chance(0.5) ? "true" : "false"
    case 2, 3, 4: number()
    case 5: quoted(Self.names[random.below(Self.names.count)])
    case 6, 7: quoted(text(30))
    case 8:
      "[" + (0..<random.below(4)).map { _ in value(depth: depth - 1) }.joined(separator: ",") + "]"
    default: object(depth: depth, names: Self.names)
    }
  }

  private mutating func number() -> String {
    let edges = [
      "0", "-0", "-0.0", "0.00", "1.10", "1e-400", "1e400", "1e300", "1E2", "5e-324", "1e131071",
      "1e-16383", "18446744073709551615", "18446744073709551616", "9223372036854775807",
      "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "0.1", "1e22",
      "1.7976931348623157e308", "123456789012345678901234567890.12345678901234567890000",
    ]
    guard random.chance(0.6) else { return edges[random.below(edges.count)] }
    func digits(_ most: Int) -> String {
      (0..<1 + random.below(most)).map { _ in "\(random.below(10))" }.joined()
    }
    return (random.chance(0.5) ? "-" : "") + (random.chance(0.3) ? "0" : "1" + digits(40))
      + (random.chance(0.5) ? "." + digits(40) : "")
      + (random.chance(0.3) ? "e\(random.below(1000) - 500)" : "")
  }

  private mutating func text(_ most: Int) -> String {
    let scalars: [Unicode.Scalar] = [
      "\u{1}", "\u{8}", "\u{c}", "\u{1f}", " ", "\"", "\\", "/", "\u{7f}", "\u{80}", "é", "e",
      "\u{301}", "\u{308}", "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{FFFE}", "\u{10FFFF}",
      "\u{D7FF}",
      "\u{E000}", "🧪", "日", "\n", "\r", "\t", "{", "}", ":", ",", "x", "u", "\u{212A}", "\u{212B}",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<random.below(most) { text.append(scalars[random.below(scalars.count)]) }
    return String(text)
  }

  private mutating func quoted(_ text: String) -> String {
    var written = "\""
    for scalar in text.unicodeScalars {
      if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" || random.chance(0.2) {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          written += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      } else {
        written.unicodeScalars.append(scalar)
      }
    }
    return written + "\""
  }

  private static let types = [
    "task_created", "task_completed", "auth_login_attempt", "auth_code_verified", "api_request",
    "database_query", "application_error", "oauth_flow_started", "webhook_processed", "type",
    "data",
  ]

  /// Names of columns, of keys beside the event and of fields of the catalogue, and one name in two forms.
  private static let names = [
    "", "type", "user_id", "service", "timestamp", "event", "data", "id", "hostname", "environment",
    "task_id", "duration_ms", "exit_code", "success", "error", "command", "status_code", "context",
    "email", "caf\u{E9}", "cafe\u{301}", "\u{FFFD}", "ty\u{70}e", "type ", "Type",
  ]
}
