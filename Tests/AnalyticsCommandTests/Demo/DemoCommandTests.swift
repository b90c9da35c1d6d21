import Foundation
import Testing

@Suite("analytics demo", .timeLimit(.minutes(60)))
struct DemoCommandTests {
  /// The counts in the last line.
  private func books(_ outcome: CommandRun.Outcome) throws -> (tracked: Int, stored: Int) {
    let pattern =
      #/tracked (\d+) = stored (\d+) \+ duplicates 0 \+ rejected 0 \+ dropped 0 \+ pending 0/#
    let match = try #require(
      outcome.output.firstMatch(of: pattern), "\(outcome.output)\(outcome.error)")
    return (try #require(Int(match.1)), try #require(Int(match.2)))
  }

  @Test("stores history once, marks its events, and reports correct counts")
  func history() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      let first = try await analytics(
        "demo", "--history", "2", "--for", "1", "--rate", "100", environment: environment)
      #expect(first.exitCode == 0 && first.error == "", "\(first.error)")
      let books = try books(first)
      #expect(books.tracked == books.stored && books.stored > 2000)
      #expect(try await database.eventCount == books.stored)
      // Both counts use one fixed bound, because events of the history would pass a moving bound.
      let bound = try #require(
        try await database.text("SELECT (now() - interval '10 minutes')::text"))
      let past = "FROM analytics_events WHERE timestamp < '\(bound)'"
      let history = try await database.number("SELECT count(*) \(past)")
      #expect(history > 2000)

      let second = try await analytics(
        "demo", "--history", "2", "--for", "0", environment: environment)
      #expect(second.exitCode == 0 && second.output.contains("already"), "\(second.error)")
      #expect(try self.books(second).tracked == 0)
      #expect(try await database.number("SELECT count(*) \(past)") == history)

      let unmarked = "environment IS DISTINCT FROM 'simulated' OR timestamp > now()"
      #expect(
        try await database.number("SELECT count(*) FROM analytics_events WHERE \(unmarked)") == 0)
      #expect(
        try await database.number("SELECT count(DISTINCT service) FROM analytics_events") >= 4)
    }
  }

  @Test("runs until a signal, and then stores the events that it tracked")
  func stopped() async throws {
    try await ImportDatabase.with { database in
      for signal in [SIGTERM, SIGINT] {
        let before = try await database.eventCount
        let run = try CommandRun(
          ["demo", "--rate", "200"], environment: ["DATABASE_URL": database.url])
        try await database.waitForEvents(before + 50)
        run.signal(signal)
        let outcome = try await run.outcome()
        #expect(outcome.exitCode == 0 && outcome.error == "", "\(outcome.error)")
        let books = try books(outcome)
        #expect(books.stored == books.tracked)
        #expect(try await database.eventCount == before + books.stored)
      }
    }
  }

  @Test(
    "reports a failure in one line",
    arguments: [
      (["--rate", "0"], "--rate is"), (["--history", "61"], "--history is"),
      (["--for=-1"], "--for is"),
    ])
  func refused(arguments: [String], line: String) async throws {
    let outcome = try await CommandRun(
      ["demo"] + arguments, environment: ["DATABASE_URL": "postgres://127.0.0.1:1/none"]
    ).outcome()
    #expect(outcome.exitCode != 0)
    #expect(outcome.errorLines.first?.contains(line) == true, "\(outcome.error)")
  }
}
