import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

func withUnmigratedDatabase<Result>(
  _ body: (String) async throws -> Result
) async throws -> Result {
  try await withTestDatabase(body)
}

@Suite("Commands", .timeLimit(.minutes(60)))
struct CommandTests {
  @Test(
    "a missing database is reported in one clear line",
    arguments: [["import", "-"], ["migrate"], ["migrate", "status"], ["stored"]])
  func noDatabase(arguments: [String]) async throws {
    let outcome = try await CommandRun(arguments, environment: ["DATABASE_URL": ""]).outcome()
    #expect(outcome.exitCode == 1)
    #expect(outcome.output == "")
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.error.contains("set DATABASE_URL or PLATFORM_DATABASE_URL"))
  }

  @Test("DATABASE_URL is used before PLATFORM_DATABASE_URL, and an empty variable is ignored")
  func environment() {
    let both = ["DATABASE_URL": "a", "PLATFORM_DATABASE_URL": "b"]
    #expect(DatabaseOptions.fromEnvironment(both) == "a")
    #expect(DatabaseOptions.fromEnvironment(both.merging(["DATABASE_URL": ""]) { $1 }) == "b")
    #expect(DatabaseOptions.fromEnvironment([:]) == nil)
  }

  @Test("a missing file is reported before anything is stored")
  func missingFile() async throws {
    try await withFile(goodLine(1).utf8) { path in
      let outcome = try await analytics("import", "--check", path, "/nowhere/x.gz")
      #expect(outcome.exitCode == 1)
      #expect(
        outcome.errorLines == ["error: cannot open /nowhere/x.gz: No such file or directory"])
      #expect(outcome.output.hasPrefix("0 lines checked"))
    }
  }

  @Test("a progress bar is shown in terminals, but not in pipes")
  func noProgressBar() async throws {
    try await withFile((1...20_000).map(goodLine).joined().utf8) { path in
      let outcome = try await analytics("import", "--check", path)
      #expect(outcome.exitCode == 0)
      #expect(outcome.error == "")
      #expect(!outcome.output.contains("\r"))
    }
  }

  @Test("migrating twice has the same result as once, with either command name")
  func migrate() async throws {
    try await withUnmigratedDatabase { url in
      let environment = ["PLATFORM_DATABASE_URL": url]
      let waiting = try await analytics("migrate", "dry-run", environment: environment)
      #expect(waiting.output.contains("001_"))
      let first = try await analytics("migrate", environment: environment)
      #expect(first.exitCode == 0)
      #expect(first.output.contains("applied"))
      let second = try await CommandRun(
        [], executable: "analytics-migrate", environment: environment
      ).outcome()
      #expect(second.output == "nothing to apply: the database is up to date\n")
      let status = try await CommandRun(
        ["status"], executable: "analytics-migrate", environment: environment
      ).outcome()
      #expect(status.exitCode == 0)
      #expect(!status.output.contains("pending"))
      #expect(status.output.contains("engine: "))
    }
  }

  @Test("--local starts a private database, which the other commands find")
  func local() async throws {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("analytics-local-\(UUID().uuidString.prefix(8))").path
    let options = ["--local", "--local-directory", directory]
    func run(_ arguments: [String]) async throws -> CommandRun.Outcome {
      let outcome = try await CommandRun(arguments + options).outcome()
      #expect(outcome.exitCode == 0, "\(arguments): \(outcome.error)")
      return outcome
    }
    do {
      _ = try await run(["migrate"])
      try await withFile((goodLine(1) + goodLine(2)).utf8) { _ = try await run(["import", $0]) }
      let stored = try await run(["stored"])
      #expect(stored.output.contains("2  task_started"))
      #expect(stored.output.contains("psql 'postgres://"))
    } catch { Issue.record(error) }
    let stopped = try await analytics("local", "stop", "--local-directory", directory)
    #expect(stopped.exitCode == 0, "\(stopped.error)")
    try? FileManager.default.removeItem(atPath: directory)
  }
}
