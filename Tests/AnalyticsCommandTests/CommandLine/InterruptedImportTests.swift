import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Interrupted imports", .timeLimit(.minutes(60)))
struct InterruptedImportTests {
  @Test(
    "one that was killed half-way is completed by running it again", arguments: [1, 2000, 9000])
  func killed(afterEvents: Int) async throws {
    try await ImportDatabase.with { database in
      // Every third line occurs twice.
      let lines = (1...10_000).map { goodLine($0 % 3 == 0 ? $0 - 1 : $0) }
      let half = try CommandRun(
        ["import", "-"], environment: ["DATABASE_URL": database.url], takesInput: true)
      try half.send(lines.prefix(9500).joined())
      try await database.waitForEvents(afterEvents)
      half.signal(SIGKILL)
      #expect(try await half.outcome().exitCode == SIGKILL)
      let before = try await database.settledEventCount()
      let (summary, _) = try await database.importing("-", input: lines.joined())
      #expect(
        summary == Summary(lines: 10_000, stored: 10_000 - before, duplicates: before))
      #expect(try await database.eventCount == 10_000)
    }
  }

  @Test(
    "one that was interrupted stores what it has read and says so", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) async throws {
    try await ImportDatabase.with { database in
      let run = try CommandRun(
        ["import", "--json", "-"], environment: ["DATABASE_URL": database.url], takesInput: true)
      try run.send((1...3000).map(goodLine).joined())
      try await database.waitForEvents(1)
      run.signal(signal)
      let outcome = try await run.outcome()
      let summary = try Summary(outcome)
      #expect(summary.ending == "stopped")
      #expect(summary.stored == summary.lines)
      #expect(outcome.exitCode == 1)
      #expect(try await database.eventCount == summary.stored)
    }
  }
}
