import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Notes of reports")
struct NoteTests {
  private let day = Date(timeIntervalSince1970: 1_740_787_200)

  private func frame(days: Double) throws -> TimeFrame {
    try TimeFrame(from: day, to: day.addingTimeInterval(days * 86_400))
  }

  @Test("say where figures are those of an older definition, and where they still come in")
  func standings() async throws {
    try await ReportFixture.with { fixture in
      #expect(try await fixture.series(Tasks(frame: frame(days: 3))).notes == [])
      try await fixture.connection.execute(
        """
        INSERT INTO analytics_rollups (name, version, definition, valid_from)
        VALUES ('tasks', 2, '', '2025-03-02Z');
        INSERT INTO analytics_rollup_pending VALUES ('errors', 1, '2025-03-03Z', '2025-03-04Z')
        """)
      let tasks = try await fixture.series(Tasks(frame: frame(days: 3)))
      #expect(
        tasks.notes == [
          "before 2025-03-02T00:00:00Z the figures are those of an older definition of the rollup "
            + "tasks"
        ])
      let errors = try await fixture.series(Errors(frame: frame(days: 3)))
      #expect(errors.notes.count == 1 && errors.notes[0].contains("the rollup errors"))
      // Neither lies in other ranges, nor in other rollups.
      #expect(try await fixture.series(Errors(frame: frame(days: 2))).notes == [])
      #expect(try await fixture.series(Cocoons(frame: frame(days: 3))).notes == [])
    }
  }

  @Test("say that rows without events are left out where there are too many")
  func tooMany() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let past = day.addingTimeInterval(-800 * 86_400)..<day.addingTimeInterval(-100 * 86_400)
      _ = try await fixture.storeFacts(300, in: past, &random)
      let frame = try TimeFrame(from: past.lowerBound, to: past.upperBound, by: .hour)
      let series = try await fixture.series(EventsByType(frame: frame))
      #expect(series.notes.count == 1 && series.rows.count <= 300)
      #expect(series.values("events").reduce(0) { $0 + $1.count } == 300)
    }
  }

  @Test("a reader of the database may ask for every report, and write nothing")
  func reader() async throws {
    try await ReportFixture.with { fixture in
      for report in ReportCatalogue.standard.reports {
        let series = try await ReportCatalogue.standard.report(
          report.name, .needed(by: report.name)
        ).series(from: fixture.database)
        #expect(series.name == report.name)
        #expect(series.columns.count > 1)
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
