import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Warnings of reports")
struct WarningTests {
  private let day = Date(timeIntervalSince1970: 1_740_787_200)

  private func frame(days: Double) throws -> TimeFrame {
    try TimeFrame(from: day, to: day.addingTimeInterval(days * 86_400))
  }

  @Test("tell where figures are those of an older definition, and where they are still computed")
  func olderDefinitions() async throws {
    try await ReportFixture.with { fixture in
      #expect(try await fixture.series(RollupQuery(.tasks, frame: frame(days: 3))).warnings == [])
      try await fixture.connection.execute(
        """
        INSERT INTO analytics_rollups (name, version, definition, valid_from)
        SELECT name, 3, definition, '2025-03-02Z' FROM analytics_rollups WHERE name = 'tasks';
        INSERT INTO analytics_rollup_pending VALUES ('errors', 3, '2025-03-03Z', '2025-03-04Z')
        """)
      let tasks = try await fixture.series(RollupQuery(.tasks, frame: frame(days: 3)))
      #expect(
        tasks.warnings == [
          "before 2025-03-02T00:00:00Z the figures are those of an older definition of the rollup "
            + "tasks"
        ])
      let errors = try await fixture.series(RollupQuery(.errors, frame: frame(days: 3)))
      #expect(errors.warnings.count == 1 && errors.warnings[0].contains("the rollup errors"))
      // Other ranges and other rollups are not affected.
      #expect(try await fixture.series(RollupQuery(.errors, frame: frame(days: 2))).warnings == [])
      #expect(try await fixture.series(RollupQuery(.cocoons, frame: frame(days: 3))).warnings == [])
    }
  }

  @Test("tell where an older definition lacks a requested dimension, also for all time")
  func dimensions() async throws {
    try await ReportFixture.with { fixture in
      var random = SeededGenerator.printingSeed()
      try await fixture.store([.active(random.uuid(), at: day)], using: &random)
      try await fixture.connection.execute(
        """
        INSERT INTO analytics_rollups (name, version, definition, valid_from)
        SELECT name, 1, jsonb_set(definition::jsonb, '{dimensions}', '[]')::text, '-infinity'
        FROM analytics_rollups WHERE name = 'tasks';
        UPDATE analytics_rollups SET valid_from = '2025-03-02Z' WHERE name = 'tasks' AND version = 2
        """)
      let unknown =
        "before 2025-03-02T00:00:00Z there are no figures by service: an older definition of the "
        + "rollup tasks did not have these dimensions"
      let older = { (day: Int) in
        "before 2025-03-0\(day)T00:00:00Z the figures are those of an older definition of the rollup "
          + "tasks"
      }
      var tasks = RollupQuery(.tasks, frame: try frame(days: 3))
      #expect(try await fixture.series(tasks).warnings == [older(2)])
      tasks.origin.services = [ReportFixture.service]
      #expect(try await fixture.series(tasks).warnings == [unknown])
      var overview = Overview(now: day.addingTimeInterval(90 * 86_400))
      #expect(try await fixture.series(overview).warnings == [])
      overview.origin.services = [ReportFixture.service]
      #expect(try await fixture.series(overview).warnings == [unknown])

      // A third definition has the same dimensions as the second.
      try await fixture.connection.execute(
        """
        INSERT INTO analytics_rollups (name, version, definition, valid_from)
        SELECT name, 3, definition, '2025-03-04Z' FROM analytics_rollups
        WHERE name = 'tasks' AND version = 2
        """)
      tasks.frame = try TimeFrame(
        from: day.addingTimeInterval(2 * 86_400), to: day.addingTimeInterval(5 * 86_400))
      #expect(try await fixture.series(tasks).warnings == [older(4)])
      tasks.frame = try frame(days: 5)
      #expect(try await fixture.series(tasks).warnings == [unknown, older(4)])
    }
  }

  @Test("tell until when all events are included, and what to do about the rest")
  func completeUntil() async throws {
    try await ReportFixture.with { fixture in
      let before = Date()
      let complete = try await fixture.series(RollupQuery(.errors, frame: frame(days: 9)))
      #expect(complete.completeUntil == day.addingTimeInterval(9 * 86_400))
      let open = try TimeFrame(from: before, to: before.addingTimeInterval(86_400))
      let read = try #require(
        try await fixture.series(RollupQuery(.errors, frame: open)).completeUntil)
      // The server uses the clock of this machine.
      #expect(read >= before.addingTimeInterval(-1) && read <= Date().addingTimeInterval(1))
      #expect(complete.warnings == [])
      try await fixture.connection.execute(
        """
        INSERT INTO analytics_rollup_pending VALUES
          ('errors', 3, '2025-03-07Z', '2025-03-08Z'), ('errors', 3, '2025-03-04Z', '2025-03-05Z'),
          ('errors', 3, '2025-03-05Z', '2025-03-06Z'), ('activity', 2, '2020-01-01Z', '2020-01-02Z')
        """)
      let third = day.addingTimeInterval(3 * 86_400)
      let errors = try await fixture.series(RollupQuery(.errors, frame: frame(days: 9)))
      #expect(errors.completeUntil == third)
      #expect(
        errors.warnings == [
          "events from 2025-03-04T00:00:00Z on are not in the rollup errors yet: "
            + "run `analytics rollups refresh`"
        ])
      // The ranges between the two missing stretches, and before them.
      for (start, days) in [(5.0, 1.0), (0, 3)] {
        let from = day.addingTimeInterval(start * 86_400)
        let between = try TimeFrame(from: from, to: from.addingTimeInterval(days * 86_400))
        let series = try await fixture.series(RollupQuery(.errors, frame: between))
        #expect(series.completeUntil == between.range.upperBound && series.warnings == [])
      }
      #expect(try await fixture.series(RollupQuery(.cocoons, frame: frame(days: 9))).warnings == [])
      // New-user figures depend on all earlier events; active-user figures do not.
      var users = ActiveUsers(frame: try frame(days: 9))
      #expect(
        try await fixture.series(users).completeUntil
          == Date("2020-01-01T00:00:00Z", strategy: .iso8601))
      users.hasDetails = false
      #expect(try await fixture.series(users).warnings == [])
      #expect(
        try await fixture.series(ActiveUsersNow(now: Date(timeIntervalSince1970: 1_577_900_000)))
          .warnings.count == 1)
      #expect(try await fixture.series(Overview()).warnings.count == 1)
    }
  }

  @Test("tell that rows without events are left out if there are too many rows")
  func tooMany() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let past = day.addingTimeInterval(-800 * 86_400)..<day.addingTimeInterval(-100 * 86_400)
      _ = try await fixture.storeFacts(300, in: past, &random)
      let frame = try TimeFrame(from: past.lowerBound, to: past.upperBound, by: .hour)
      let series = try await fixture.series(RollupQuery(.eventsByType, frame: frame))
      #expect(series.warnings.count == 1 && series.rows.count <= 300)
      #expect(series.values("events").reduce(0) { $0 + $1.count } == 300)
    }
  }

  @Test("a reader of the database may query every report, and write nothing")
  func reader() async throws {
    try await ReportFixture.with { fixture in
      for report in ReportCatalogue.standard.reports {
        let series = try await ReportCatalogue.standard.report(
          report.name, .needed(by: report.name)
        ).series(from: fixture.database)
        #expect(series.name == report.name)
        #expect(series.columns.count > 1)
        #expect(series.completeUntil != nil)
        #expect(series.rows.allSatisfy { $0.count == series.columns.count })
      }
      let error = await #expect(throws: ReportError.self) {
        try await fixture.database.read { connection in
          try await connection.execute("DELETE FROM analytics_users")
        }
      }
      #expect(error?.code == .failed)
    }
  }
}

extension Series.Value {
  fileprivate var count: Int { if case .integer(let count) = self { count } else { 0 } }
}
