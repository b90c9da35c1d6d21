import AnalyticsPostgres
import AnalyticsTestSupport
import AnalyticsText
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Raw events that were removed by hand", .timeLimit(.minutes(60)))
struct RemovedByHandTests {
  /// The day before that of the newest lines. Three of the nine lines are of this day.
  private let day = ImportDatabase.noon.addingTimeInterval(-86_400)
  private var timestamp: String { "'\(day.ISO8601Format())'::timestamptz" }

  /// The partition of this day.
  private func partition(_ database: ImportDatabase) async throws -> String {
    try #require(
      try await database.text(
        """
        SELECT partition::text FROM analytics_partitions()
        WHERE \(timestamp) >= lower_bound AND \(timestamp) < upper_bound
        """))
  }

  @Test(
    "a detached partition: import refuses its events, and the doctor's advice restores it")
  func detached() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      let lines = ImportDatabase.lines(days: 3)
      _ = try await database.importing("-", input: lines)
      let name = try await partition(database)
      try await database.execute(
        """
        ALTER TABLE analytics_events DETACH PARTITION \(name);
        CREATE TABLE analytics_events_2025_13 (LIKE analytics_events)
        """)
      let doctor = try await database.doctor()
      #expect(doctor.exitCode == 1)
      #expect(doctor.line("raw events")?.contains(": \(day.utcDay); importing them again ") == true)
      let again = try await database.importing("-", input: lines)
      #expect(again.summary == Summary(lines: 9, stored: 0, duplicates: 6, bad: 3))
      #expect(again.outcome.exitCode == 1)
      #expect(again.outcome.complaints.first?.contains("were removed by hand") == true)
      // Meanwhile the user is erased, and a late event of the day comes, for which a new partition is made.
      #expect(try await database.run("erase-user", someUUID).exitCode == 0)
      try await database.execute(
        """
        SELECT analytics_ensure_partitions(ARRAY[\(timestamp)]);
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        VALUES (gen_random_uuid(), \(timestamp), 'task_started', 'late', '{}')
        """)
      try await database.follow("raw events")
      let healed = try await database.doctor()
      #expect(healed.exitCode == 0, "\(healed.output)")
      #expect(try await database.eventCount == 10)
      #expect(
        try await database.number(
          "SELECT count(*) FROM analytics_events WHERE user_id IS NOT NULL OR data::text LIKE '%\(someUUID)%'"
        ) == 0)
      let last = try await database.importing("-", input: lines)
      #expect(last.summary.bad == 0 && last.summary.stored == 0)
      #expect(try await database.counted == 10)
      #expect(try await database.run("rollups", "verify").exitCode == 0)
    }
  }

  @Test("a dropped partition: its day can be imported again after its figures are deleted")
  func dropped() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      let lines = ImportDatabase.lines(days: 3)
      _ = try await database.importing("-", input: lines)
      try await database.execute("DROP TABLE \(try await partition(database))")
      let line = try #require(try await database.doctor().line("raw events"))
      #expect(line.contains("while rollups count them: \(day.utcDay);"))
      let late = goodLine(99, at: day)
      #expect(try await database.importing("-", input: late).summary.bad == 1)
      // A newer event on the day does not hide the finding.
      try await database.execute(
        """
        SELECT analytics_ensure_partitions(ARRAY[\(timestamp)]);
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        VALUES (gen_random_uuid(), \(timestamp), 'task_started', 'late', '{}')
        """)
      #expect(try await database.doctor().line("raw events") == line)
      #expect(try await database.importing("-", input: lines).summary.bad == 3)

      let command = try #require(line.split(separator: "`").dropFirst().first)
      let words = command.split(separator: " ").dropFirst().map(String.init)
      let recomputed = try await CommandRun(words, environment: ["DATABASE_URL": database.url])
        .outcome()
      #expect(recomputed.output == "1 day computed\n", "\(recomputed.error)")
      #expect(try await database.counted == 7)
      #expect(try await database.doctor().exitCode == 0)
      #expect(
        try await database.importing("-", input: lines).summary
          == Summary(lines: 9, stored: 3, duplicates: 6))
      #expect(try await database.counted == 10)
      #expect(try await database.run("rollups", "verify").exitCode == 0)
    }
  }

  @Test("an emptied day, on any engine; an import by the writer refuses its events, too")
  func emptied() async throws {
    try await ImportDatabase.with { database in
      let lines = ImportDatabase.lines(days: 3)
      _ = try await database.importing("-", input: lines)
      try await database.execute(
        """
        DELETE FROM analytics_events
        WHERE timestamp >= \(timestamp) - interval '12 hours'
          AND timestamp < \(timestamp) + interval '12 hours'
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

  @Test("days beyond the retention count as dropped by retention, and their figures stay")
  func accepted() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      let oldest = day.addingTimeInterval(-10 * 86_400)
      let lines = ImportDatabase.lines(days: 3) + goodLine(50, at: oldest)
      _ = try await database.importing("-", input: lines)
      try await database.execute(
        "DROP TABLE analytics_events_\(oldest.utcDay.replacing("-", with: "_"))")
      #expect(try await database.run("maintain").exitCode == 0)
      #expect(try await database.doctor().line("raw events")?.contains(oldest.utcDay) == true)
      let kept = try await database.run("maintain", "--keep-days", "6")
      let from = oldest.addingTimeInterval(86_400).utcDay
      #expect(
        kept.output.contains("dropped: 0; raw events kept from \(from)"),
        "\(kept.output)\(kept.error)")
      #expect(try await database.doctor().line("raw events")?.hasPrefix("ok ") == true)
      #expect(try await database.importing("-", input: lines).summary.rejected == 1)
      #expect(try await database.counted == 10)
    }
  }

  @Test(
    "events in a DEFAULT partition: the doctor's advice moves them, and no report counts them twice"
  )
  func byDefault() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      try await database.execute(
        #"CREATE TABLE "their""s" PARTITION OF analytics_events DEFAULT"#)
      #expect(
        try await database.doctor().line("partitions")?.hasPrefix(
          #"warn  partitions: their"s is a DEFAULT partition: empty"#) == true)
      try await database.execute(
        """
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        SELECT gen_random_uuid(), now() - n * interval '1 day', 'task_started', 'app', '{}'
        FROM generate_series(1, 4) AS n
        """)
      #expect(try await database.run("maintain").exitCode == 0)
      #expect(
        try await database.doctor().line("partitions")?.hasPrefix(
          #"fail  partitions: their"s is a DEFAULT partition and has events: "#) == true)
      try await database.follow("partitions")
      #expect(try await database.doctor().exitCode == 0)
      #expect(try await database.counted == 4)
      #expect(try await database.eventCount == 4)
      #expect(try await database.run("rollups", "verify").exitCode == 0)
    }
  }

  @Test("days that retention has dropped do not count as removed, and cannot be computed again")
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

  @Test("days are computed again while events are stored, and still match the events")
  func recomputed() async throws {
    try await ImportDatabase.with { database in
      try await database.store(days: 3)
      try await database.execute("UPDATE analytics_rollup_events_daily_v1 SET events = events + 7")
      #expect(try await database.run("rollups", "verify").exitCode == 1)
      let (from, to) = (
        day.addingTimeInterval(-86_400).utcDay, day.addingTimeInterval(2 * 86_400).utcDay
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
