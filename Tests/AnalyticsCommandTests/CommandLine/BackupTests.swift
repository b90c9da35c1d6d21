import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Backup and restore", .timeLimit(.minutes(60)))
struct BackupTests {
  @Test(
    "a dump restored elsewhere has the same events, keys and boundary, and ingest continues",
    .enabled(if: Programs.pgDump != nil, "pg_dump is not installed"))
  func dumpAndRestore() async throws {
    try await withUnmigratedDatabase { original in
      try await withUnmigratedDatabase { copy in
        try await withFile([]) { file in
          let expired = goodLine(1).replacing("2026-11-01", with: "2015-05-17")
          try await succeed(["migrate", "--engine", "plain"], on: original)
          try await succeed(["import", "-"], on: original, input: expired)
          try await succeed(["maintain"], on: original)
          let kept = (2...300).map(goodLine).joined()
          try await succeed(["import", "-"], on: original, input: kept)

          try await run(Programs.pgDump, ["--format=custom", "--file=\(file)", original])
          try await run(Programs.pgRestore, ["--exit-on-error", "--dbname=\(copy)", file])

          let exported = try await succeed(["export"], on: original)
          #expect(exported.split(separator: "\n").count == 299)
          #expect(try await succeed(["export"], on: copy) == exported)
          #expect(try await succeed(["migrate"], on: copy).contains("nothing to apply"))
          let again = try await succeed(
            ["import", "--json", "-"], on: copy, input: kept + (301...310).map(goodLine).joined())
          #expect(again.contains(#""duplicates":299"#) && again.contains(#""stored":10"#))
          let tooLate = try await analytics(
            "import", "--json", "-", environment: ["DATABASE_URL": copy], input: expired)
          #expect(tooLate.output.contains(#""rejected":1"#))
          try await succeed(["maintain"], on: copy)
        }
      }
    }
  }

  @discardableResult
  private func succeed(
    _ arguments: [String], on url: String, input: String? = nil
  ) async throws -> String {
    let command = try CommandRun(
      arguments, environment: ["DATABASE_URL": url], takesInput: input != nil)
    if let input {
      try command.send(input)
      try command.closeInput()
    }
    let outcome = try await command.outcome()
    #expect(outcome.exitCode == 0, "\(arguments): \(outcome.error)")
    return outcome.output
  }

  private func run(_ program: String?, _ arguments: [String]) async throws {
    let process = try ChildProcess(try #require(program), arguments)
    #expect(await process.ended() == .exited(0), "\(arguments)")
  }
}

/// The programs of PostgreSQL in PATH; `nil` if they are missing.
private enum Programs {
  static let pgDump = find("pg_dump")
  static let pgRestore = find("pg_restore")

  private static func find(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }
}
