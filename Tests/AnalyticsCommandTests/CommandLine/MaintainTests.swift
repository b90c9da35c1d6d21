import Foundation
import Testing

@Suite("analytics maintain")
struct MaintainTests {
  @Test("drops and reports old events, and import then counts such events as rejected")
  func retention() async throws {
    try await ImportDatabase.with { database in
      let old = goodLine(1).replacing("2026-11-01", with: "2015-05-17")
      _ = try await database.importing("-", input: old)
      let environment = ["DATABASE_URL": database.url]
      let kept = try await analytics("maintain", "--keep-forever", environment: environment)
      #expect(kept.output.contains("partitions created: 8; dropped: 0; no raw events dropped yet"))
      let outcome = try await analytics("maintain", environment: environment)
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      #expect(outcome.output.contains("dropped: 1 ("))
      #expect(outcome.output.contains("raw events kept from 2016-01-01T00:00:00Z"))
      let again = try await database.importing("-", input: old)
      #expect(again.summary.rejected == 1)
      #expect(try await database.eventCount == 0)
    }
  }

  @Test("--json prints the same information for scripts")
  func json() async throws {
    struct Report: Decodable, Equatable {
      var isBusyElsewhere: Bool
      var partitionsMade: Int
      var dropped: [String]
      var waiting: [String]
      var deadLettersDropped: Int
      var droppedBefore: String?
    }
    try await ImportDatabase.with { database in
      _ = try await database.importing(
        "-", input: goodLine(1).replacing("2026-11-01", with: "2015-05-17"))
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      func run(_ arguments: String...) async throws -> Report {
        let outcome = try await CommandRun(
          ["maintain", "--json"] + arguments, environment: ["DATABASE_URL": database.url]
        ).outcome()
        #expect(outcome.exitCode == 0, "\(outcome.error)")
        return try decoder.decode(Report.self, from: Data(outcome.output.utf8))
      }
      let first = try await run("--keep-forever")
      #expect(first.partitionsMade == 8)
      #expect(first.dropped.isEmpty && first.droppedBefore == nil)
      let second = try await run()
      #expect(second.dropped.count == 1)
      #expect(second.droppedBefore == "2016-01-01T00:00:00Z")
      // Importing events of days that were dropped causes a warning.
      let late = try await database.importing(
        "-", input: goodLine(2).replacing("2026-11-01", with: "2015-05-17"))
      #expect(late.outcome.error.contains("events before 2016-01-01T00:00:00Z are rejected"))
      #expect(!second.isBusyElsewhere && second.waiting.isEmpty && second.deadLettersDropped == 0)
    }
  }

  @Test("every command works only in the schema that --schema names")
  func schema() async throws {
    try await ImportDatabase.with { database in
      let options = ["--schema", #"odd "na'me""#, "--database-url", database.url]
      try await withFile((goodLine(1) + goodLine(2)).utf8) { path in
        for arguments in [["migrate"], ["import", path], ["maintain", "--keep-forever"]] {
          let outcome = try await CommandRun(arguments + options).outcome()
          #expect(outcome.exitCode == 0, "\(arguments): \(outcome.error)")
        }
      }
      let stored = try await CommandRun(["stored"] + options).outcome()
      #expect(stored.output.contains("2  task_started"))
      #expect(try await database.eventCount == 0)
    }
  }

  @Test("contradictory or invalid settings are refused, and the error names the option")
  func settings() async throws {
    for arguments in [["--keep-days", "3", "--keep-forever"], ["--keep-days", "0"]] {
      let outcome = try await CommandRun(["maintain"] + arguments).outcome()
      #expect(outcome.exitCode != 0)
      #expect(outcome.error.contains("--keep-days"))
    }
  }
}
