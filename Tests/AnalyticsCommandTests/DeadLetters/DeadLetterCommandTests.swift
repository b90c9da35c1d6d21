import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("analytics dead-letters", .timeLimit(.minutes(60)))
struct DeadLetterCommandTests {
  private struct Listing: Decodable {
    struct Letter: Decodable {
      var id: String
      var type: String
      var service: String
      var attempts: Int
      var reason: String
    }
    var total: Int
    var letters: [Letter]
  }

  private func run(_ url: String, _ arguments: String...) async throws -> CommandRun.Outcome {
    let run = try CommandRun(["dead-letters"] + arguments, environment: ["DATABASE_URL": url])
    return try await run.outcome()
  }

  private func listing(_ url: String) async throws -> Listing {
    let outcome = try await run(url, "list", "--json")
    return try JSONDecoder().decode(Listing.self, from: Data(outcome.output.utf8))
  }

  @Test("lists, shows, retries and purges the events of an import that the database refused")
  func whole() async throws {
    try await ImportDatabase.with { database in
      #expect(try await run(database.url).output == "no event was refused\n")
      try await database.execute(
        "ALTER TABLE analytics_events ADD CONSTRAINT short CHECK (length(data->>'command') < 5)")
      let lines = ["ls", "too long", "pwd", "far too long"].enumerated().map { index, command in
        """
        {"timestamp":"2026-11-0\(index + 1)T00:00:00Z","event":{"type":"task_created",\
        "task_id":"00000000-0000-0000-0000-00000000000\(index)","user_id":\
        "00000000-0000-0000-0000-000000000001","command":"\(command)"}}
        """
      }
      let (summary, outcome) = try await database.importing(
        "--privacy", "full", "-", input: lines.joined(separator: "\n") + "\n")
      #expect(summary.stored == 2, "\(outcome.error)")
      #expect(!outcome.error.contains("too long"))

      let listed = try await run(database.url)
      #expect(listed.exitCode == 1)
      #expect(listed.output.hasSuffix("2 in all\n"), "\(listed.output)")
      #expect(!listed.output.contains("too long"))
      let letters = try await listing(database.url)
      #expect(
        letters.total == 2 && letters.letters.map(\.type) == ["task_created", "task_created"])
      #expect(letters.letters.allSatisfy { $0.reason.contains("short") && $0.service == "import" })

      let id = try #require(letters.letters.last?.id)
      let shown = try await run(database.url, "show", id)
      #expect(shown.exitCode == 0 && shown.output.contains("too long"))
      // The shown line can be imported.
      #expect(shown.output.contains("\"id\":\"\(id)\""))
      let unknown = try await run(database.url, "show", UUID().uuidString)
      #expect(unknown.exitCode == 1 && unknown.errorLines.count == 1)

      let again = try await run(database.url, "retry", "--all", "--json")
      #expect(again.exitCode == 1)
      #expect(
        again.output
          == #"{"duplicates":0,"out_of_range":0,"refused":2,"stored":0,"suppressed":0,"unreadable":0}"#
          + "\n")
      #expect(try await listing(database.url).letters.map(\.attempts) == [2, 2])

