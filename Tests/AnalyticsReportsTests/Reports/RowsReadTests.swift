import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Rows that are read", .timeLimit(.minutes(60)))
struct RowsReadTests {
  /// More than a year, of which the tests query a few days.
  private static let year = RecomputationTests.spring.lowerBound.addingTimeInterval(-400 * 86_400)
  private static let days = 500

  private func withYear(_ body: (ReportFixture, [String: Int]) async throws -> Void) async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let range = Self.year..<Self.year.addingTimeInterval(Double(Self.days) * 86_400)
      // So many events that three days have some of each type.
      _ = try await fixture.storeFacts(80 * Self.days, in: range, &random)
      try await fixture.connection.rollUp()
      // Dead versions of a row are read with it, and remain while another session may see them.
      for _ in 0..<20 {
        try await fixture.connection.execute("VACUUM ANALYZE")
        let hasFormer = try await fixture.connection.query(
          """
          SELECT sum(n_dead_tup) > 0 FROM pg_stat_user_tables
          WHERE relname LIKE 'analytics\\_rollup\\_%\\_v_'
          """
        ).value(Bool.self)
        guard hasFormer else { break }
      }
      let rows = try await fixture.connection.query(
        """
        SELECT relname::text, reltuples::bigint FROM pg_class
        WHERE relname LIKE 'analytics\\_rollup\\_%\\_v_' AND relkind = 'r'
        """)
      var sizes: [String: Int] = [:]
      for row in rows {
        sizes[try row.decode(String.self, at: 0)] = try row.decode(Int.self, at: 1)
      }
      #expect(sizes.count > 10)
      try await body(fixture, sizes)
    }
  }

  /// Checks that the number of rows read fits this number of days, with half as many again for uneven days.
  private func expectFew(
    _ read: [String: Int], of days: Int, _ sizes: [String: Int], _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let rollups = read.filter { sizes[$0.key] != nil }
    #expect(!rollups.isEmpty, comment, sourceLocation: sourceLocation)
    for (table, count) in rollups {
      let allowed = (sizes[table] ?? 0) * days * 3 / 2 / Self.days + 10
      #expect(
        count <= allowed, "\(comment): \(count) rows of \(table), which has \(sizes[table] ?? 0)",
        sourceLocation: sourceLocation)
    }
  }

  @Test("reports of a few days read the rows of those days, in any time zone")
  func reports() async throws {
    try await withYear { fixture, sizes in
      let start = Self.year.addingTimeInterval(300 * 86_400)
      for zone in ["UTC", "Asia/Kathmandu"] {
        let frame = try TimeFrame(
          from: start, to: start.addingTimeInterval(3 * 86_400), by: .day, in: .named(zone))
        var plain = ActiveUsers(frame: frame)
        plain.hasDetails = false
        let reports: [any Report] = [
          RollupQuery(.eventsByType, frame: frame), RollupQuery(.tasks, frame: frame),
          RollupQuery(.apiLatency, frame: frame),
          RollupQuery(.integrations, frame: frame), RollupQuery(.authentication, frame: frame),
          RollupQuery(.cocoons, frame: frame),
          RollupQuery(.errors, frame: frame), RollupQuery(.databaseQueries, frame: frame),
          RollupQuery(.webhooks, frame: frame),
          Environments(frame: frame), SlowestEndpoints(frame: frame), HourOfWeek(frame: frame),
          plain,
        ]
        for report in reports {
          var name = ""
          let read = try await fixture.rowsRead { database in
            name = try await report.series(from: database).name
          }
          // The days of the range, read once for the figures and once for warnings and similar parts.
          expectFew(read, of: 10, sizes, "\(name) in \(zone)")
        }
        let users = try await fixture.rowsRead { database in
          _ = try await ActiveUsers(frame: frame).series(from: database)
        }
        // The 29 days before are read, too, and a local day spans two days of UTC.
        expectFew(users, of: zone == "UTC" ? 45 : 75, sizes, "active-users in \(zone)")
      }
    }
  }

  /// The views of which three days are queried, and how many days of rows each may read.
  private static let views: [(view: String, time: String, days: Int)] = [
    ("analytics_task_stats_daily", "day", 3), ("analytics_integration_health_daily", "day", 3),
    ("analytics_auth_events_daily", "day", 3), ("analytics_cocoon_activity_daily", "day", 3),
    ("analytics_api_latency_hourly", "hour", 3), ("analytics_errors_hourly", "hour", 3),
    // For each day, the 30 days that end with it.
    ("analytics_daily_active_users", "day", 3 * 38),
    ("analytics_rollup_events", "quarter", 3), ("analytics_rollup_events_daily", "day", 3),
    ("analytics_rollup_activity_users", "day", 3),
  ]

  @Test("views with upstream's names and the rollups read the rows of the queried days only")
  func views() async throws {
    try await withYear { fixture, sizes in
      let start = Self.year.addingTimeInterval(300 * 86_400)
      for (view, time, days) in Self.views {
        let read = try await fixture.rowsRead { database in
          try await database.read { connection in
            let rows = try await connection.query(
              "SELECT * FROM \(view) WHERE \(time) >= $1 AND \(time) < $2",
              [.timestamptz(start), .timestamptz(start.addingTimeInterval(3 * 86_400))])
            #expect(!rows.isEmpty)
          }
        }
        expectFew(read, of: days, sizes, "\(view)")
      }
    }
  }
}
