import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Names that no event has, on the command line", .timeLimit(.minutes(60)))
struct UnknownNameCommandTests {
  private static let range = ["--from", "2026-11-01", "--to", "2026-11-03"]

  @Test("are refused in one line with a suggestion, and with a failing exit code")
  func refused() async throws {
    try await ImportDatabase.with { database in
      _ = try await database.importing("-", input: goodLine(1))
      for (arguments, line, code) in [
        (
          ["report", "breakdown", "--event", "task_start"],
          "there is no event type \"task_start\": did you mean task_started?", 64
        ),
        (
          ["report", "breakdown", "--event", "task_started", "--where", "task_idd"],
          "no \"task_started\" event has a property \"task_idd\": did you mean task_id?", 64
        ),
        (
          ["report", "breakdown", "--event", "task_started", "--where", "task_id==5"],
          "there is no operator \"==\": did you mean =?", 64
        ),
        (
          ["report", "events-by-type", "--event-type", "task_started", "--event-type", "none"],
          "there is no event type \"none\"", 64
        ),
        (
          ["export", "--type", "task_started,task_start"],
          "there is no event type \"task_start\": did you mean task_started?", 1
        ),
      ] {
        let range = arguments[0] == "report" ? Self.range : []
        let outcome = try await CommandRun(
          arguments + range, environment: ["DATABASE_URL": database.url]
        ).outcome()
        #expect(outcome.exitCode == code, "\(arguments) \(outcome.error)")
        #expect(outcome.errorLines.count == 1 && outcome.output == "", "\(outcome.error)")
        #expect(outcome.error.contains(line), "\(outcome.error)")
      }
    }
  }

  @Test("in a database without events are not refused; a report notes that there are no events yet")
  func noEvents() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      let report = try await CommandRun(
        ["report", "breakdown", "--event", "signup", "--where", "plan=pro"] + Self.range,
        environment: environment
      ).outcome()
      #expect(report.exitCode == 0)
      #expect(report.output.contains("all             0      0\n"))
      #expect(report.output.hasSuffix("\nnote: there are no events yet\n"))
      let export = try await CommandRun(["export", "--type", "signup"], environment: environment)
        .outcome()
      #expect(export.exitCode == 0 && export.output == "", "\(export.error)")
    }
  }

  @Test(
    "in tail are waited for, and reported, if no event has the type or service yet",
    arguments: [
      (
        ["--type", "task_start"],
        "there is no event type \"task_start\": did you mean task_started?"
      ),
      (["--service", "jobs"], "there is no service \"jobs\""),
    ])
  func tail(filter: [String], note: String) async throws {
    try await ImportDatabase.with { database in
      _ = try await database.importing("-", input: goodLine(1))
      let tail = try CommandRun(
        ["tail"] + filter, environment: ["DATABASE_URL": database.url])
      try await database.wait { try tail.errorSoFar() == "note: \(note)\n" }
      let late = goodLine(2).replacing("task_started", with: "task_start")
        .replacing(#"Z","event""#, with: #"Z","service":"jobs","event""#)
      _ = try await database.importing("-", input: late)
      try await database.wait { try tail.outputSoFar().contains("task_start  jobs  ") }
      tail.signal(SIGINT)
      let outcome = try await tail.outcome()
      #expect(outcome.exitCode == 0 && outcome.output.split(separator: "\n").count == 1)
    }
  }
}

extension ImportDatabase {
  /// Waits until a condition holds. It polls the database, because nothing signals the output.
  fileprivate func wait(until holds: () throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(300)
    while try !holds() {
      try #require(ContinuousClock.now < deadline, "the output did not come in five minutes")
      _ = try await eventCount
    }
  }
}