      try await database.execute("ALTER TABLE analytics_events DROP CONSTRAINT short")
      let stored = try await run(database.url, "retry", id)
      #expect(stored.exitCode == 0 && stored.output == "1 stored\n")
      #expect(try await database.eventCount == 3)
      #expect(try await run(database.url, "purge", "--all").output == "1 deleted\n")
      #expect(try await listing(database.url).total == 0)
      #expect(try await database.eventCount == 3)
    }
  }

  @Test(
    "reports an event that a trigger suppresses without an error, and keeps its letter")
  func suppressed() async throws {
    try await ImportDatabase.with { database in
      func line(_ command: String, _ second: Int) -> String {
        """
        {"timestamp":"2026-11-01T00:00:0\(second)Z","event":{"type":"task_created",\
        "task_id":"00000000-0000-0000-0000-000000000001","user_id":\
        "00000000-0000-0000-0000-000000000001","command":"\(command)"}}

        """
      }
      try await database.execute(
        """
        CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RETURN CASE WHEN NEW.data->>'command' = 'secret' THEN NULL ELSE NEW END;
        END $$;
        CREATE TRIGGER leave_out BEFORE INSERT ON analytics_events
          FOR EACH ROW EXECUTE FUNCTION leave_out();
        ALTER TABLE analytics_events ADD CONSTRAINT none CHECK (length(data->>'command') < 9)
        """)
      let (summary, outcome) = try await database.importing(
        "--privacy", "full", "-", input: line("ls", 1) + line("secret", 2) + line("far too long", 3)
      )
      #expect(summary.stored == 1 && summary.duplicates == 0 && summary.rejected == 2)
      #expect(outcome.exitCode == 1)
      #expect(outcome.error.contains("1 kept out by a trigger"), "\(outcome.error)")
      #expect(!outcome.error.contains("secret"))
      try await database.execute(
        """
        ALTER TABLE analytics_events DROP CONSTRAINT none;
        CREATE OR REPLACE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RETURN NULL;
        END $$
        """)
      let again = try await run(database.url, "retry", "--all")
      #expect(again.exitCode == 1 && again.output == "0 stored, 1 kept out by a trigger\n")
      #expect(try await listing(database.url).total == 1)
    }
  }

  @Test("names an unreadable letter, and the others are still accessible")
  func unreadable() async throws {
    try await ImportDatabase.with { database in
      try await database.execute(
        "ALTER TABLE analytics_events ADD CONSTRAINT short CHECK (length(data->>'command') < 5)")
      let line = """
        {"timestamp":"2026-11-01T00:00:00Z","event":{"type":"task_created",\
        "task_id":"00000000-0000-0000-0000-000000000001","user_id":\
        "00000000-0000-0000-0000-000000000001","command":"too long"}}

        """
      _ = try await database.importing("--privacy", "full", "-", input: line)
      let newer = "00000000-0000-0000-0000-00000000000a"
      let broken = "00000000-0000-0000-0000-00000000000b"
      try await database.execute(
        """
        INSERT INTO analytics_dead_letters (id, timestamp, layout, row, reason)
        SELECT '\(newer)', timestamp, 99, row, 'so' FROM analytics_dead_letters;
        INSERT INTO analytics_dead_letters (id, timestamp, layout, row, reason)
        SELECT '\(broken)', timestamp, layout, 'no event', 'so' FROM analytics_dead_letters LIMIT 1
        """)
      let listed = try await run(database.url)
      #expect(listed.exitCode == 1)
      #expect(listed.output.contains("\(newer)  cannot be read (written by a newer version"))
      #expect(listed.output.contains("\(broken)  cannot be read (its bytes are not"))
      #expect(listed.output.contains("task_created of import"), "\(listed.output)")
      #expect(try await listing(database.url).total == 3)

      let shown = try await run(database.url, "show", "--all")
      #expect(shown.exitCode == 1 && shown.output.contains("too long"))
      #expect(shown.errorLines.count == 1)
      #expect(shown.error.contains("and 1 more cannot be read"), "\(shown.error)")
      let one = try await run(database.url, "show", broken)
      #expect(one.exitCode == 1 && one.error.contains("\(broken) cannot be read: its bytes"))

      try await database.execute("ALTER TABLE analytics_events DROP CONSTRAINT short")
      let stored = try await run(database.url, "retry", "--all")
      #expect(stored.exitCode == 1)
      #expect(
        stored.output == "1 stored, 2 cannot be read: see `analytics dead-letters`\n")
      #expect(try await database.eventCount == 1)
      #expect(try await run(database.url, "purge", newer, broken).output == "2 deleted\n")
    }
  }

  @Test(
    "requires ids or --all",
    arguments: [["retry"], ["show"], ["purge"], ["purge", "--all", "--older-than-days", "3"]])
  func selection(arguments: [String]) async throws {
    let outcome = try await CommandRun(["dead-letters"] + arguments).outcome()
    #expect(outcome.exitCode == 64 && outcome.error.contains("--all"))
  }
}
