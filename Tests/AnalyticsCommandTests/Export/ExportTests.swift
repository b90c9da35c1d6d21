import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Exporting", .timeLimit(.minutes(60)))
struct ExportTests {
  @Test("writes an event as a line that import reads, with its id and its service")
  func oneLine() async throws {
    try await ImportDatabase.with { database in
      let text = line(
        event: started,
        and:
          #","hostname":"web \"1\"","environment":"production","service":"jobs","id":"\#(someUUID)""#
      )
      _ = try await database.importing("-", input: text)
      let outcome = try await database.exporting()
      #expect(
        outcome.output
          == #"{"timestamp":"2026-01-31T08:09:10.123456Z","id":"\#(someUUID)","service":"jobs","#
          + #""hostname":"web \"1\"","environment":"production","event":{"type":"task_started","#
          + #""user_id":"\#(someUUID)","task_id": "\#(someUUID)"}}"# + "\n")
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.error.hasPrefix("1 event in "))
    }
  }

  @Test("keeps the service of a type with a service of its own inside the event")
  func ownService() async throws {
    try await ImportDatabase.with { database in
      _ = try await database.importing(
        "-",
        input: line(
          event: #""type":"database_query","service":"api","query_type":"select","duration_ms":3"#
        ))
      let exported = try await database.exporting().output
      #expect(exported.contains(#""event":{"type":"database_query","service":"api","#))
      #expect(exported.components(separatedBy: #""service""#).count == 2)
    }
  }

  @Test("any events are exported and imported as the same rows, and exported as the same file")
  func roundTrip() async throws {
    var lines = RandomLines(random: .printingSeed())
    // Distant times need a partition each. Ingest refuses future times.
    lines.microseconds = -62_135_596_800_000_000..<1_790_000_000_000_000
    let far = (0..<60).map { _ in lines.line() }
    lines.microseconds = 1_790_000_000_000_000..<1_790_400_000_000_000
    let near = (0..<1500).map { _ in lines.line() }
    let first = goodLine(1).replacing("2026-11-01T08:09:10.123456Z", with: "0001-01-01T00:00:00Z")
    let input = (far + near).joined(separator: "\n") + "\n" + first
    try await ImportDatabase.with { first in
      let (summary, outcome) = try await first.importing(
        "--privacy", "full", "--accepts-from", "0001-01-01", "-", input: input)
      try #require(summary.stored == 1561, "\(outcome.error)")
      try await first.execute(Self.foreignRows)
      try await expectSameRowsElsewhere(first)
    }
  }

  /// Rows that this version's client would not write: from an older version, with another preset, of an application's
  /// own type with a name of the catalogue, and with the largest and smallest numbers.
  private static let foreignRows = #"""
    SELECT analytics_ensure_partitions(ARRAY['2026-10-01T00:00:00Z'::timestamptz]);
    INSERT INTO analytics_events (id, timestamp, event_type, service, data)
    SELECT gen_random_uuid(), '2026-10-01T00:00:00Z', type, 'x', data::jsonb
    FROM (VALUES
      ('task_created', '{}'),
      ('task_created', '{"command": "", "more": [1, {"a": null}], "duration_ms": -1}'),
      ('auth_login_attempt', '{"email": "ada@example.org", "state": "s3cret"}'),
      ('api_request', '{"status_code": 70000}'),
      ('it''s "quoted" \ and 漢字', '{"": "\u0001\t\"\\ 😀", "a b": true}'),
      ('numbers', '{"a": 1e300, "b": 5e-324, "c": 1.0, "d": -9223372036854775808, "e": 1e18,
                    "f": 1.7976931348623157e308, "g": 0.1, "h": -1234567890.125}')
    ) AS rows (type, data)
    """#

  private func expectSameRowsElsewhere(_ first: ImportDatabase) async throws {
    try await withFile([], named: "events.ndjson.gz") { path in
      let exported = try await first.exporting("--output", path, "--json")
      #expect(exported.exitCode == 0, "\(exported.error)")
      #expect(exported.output.hasPrefix(#"{"events":1567,"#))
      #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
      try await ImportDatabase.with { second in
        let (summary, outcome) = try await second.importing("--as-stored", path)
        #expect(summary == Summary(lines: 1567, stored: 1567), "\(outcome.error)")
        let (before, after) = (try await first.rows, try await second.rows)
        #expect(before.count == after.count)
        for (row, copy) in zip(before, after) where row != copy {
          Issue.record("the row has changed:\n\(row)\n\(copy)")
        }
        let again = try await second.exporting()
        #expect(again.output == (try await first.exporting()).output)
      }
    }
  }

  @Test("only the selected events are exported, in order of time")
  func selection() async throws {
    try await ImportDatabase.with { database in
      func at(_ day: String, _ type: String) -> String {
        #"{"timestamp":"2026-11-\#(day)T00:00:00Z","event":{"type":"\#(type)"}}"# + "\n"
      }
      _ = try await database.importing(
        "-",
        input: at("03", "it's") + at("01", "a") + at("02", "b") + at("04", "a")
          + at("05", #"\\'; DROP TABLE analytics_events; --"#))
      func days(_ arguments: String...) async throws -> [Substring] {
        let outcome = try await CommandRun(
          ["export"] + arguments, environment: ["DATABASE_URL": database.url]
        ).outcome()
        #expect(outcome.exitCode == 0, "\(outcome.error)")
        return outcome.output.split(separator: "\n").map { $0.dropFirst(22).prefix(2) }
      }
      #expect(try await days() == ["01", "02", "03", "04", "05"])
      #expect(
        try await days("--from", "2026-11-02", "--to", "2026-11-04T00:00:00Z") == ["02", "03"])
      #expect(try await days("--type", "a,it's") == ["01", "03", "04"])
      #expect(try await days("--type", #"\'; DROP TABLE analytics_events; --"#) == ["05"])
    }
  }

  @Test("counts by type are available for scripts, too")
  func storedAsJSON() async throws {
    try await ImportDatabase.with { database in
      _ = try await database.importing("-", input: goodLine(1) + goodLine(2))
      let outcome = try await analytics(
        "stored", "--json", environment: ["DATABASE_URL": database.url])
      #expect(
        outcome.output == #"[{"events":2,"first_day":"2026-11-01","last_day":"2026-11-01","#
          + #""type":"task_started"}]"# + "\n")
    }
  }

  @Test("a failure is reported in one line, and leaves the previous file unchanged")
  func failures() async throws {
    try await withUnmigratedDatabase { url in
      try await withFile("before".utf8) { path in
        let outcome = try await analytics(
          "export", "--output", path, environment: ["DATABASE_URL": url])
        #expect(outcome.exitCode == 1)
        #expect(outcome.errorLines.count == 1, "\(outcome.error)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "before")
        #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
      }
    }
    let wrongTime = try await analytics("export", "--from", "yesterday")
    #expect(wrongTime.exitCode == 64)
    #expect(wrongTime.error.contains("expected a time such as"))
    let backwards = try await analytics("export", "--from", "2026-02-01", "--to", "2026-01-01")
    #expect(backwards.error.contains("--from is not before --to"))
  }
}

extension ImportDatabase {
  func exporting(_ arguments: String...) async throws -> CommandRun.Outcome {
    try await CommandRun(["export"] + arguments, environment: ["DATABASE_URL": url]).outcome()
  }

  /// All rows with all their columns.
  var rows: [String] {
    get async throws {
      let rows = try await query(
        """
        SELECT row(id, timestamp AT TIME ZONE 'UTC', event_type, service, user_id, hostname,
                   environment, data)::text
        FROM analytics_events ORDER BY timestamp, id
        """)
      return try rows.map { try $0.decode(String.self, at: 0) }
    }
  }
}
