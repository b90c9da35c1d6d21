import Analytics
import AnalyticsStore
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("The doctor", .timeLimit(.minutes(60)))
struct DoctorTests {
  @Test("reports a migrated database as healthy, as text and as JSON")
  func well() async throws {
    try await ImportDatabase.with { database in
      _ = try await database.importing("-", input: goodLine(1, at: Date()))
      let environment = ["DATABASE_URL": database.url]
      let text = try await analytics(
        "doctor", "--directory", "/nowhere/spool", environment: environment)
      #expect(text.exitCode == 0, "\(text.output)\(text.error)")
      #expect(text.output.contains("ok    migrations: all applied\n"))
      #expect(text.output.contains("ok    rights: insert, select, make partitions\n"))
      #expect(text.output.contains("ok    spool: nothing waits\n"))
      let json = try await analytics(
        "doctor", "--json", "--directory", "/nowhere/spool", environment: environment)
      #expect(json.output.contains(#""name":"migrations","verdict":"ok"}"#))
    }
  }

  @Test("reports rollups of an older definition with what to do, and with exit code 2")
  func olderRollups() async throws {
    try await ImportDatabase.with { database in
      try await database.execute(
        "UPDATE analytics_rollups SET version = 1 WHERE name IN ('errors', 'tasks')")
      let outcome = try await analytics(
        "doctor", "--directory", "/nowhere/spool", environment: ["DATABASE_URL": database.url])
      #expect(outcome.exitCode == 2)
      #expect(
        outcome.output.contains(
          "fail  rollups: the database lacks the newest definition of errors, tasks → run `analytics migrate`\n"
        ))
    }
  }

  @Test("reports a database that is not migrated with what to do, and with exit code 2")
  func notMigrated() async throws {
    try await withUnmigratedDatabase { url in
      let outcome = try await analytics(
        "doctor", "--directory", "/nowhere/spool", environment: ["DATABASE_URL": url])
      #expect(outcome.exitCode == 2)
      #expect(outcome.output.contains("→ run `analytics migrate`\n"))
    }
  }

  @Test("reports an unreachable server without the password, with exit code 2")
  func unreachable() async throws {
    let outcome = try await analytics(
      "doctor", "--directory", "/nowhere/spool",
      environment: ["DATABASE_URL": "postgres://u:s3cret@127.0.0.1:1/x?connect_timeout=2"])
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.hasPrefix("fail  connection: "))
    #expect(!(outcome.output + outcome.error).contains("s3cret"))
  }

  @Test("reports an invalid URL along with the other findings, with exit code 2")
  func malformed() async throws {
    let outcome = try await analytics(
      "doctor", "--directory", "/nowhere/spool", environment: ["DATABASE_URL": "postgres://["])
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.hasPrefix("fail  connection: the database URL is malformed"))
    #expect(outcome.output.contains("ok    spool: nothing waits\n"))
  }

  private let server = DatabaseServerFacts(
    version: 150_004, versionText: "15.4", usesTLS: true, isLocal: false,
    isStandby: false, isReadOnly: false, hasTable: true, elsewhere: [], secondsSinceUnixEpoch: 1000)

  private func verdicts(_ findings: [Finding]) -> [String: Finding.Verdict] {
    Dictionary(uniqueKeysWithValues: findings.map { ($0.name, $0.verdict) })
  }

  @Test("reports an old or read-only server, an unencrypted connection and an incorrect clock")
  func servers() {
    #expect(Diagnosis.server(server, clockSeconds: 1001).exitCode == 0)
    var bad = server
    (bad.version, bad.usesTLS, bad.isStandby) = (140_000, false, true)
    #expect(
      verdicts(Diagnosis.server(bad, clockSeconds: 900)) == [
        "server": .fail, "connection": .warn, "writing": .fail, "clock": .warn,
      ])
  }

  @Test("reports the missing rights, and the age of the newest event")
  func tables() {
    var facts = TableFacts(
      mayInsert: true, maySelect: true, mayMakePartitions: true, partitions: 3, hasToday: true,
      newestAge: 65)
    let well = Diagnosis.table(facts)
    #expect(well.exitCode == 0)
    #expect(well.contains { $0.found == "the newest event is 1:05 old" })
    (facts.mayInsert, facts.newestAge) = (false, -3600)
    let bad = Diagnosis.table(facts)
    #expect(bad.contains { $0.found == "missing: INSERT on analytics_events" })
    #expect(verdicts(bad)["lag"] == .warn)
    #expect(bad.exitCode == 2)
  }

  @Test("warns of events of ended processes, and of a disk that is nearly full")
  func spools() throws {
    let since = try #require(EventTimestamp(rfc3339: "2026-11-01T00:00:00Z"))
    var report = SpoolReport()
    #expect(Diagnosis.spool(report, freeBytes: 8 << 30).exitCode == 0)
    report.producers = [
      .init(
        id: "p", isAlive: false,
        pending: [.init(destination: "d", service: "s", events: 5, bytes: 9, since: since)])
    ]
    #expect(
      verdicts(Diagnosis.spool(report, freeBytes: 1 << 20)) == ["spool": .warn, "disk": .warn])
    // Events of a running service wait for a second.
    report.producers[0].isAlive = true
    let first = Date(
      timeIntervalSince1970: Double(since.microsecondsSinceUnixEpoch) / 1_000_000)
    for (age, verdict) in [(299.0, Finding.Verdict.ok), (300, .warn)] {
      let findings = Diagnosis.spool(report, freeBytes: nil, now: first.addingTimeInterval(age))
      #expect(verdicts(findings) == ["spool": verdict])
    }
    report.producers[0].unreadable = [.init(path: "x", reason: "y")]
    #expect(Diagnosis.spool(report, freeBytes: nil).exitCode == 2)
  }
}
