import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Raw events that somebody has taken out", .timeLimit(.minutes(30)))
struct TakenOutTests {
  /// The partition of the day so many days ago.
  private func partition(_ database: ImportDatabase, daysAgo: Int) async throws -> String {
    try #require(
      try await database.text(
        """
        SELECT partition::text FROM analytics_partitions()
        WHERE now() - interval '\(daysAgo) days' >= lower_bound
          AND now() - interval '\(daysAgo) days' < upper_bound
        """))
  }

  @Test(
    "a partition that was detached: import refuses its events, and what doctor says brings it back")
  func detached() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      let lines = ImportDatabase.lines(days: 3)
      _ = try await database.importing("-", input: lines)
      let name = try await partition(database, daysAgo: 1)
      try await database.execute("ALTER TABLE analytics_events DETACH PARTITION \(name)")
      let doctor = try await database.doctor()
      #expect(doctor.exitCode == 1)
      #expect(doctor.line("raw events")?.contains("\(name) is detached → ") == true)
      let again = try await database.importing("-", input: lines)
      #expect(again.summary == Summary(lines: 9, stored: 0, duplicates: 6, bad: 3))
      #expect(again.outcome.exitCode == 1)
      #expect(again.outcome.complaints.first?.contains("were taken out by hand") == true)
      try await database.follow("raw events")
      #expect(try await database.doctor().exitCode == 0)
      let last = try await database.importing("-", input: lines)
      #expect(last.summary == Summary(lines: 9, stored: 0, duplicates: 9))
      #expect(try await database.counted == 9)
    }
  }

  @Test("a partition that was dropped: its day is imported again once its figures are given up")
  func dropped() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      let lines = ImportDatabase.lines(days: 3)
      _ = try await database.importing("-", input: lines)
      try await database.execute("DROP TABLE \(try await partition(database, daysAgo: 1))")
      // A few that came since do not hide it.
      let late = goodLine(99, at: Date(timeIntervalSinceNow: -86_400))
      let line = try #require(try await database.doctor().line("raw events"))
      #expect(line.contains("on 1 days from "))
      #expect(try await database.importing("-", input: late).summary.bad == 1)
      try await database.execute(
        """
        SELECT analytics_ensure_partitions(ARRAY[now() - interval '1 day']);
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        VALUES (gen_random_uuid(), now() - interval '1 day', 'task_started', 'late', '{}')
        """)
      #expect(try await database.doctor().line("raw events") == line)
      #expect(try await database.importing("-", input: lines).summary.bad == 3)

      let command = try #require(line.split(separator: "`").last.map(String.init))
      let words = command.split(separator: " ").dropFirst().map(String.init)
      let recomputed = try await CommandRun(words, environment: ["DATABASE_URL": database.url])
        .outcome()
      #expect(recomputed.output == "1 days computed\n", "\(recomputed.error)")
      #expect(try await database.counted == 7)
      #expect(try await database.doctor().exitCode == 0)
      #expect(
        try await database.importing("-", input: lines).summary
          == Summary(lines: 9, stored: 3, duplicates: 6))
      #expect(try await database.counted == 10)
      #expect(try await database.run("rollups", "verify").exitCode == 0)
    }
  }

  @Test("a day that was emptied, whatever keeps the events; a writer's import refuses it, too")
  func emptied() async throws {
    try await ImportDatabase.with { database in
      let lines = ImportDatabase.lines(days: 3)
      _ = try await database.importing("-", input: lines)
      try await database.execute(
        """
        DELETE FROM analytics_events
        WHERE timestamp >= date_trunc('day', now() - interval '1 day', 'UTC')
          AND timestamp < date_trunc('day', now(), 'UTC')
        """)
      #expect(try await database.doctor().line("raw events")?.hasPrefix("warn ") == true)
      #expect(try await database.run("migrate", "roles").exitCode == 0)
      let writer = ImportDatabase(
        url: database.url(adding: "options=-c%20role%3Danalytics_writer"),
        connection: database.connection)
      let refused = try await writer.importing("-", input: lines)
      #expect(refused.summary == Summary(lines: 9, stored: 0, duplicates: 6, bad: 3))
      let strict = try await writer.importing("--strict", "-", input: lines)
      #expect(strict.summary.ending == "bad_line")
      #expect(try await database.counted == 9)
    }
  }

  @Test(
    "events in a DEFAULT partition: what docs/OPERATING.md says moves them, and no report counts them again"
  )
  func byDefault() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      try await database.execute("CREATE TABLE theirs PARTITION OF analytics_events DEFAULT")
      #expect(
        try await database.doctor().line("partitions")?.hasPrefix(
          "warn  partitions: theirs is a DEFAULT partition: empty") == true)
      try await database.execute(
        """
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        SELECT gen_random_uuid(), now() - n * interval '1 day', 'task_started', 'app', '{}'
        FROM generate_series(1, 4) AS n
        """)
      #expect(try await database.run("maintain").exitCode == 0)
      #expect(
        try await database.doctor().line("partitions")?.hasPrefix(
          "fail  partitions: theirs is a DEFAULT partition and has events: ") == true)
      let document = try String(
        contentsOf: URL(filePath: #filePath).appending(path: "../../../../docs/OPERATING.md")
          .standardized, encoding: .utf8)
      let statements = try #require(
        document.split(separator: "**A DEFAULT partition.**").last?
          .split(separator: "```sql\n").dropFirst().first?.split(separator: "```").first)
      try await database.execute(String(statements))
      #expect(try await database.doctor().exitCode == 0)
      #expect(try await database.counted == 4)
      #expect(try await database.eventCount == 4)
      #expect(try await database.run("rollups", "verify").exitCode == 0)
    }
  }

  @Test("what retention has dropped is not taken out, and cannot be computed anew")
  func retention() async throws {
    try await ImportDatabase.with { database in
      let old = goodLine(1).replacing("2026-11-01", with: "2015-05-17")
      _ = try await database.importing("-", input: old)
      #expect(try await database.run("maintain").exitCode == 0)
      #expect(try await database.doctor().line("raw events")?.hasPrefix("ok ") == true)
      let refused = try await database.run(
        "rollups", "recompute", "--from", "2015-05-17", "--to", "2015-05-18")
      #expect(refused.exitCode == 1)
      #expect(refused.error.contains("retention has dropped raw events of these days"))
      #expect(try await database.counted == 1)
    }
  }

  @Test("days are computed anew while events come, and stay as the events say")
  func recomputed() async throws {
    try await ImportDatabase.with { database in
      try await database.store(days: 3)
      try await database.execute("UPDATE analytics_rollup_events_daily_v1 SET events = events + 7")
      #expect(try await database.run("rollups", "verify").exitCode == 1)
      let (from, to) = (
        Date(timeIntervalSinceNow: -2 * 86_400).utcDay, Date(timeIntervalSinceNow: 86_400).utcDay
      )
      async let others: Void = database.storeDemo(days: 1)
      let outcome = try await database.run("rollups", "recompute", "--from", from, "--to", to)
      try await others
      #expect(outcome.output == "3 days computed\n", "\(outcome.error)")
      #expect(try await database.run("rollups", "verify").exitCode == 0)
      let backwards = try await database.run("rollups", "recompute", "--from", to, "--to", from)
      #expect(backwards.error.contains("--from is not before --to"))
    }
  }
}
