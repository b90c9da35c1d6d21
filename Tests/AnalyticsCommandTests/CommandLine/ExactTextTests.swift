import Analytics
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Hostile texts on the command line", .timeLimit(.minutes(60)))
struct ExactTextTests {
  private static let texts = JoinedTexts.texts(bytesMax: 90)

  private static func lines(_ events: [EnrichedEvent]) throws -> String {
    try events.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) + "\n" }.joined()
  }

  private static func events() throws -> String {
    try lines(JoinedTexts.events(texts, from: Date(timeIntervalSince1970: 1_790_000_000)))
  }

  @Test("a type to export is passed as a value, and never executed as SQL")
  func export() async throws {
    try await ImportDatabase.with { database in
      let quotes = JoinedTexts.joiners.map { "\($0)'\($0)" }
      let attacks = quotes.flatMap { quote in
        ["\(quote) OR true --", "\(quote)) TO STDOUT; COMMIT; CREATE TABLE pwned (); --"]
      }
      let stored = try Self.lines(
        (quotes + attacks).map { quote in
          EnrichedEvent(
            timestamp: EventTimestamp(rfc3339: "2026-11-01T00:00:00Z")!,
            event: .custom(DynamicEvent(type: quote)))
        })
      let (summary, _) = try await database.importing("-", input: stored + goodLine(1))
      #expect(summary.stored == quotes.count + attacks.count + 1)
      for attack in attacks {
        // Types are separated by commas.
        let outcome = try await analytics(
          "export", "--type", attack, environment: ["DATABASE_URL": database.url])
        #expect(outcome.exitCode == 0, "\(attack.debugDescription)")
        #expect(
          outcome.output.utf8.count { $0 == UInt8(ascii: "\n") } == 1,
          "\(attack.debugDescription)")
      }
      let exact = try await analytics(
        "export", "--type", quotes.joined(separator: ","),
        environment: ["DATABASE_URL": database.url])
      #expect(exact.errorLines.last?.utf8.starts(with: "\(quotes.count) events in ".utf8) == true)
      #expect(
        try await database.number("SELECT count(*) FROM pg_class WHERE relname = 'pwned'") == 0)
    }
  }

  @Test("a schema with any name contains all tables, and every command finds them")
  func schema() async throws {
    try await ImportDatabase.with { database in
      // The default schema has no tables.
      try await database.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
      for name in ["a\u{600}\"b", "\"\u{308}; DROP SCHEMA public; --'\\", "{role}{schema}$$\n-- x"]
      {
        func run(_ arguments: String..., input: String? = nil) async throws -> CommandRun.Outcome {
          let run = try CommandRun(
            arguments + ["--schema", name], environment: ["DATABASE_URL": database.url],
            takesInput: input != nil)
          if let input { try run.send(input) }
          if input != nil { try run.closeInput() }
          let outcome = try await run.outcome()
          #expect(
            outcome.exitCode == 0, "\(arguments) \(name.debugDescription) \(outcome.error)")
          return outcome
        }
        _ = try await run("migrate", "all")
        _ = try await run("import", "-", input: goodLine(1) + goodLine(2))
        #expect(try await run("stored").output.contains("2  task_started"))
        #expect(try await run("export").output.split(separator: "\n").count == 2)
        #expect(
          try await run("report", "events-by-type", "--from", "2026-11-01", "--to", "2026-11-02")
            .output.contains("task_started"))
        _ = try await run("maintain")
        _ = try await run("rollups", "verify")
        _ = try await run("keys", "create", "reader")
        #expect(try await run("keys").output.contains("reader"))
        _ = try await run("erase-user", someUUID)
        #expect(try await run("dead-letters").output == "no event was refused\n")
        _ = try await run("migrate", "status")
        #expect(
          try await database.number(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0)
      }
    }
  }

  @Test("no stored text moves a terminal's cursor, sets its title or hides a line")
  func terminal() async throws {
    try await ImportDatabase.with { database in
      let title =
        #"{"timestamp":"2026-09-21T14:00:00Z","event":{"type":"ok\u001b]0;pwn\u0007\u001b[31mred"}}"#
      let (summary, _) = try await database.importing("-", input: try Self.events() + title + "\n")
      #expect(summary.stored == Self.texts.count * 7 + 1)
      try await database.execute(
        "ALTER TABLE analytics_events ADD CONSTRAINT none CHECK (NOT data ? 'refused') NOT VALID")
      let refused = try Self.lines(
        Self.texts.prefix(20).map { text in
          EnrichedEvent(
            timestamp: EventTimestamp(rfc3339: "2026-09-21T15:00:00Z")!,
            event: .custom(DynamicEvent(type: text, service: text, fields: ["refused": 1])))
        })
      _ = try await database.importing("-", input: refused)
      try #require(try await database.number("SELECT count(*) FROM analytics_dead_letters") == 20)
      let commands = [
        ["stored"], ["report", "events-by-type"], ["report", "errors"], ["report", "environments"],
        ["report", "api-latency", "--by-endpoint", "true"], ["report", "timeline", "--user"],
        ["doctor"], ["dead-letters"],
      ]
      for command in commands {
        var arguments = command
        if command.last == "--user" {
          arguments.append(
            try await database.text(
              "SELECT user_id::text FROM analytics_events WHERE user_id IS NOT NULL LIMIT 1") ?? "")
        }
        if command.first == "report" {
          arguments += ["--from", "2026-09-21", "--to", "2026-09-22"]
        }
        let outcome = try await CommandRun(
          arguments, environment: ["DATABASE_URL": database.url]
        ).outcome()
        Self.expectHarmless(outcome.output + outcome.error, "\(command)")
      }
      let json = try await analytics(
        "stored", "--json", environment: ["DATABASE_URL": database.url])
      Self.expectHarmless(json.output, "stored --json")
      let types = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
      let names = Set(types.compactMap { ($0["type"] as? String)?.bytes })
      #expect(names.isSuperset(of: Self.texts.map(\.bytes)))
      let tail = try CommandRun(
        ["tail", "-n", "2000"], environment: ["DATABASE_URL": database.url])
      while try tail.outputSoFar().utf8.count(where: { $0 == 10 }) < summary.stored {
        await Task.yield()
      }
      tail.signal(SIGINT)
      let lines = try await tail.outcome().output
      Self.expectHarmless(lines, "tail")
      #expect(lines.utf8.count { $0 == 10 } == summary.stored, "each event is one line")
    }
  }

  @Test("arguments are quoted in an error line without control characters")
  func typed() async throws {
    let typed = "a\u{1B}[31m\u{9B}2J\u{202E}\u{308}"
    for arguments in [
      [typed], ["--\(typed)"], ["export", "--from", typed], ["erase-user", typed, typed],
      ["report", typed], ["report", "tasks", "--tz", typed], ["track", "x", typed],
      ["dead-letters", "show", typed], ["spool", "list", "--spool", "/\(typed)"],
      ["stored", "--database-url", "postgres://127.0.0.1:1/\(typed)"],
      ["serve", "--host", typed, "--database-url", "postgres://127.0.0.1:1/none"],
      ["export", "--type", ","], ["tail", "--type", ""],
    ] {
      let outcome = try await CommandRun(arguments).outcome()
      #expect(outcome.exitCode != 0 && !outcome.error.isEmpty, "\(arguments)")
      Self.expectHarmless(outcome.output + outcome.error, "\(arguments)")
    }
    #expect(try await analytics("--help").exitCode == 0)
    #expect(try await analytics("help", "import").output.utf8.count > 500)
  }

  private static func expectHarmless(_ text: String, _ what: String) {
    let obeyed = text.unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: scalar != "\n"
      default: false
      }
    }
    #expect(obeyed.isEmpty, "\(what): \(Set(obeyed).map { String($0.value, radix: 16) })")
  }

  @Test("two fields whose names differ only in their bytes are both kept")
  func fields() async throws {
    try await ImportDatabase.with { database in
      let line =
        "{\"timestamp\": \"2026-11-08T10:00:00Z\", \"event\": {\"type\": \"both\", "
        + "\"caf\u{E9}\": 1, \"cafe\u{301}\": 2, \"deep\": {\"caf\u{E9}\": 1, \"cafe\u{301}\": 2}}}\n"
      _ = try await database.importing("-", input: line)
      let names = "SELECT count(*) FROM analytics_events, jsonb_object_keys(data) AS name"
      #expect(try await database.number(names) == 3)
      #expect(
        try await database.number(names.replacingOccurrences(of: "data)", with: "data->'deep')"))
          == 2)
      let tracked = try await analytics(
        "track", "typed", "caf\u{E9}=1", "cafe\u{301}=2", "x\u{308}=\u{308}y=z",
        environment: ["DATABASE_URL": database.url])
      #expect(tracked.exitCode == 0, "\(tracked.error)")
      #expect(
        try await database.number(
          "SELECT count(*) FROM analytics_events, jsonb_object_keys(data) WHERE event_type = 'typed'"
        )
          == 3)
    }
  }

  @Test("two services whose names differ only in their bytes are distinct, as in PostgreSQL")
  func services() async throws {
    try await ImportDatabase.with { database in
      func line(_ hour: Int, _ service: String, _ user: Int) -> String {
        "{\"timestamp\": \"2026-11-08T0\(hour):00:00Z\", \"event\": {\"type\": \"application_error\", "
          + "\"user_id\": \"00000000-0000-4000-8000-00000000001\(user)\", \"service\": \"\(service)\", "
          + "\"error_type\": \"E\", \"error_message\": \"m\"}}\n"
      }
      _ = try await database.importing(
        "-", input: (0..<3).map { line($0, "caf\u{E9}", $0) }.joined() + line(5, "cafe\u{301}", 0))
      let outcome = try await analytics(
        "report", "errors", "--by", "total", "--format", "csv", "--from", "2026-11-08", "--to",
        "2026-11-09", environment: ["DATABASE_URL": database.url])
      let rows = CSVReader.rows(outcome.output.utf8).dropFirst().map { Array($0[1...4]) }
      #expect(
        Array(rows) == [
          ["cafe\u{301}", "E", "1", "1"].map(\.bytes), ["caf\u{E9}", "E", "3", "3"].map(\.bytes),
        ])
    }
  }

  @Test("a time with digits of another script is refused, and not read as midnight")
  func digits() async throws {
    for (option, command) in [("--from", "report"), ("--to", "report"), ("--from", "export")] {
      let arguments = command == "report" ? [command, "events-by-type"] : [command]
      let outcome = try await CommandRun(
        arguments + [option, "2026-11-20T\u{660}\u{668}:\u{660}\u{660}:\u{660}\u{660}Z"],
        environment: ["DATABASE_URL": "postgres://127.0.0.1:1/none"]
      ).outcome()
      #expect(outcome.exitCode == 64, "\(command) \(option) \(outcome.error)")
    }
  }
}
