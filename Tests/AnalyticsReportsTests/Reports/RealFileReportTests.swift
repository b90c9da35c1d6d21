import Analytics
import AnalyticsConnections
import AnalyticsInterchange
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsTestSupport
import Foundation
import Logging
import Testing

/// A file with real events. CONTRIBUTING.md describes where it is searched for.
private enum Sample {
  static let path: String = {
    if let given = ProcessInfo.processInfo.environment["ANALYTICS_SAMPLE"] { return given }
    return URL(fileURLWithPath: #filePath).appendingPathComponent(
      "../../../../../shared/data/events.ndjson.gz"
    ).standardizedFileURL.path
  }()
  static var exists: Bool { FileManager.default.fileExists(atPath: path) }

  /// Reads the file without code of this package.
  static func facts() throws -> [Fact] {
    let text = try ChildProcess.run("/usr/bin/env", ["gzip", "-dc", path]).output
    return try text.split(separator: UInt8(ascii: "\n")).map {
      try Fact(line: $0, service: "import")
    }
  }
}

@Suite("Reports on the real file", .timeLimit(.minutes(60)))
struct RealFileReportTests {
  @Test(
    "equal a recomputation from its lines, and PostgreSQL's figures of the raw events",
    .enabled(if: Sample.exists, "there is no sample file; ANALYTICS_SAMPLE names one"))
  func real() async throws {
    let facts = try Sample.facts()
    try await ReportFixture.with { fixture in
      let summary = try await ImportPipeline(
        into: AnalyticsDatabase(url: fixture.url), service: "import", privacy: .full,
        key: nil, logger: Logger(label: "analytics.tests")
      ).run([Sample.path], Importer.Options(isStrict: true, isAsStored: false))
      try #require(summary.stored == facts.count)
      for zone in TimeZone.tested {
        for frame in try frames(.named(zone)) {
          for (report, expectation) in Expectation.all(frame) {
            let series = try await report.series(from: fixture.database)
            expectation.check(
              series, frame, facts, "\(series.name) by \(frame.granularity) in \(zone)")
          }
        }
        try await compareActiveUsers(fixture, zone)
      }
      let overview = try await fixture.series(Overview())
      #expect(overview.values("total_users") == [.integer(facts.users.count)])
    }
  }

  private func frames(_ zone: TimeZone) throws -> [TimeFrame] {
    func frame(_ from: String, _ to: String, _ granularity: Granularity) throws -> TimeFrame {
      try ReportParameters([
        "from": [from], "to": [to], "tz": [zone.identifier], "by": [granularity.rawValue],
      ]).frame()
    }
    return [
      try frame("2015-05-01", "2015-06-01", .day), try frame("2007-01-01", "2024-01-01", .total),
      try frame("2017-05-15", "2017-05-18", .hour), try frame("2013-10-01", "2014-05-01", .week),
      try frame("2017-05-16T00:03:20.5Z", "2017-05-16T00:12:34Z", .total),
    ]
  }

  /// Compares with figures that PostgreSQL computes with its own time zones.
  private func compareActiveUsers(_ fixture: ReportFixture, _ zone: String) async throws {
    let frame = try ReportParameters([
      "from": ["2015-04-01"], "to": ["2015-07-01"], "tz": [zone],
    ]).frame()
    let series = try await fixture.series(ActiveUsers(frame: frame))
    let expected = try await fixture.connection.query(
      """
      WITH active AS (SELECT DISTINCT (timestamp AT TIME ZONE $1)::date AS day, user_id
                      FROM analytics_events WHERE user_id IS NOT NULL),
           first AS (SELECT user_id, min(day) AS day FROM active GROUP BY 1)
      SELECT (SELECT count(*) FROM active AS a WHERE a.day = d::date) AS daily,
             (SELECT count(*) FROM analytics_events AS e WHERE e.user_id IS NOT NULL
              AND (e.timestamp AT TIME ZONE $1)::date = d::date) AS events,
             (SELECT count(DISTINCT user_id) FROM active AS a
              WHERE a.day > d::date - 7 AND a.day <= d::date) AS weekly,
             (SELECT count(DISTINCT user_id) FROM active AS a
              WHERE a.day > d::date - 30 AND a.day <= d::date) AS monthly,
             (SELECT count(*) FROM first AS f WHERE f.day = d::date) AS new
      FROM generate_series('2015-04-01'::timestamp, '2015-06-30', '1 day') AS d ORDER BY d
      """, [.text(zone)])
    try #require(series.rows.count == expected.count)
    let columns = [
      "daily": "active_users", "events": "total_events", "weekly": "weekly_active_users",
      "monthly": "monthly_active_users", "new": "new_users",
    ]
    for (name, column) in columns {
      let values = try expected.map { Series.Value.integer(try $0.decode(Int.self, name)) }
      #expect(series.values(column) == values, "\(column) in \(zone)")
    }
  }
}
