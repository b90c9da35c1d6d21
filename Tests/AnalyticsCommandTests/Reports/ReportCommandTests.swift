import AnalyticsConnections
import AnalyticsReports
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("analytics report", .timeLimit(.minutes(60)))
struct ReportCommandTests {
  @Test("answers as a table, as JSON and as CSV")
  func formats() async throws {
    try await ImportDatabase.with { database in
      _ = try await database.importing("-", input: (1...3).map(goodLine).joined())
      let environment = ["DATABASE_URL": database.url]
      func report(_ arguments: String...) async throws -> String {
        let outcome = try await CommandRun(["report"] + arguments, environment: environment)
          .outcome()
        #expect(outcome.exitCode == 0, "\(outcome.error)")
        return outcome.output
      }
      let range = ["--from", "2026-11-01", "--to", "2026-11-03", "--tz", "Asia/Kathmandu"]
      let table = try await CommandRun(
        ["report", "active-users"] + range, environment: environment
      ).outcome()
      #expect(
        table.output.hasPrefix("active-users from 2026-11-01 to 2026-11-03, Asia/Kathmandu\n"))
      #expect(table.output.contains("\n2026-11-01 Sun             1  ████"))
      let csv = try await report(
        "--from", "2026-11-01", "--to=2026-11-02", "events-by-type", "--format", "csv",
        "--event-type", "task_started", "--by", "day", "--event-type=task_completed")
      #expect(
        csv == "day,event_type,events,user_events,partial\r\n2026-11-01,task_started,3,3,\r\n")
      let json = try await report(
        "tasks", "--from", "2026-11-01", "--to", "2026-11-02", "--format", "json", "--percentile",
        "99.9")
      let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
      let row = (object?["rows"] as? [[String: Any]])?.first
      #expect(row?["started"] as? Int == 3)
      #expect(row?["p99_9_duration_ms"] is NSNull)
    }
  }

  @Test("--list explains every report and its parameters; it needs no database")
  func list() async throws {
    let outcome = try await analytics("report", "--list")
    #expect(outcome.exitCode == 0)
    for report in ReportCatalogue.standard.reports {
      #expect(outcome.output.contains("\(report.name)\n    \(report.summary)\n"))
      for parameter in report.parameters {
        #expect(outcome.output.contains("--\(parameter.name.replacing("_", with: "-"))"))
      }
    }
    #expect(
      outcome.output.contains("\n    --event <type>  the type of the events to count; required\n"))
  }

  @Test(
    "finds the reports of an application's own rollups, and lists them if there is a database")
  func own() async throws {
    try await ImportDatabase.with { database in
      let starts = Rollup(
        "starts", of: ["task_started"], by: [Dimension("where", .service)],
        measures: [Measure("starts", .count), Measure("people", .distinct(.userID))])
      try await Migrator(
        AnalyticsDatabase(url: database.url), rollups: [starts], lockTimeout: .seconds(300)
      ).apply()
      _ = try await database.importing("-", input: (1...3).map(goodLine).joined())
      func report(_ arguments: String..., url: String? = database.url) async throws
        -> CommandRun.Outcome
      {
        try await CommandRun(
          ["report"] + arguments, environment: url.map { ["DATABASE_URL": $0] } ?? [:]
        ).outcome()
      }
      let csv = try await report(
        "starts", "--from", "2026-11-01", "--to", "2026-11-02", "--format", "csv", "--group-by",
        "where", "--window", "7")
      #expect(
        csv.output
          == "day,where,starts,people,people_7_days,people_stickiness,partial\r\n2026-11-01,import,3,1,1,1.0,\r\n",
        "\(csv.error)")
      let list = try await report("--list")
      #expect(
        list.output.contains("starts\n    The measures of the rollup starts: starts, people.\n"))
      #expect(list.output.contains("--where <name>  only this where; may be repeated"))
      // Without a reachable database, only the built-in reports are listed.
      let away = try await report("--list", url: "postgres://127.0.0.1:1/none")
      #expect(away.exitCode == 0 && away.errorLines.count == 1)
      #expect(away.output.hasPrefix("overview\n"))
    }
  }

  @Test(
    "refuses invalid arguments with one line and exit code 64, before it queries any database",
    arguments: [
      (["active-users", "--tz", "Amerika/New_York"], "did you mean America/New_York?"),
      (["active-user"], "there is no report \"active-user\": did you mean active-users?"),
      ([], "name a report: `analytics report --list` lists them"),
      (["tasks", "--servic", "x"], "the report tasks has no parameter \"servic\""),
      (["tasks", "--percentile"], "--percentile has no value"),
      (["tasks", "errors"], "more than one report is named: tasks and errors"),
      (["tasks", "--from", "2026-02-30"], "from must be a day"),
      (["tasks", "--from", "2026-02-03", "--to", "2026-02-03"], "the range is empty"),
      (["tasks", "--by", "hour", "--from", "1990-01-01"], "more than 20000 buckets"),
      (["overview", "--from", "2026-02-03"], "the report overview has no parameter \"from\""),
    ])
  func refused(arguments: [String], line: String) async throws {
    let outcome = try await CommandRun(["report"] + arguments).outcome()
    #expect(outcome.exitCode == 64)
    #expect(outcome.errorLines.count == 1 && outcome.error.hasPrefix("error: "))
    #expect(outcome.error.contains(line), "\(outcome.error)")
    #expect(outcome.output == "")
  }

  @Test("reports in one line that a database is not migrated, or down")
  func notMigrated() async throws {
    try await withUnmigratedDatabase { url in
      let outcome = try await analytics("report", "tasks", environment: ["DATABASE_URL": url])
      #expect(outcome.exitCode == 1)
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.error.contains("run `analytics migrate`"), "\(outcome.error)")
    }
    let away = try await analytics(
      "report", "tasks", environment: ["DATABASE_URL": "postgres://127.0.0.1:1/none"])
    #expect(away.exitCode == 1 && away.errorLines.count == 1, "\(away.error)")
  }

  @Test("reads the given schema")
  func schema() async throws {
    try await withUnmigratedDatabase { url in
      let environment = ["DATABASE_URL": url]
      let options = ["--schema", "Usage \"x\""]
      for arguments in [
        ["migrate"], ["track", "task_started", "task_id=\(someUUID)", "--user", "\(someUUID)"],
      ] {
        let outcome = try await CommandRun(arguments + options, environment: environment).outcome()
        #expect(outcome.exitCode == 0, "\(outcome.error)")
      }
      let outcome = try await CommandRun(
        ["report", "overview", "--format", "csv"] + options, environment: environment
      ).outcome()
      #expect(outcome.output.hasSuffix("\r\n1,1,1,1,0,0,,0,0,0\r\n"), "\(outcome.error)")
    }
  }

  @Test("a table distinguishes labels from values with the same text")
  func labels() async throws {
    try await ImportDatabase.with { database in
      func event(_ fields: String) -> String {
        #"{"timestamp":"2026-11-01T08:00:00Z","event":{"type":"chosen"\#(fields)}}"# + "\n"
      }
      _ = try await database.importing(
        "-",
        input: [#","plan":"(none)""#, #","plan":"(other)""#, "", #","plan":"""#].map(event)
          .joined())
      let outcome = try await CommandRun(
        [
          "report", "breakdown", "--event", "chosen", "--property", "plan", "--by", "total",
          "--from", "2026-11-01", "--to", "2026-11-03",
        ], environment: ["DATABASE_URL": database.url]
      ).outcome()
      let cells = outcome.output.split(separator: "\n").dropFirst(3).map { line in
        line.split(separator: " ", omittingEmptySubsequences: true).dropFirst(2).first ?? ""
      }
      #expect(Set(cells) == ["(none)", #"\(none)"#, #"\(other)"#, "(empty)"], "\(outcome.output)")
    }
  }
}
