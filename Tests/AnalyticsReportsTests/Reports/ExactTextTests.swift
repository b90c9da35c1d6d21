import Analytics
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsTestSupport
import Foundation
import Testing

/// PostgreSQL's own grouping is the oracle. Rows are compared by their bytes.
@Suite("Texts that differ only in their bytes", .timeLimit(.minutes(60)))
struct ExactTextTests {
  /// `café` in two forms, and all texts that join with or are equivalent to others.
  private static let texts =
    ["caf\u{E9}", "cafe\u{301}"] + JoinedTexts.equivalents.map { "x\($0)" }
    + JoinedTexts.texts(bytesMax: 90)

  private static let day = Date(timeIntervalSince1970: 1_780_272_000)

  /// The n-th text occurs one to five times, with as many users.
  private static func events() -> [EnrichedEvent] {
    (0..<5).flatMap { number in
      JoinedTexts.events(
        texts.enumerated().filter { $0.offset % 5 >= number }.map(\.element),
        from: day.addingTimeInterval(Double(number * 10_000)))
    }
  }

  @Test("are distinct in every report, as in the database")
  func groups() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      try await fixture.store(Self.events(), using: &random)
      let frame = try TimeFrame(
        from: Self.day, to: Self.day.addingTimeInterval(86_400), by: .total)
      var latency = RollupQuery(.apiLatency, frame: frame)
      latency.groups = ["service", "endpoint", "method"]
      let reports: [(any Report, column: String, count: String, sql: String)] = [
        (
          RollupQuery(.errors, frame: frame), "service", "error_count",
          Self.sql("service", "application_error")
        ),
        (
          RollupQuery(.errors, frame: frame), "sample_error_message", "affected_users",
          "SELECT min(data->>'error_message' COLLATE \"C\"), count(DISTINCT user_id) "
            + "FROM analytics_events WHERE event_type = 'application_error' GROUP BY service"
        ),
        (
          latency, "endpoint", "request_count",
          Self.sql("data->>'endpoint'", "api_request")
        ),
        (
          RollupQuery(.databaseQueries, frame: frame), "query_type", "queries",
          Self.sql("data->>'query_type'", "database_query")
        ),
        (
          RollupQuery(.integrations, frame: frame), "provider", "uses",
          Self.sql("data->>'provider'", "integration_used")
        ),
        (
          RollupQuery(.eventsByType, frame: frame), "event_type", "events",
          "SELECT event_type, count(*) FROM analytics_events GROUP BY 1"
        ),
        (
          Environments(frame: frame), "environment", "updates",
          "SELECT environment, count(*) FROM analytics_events GROUP BY 1"
        ),
      ]
      for (report, column, count, sql) in reports {
        let series = try await fixture.series(report)
        let found = try Self.pairs(series, column, count)
        let expected = try await fixture.connection.query(sql).map { row in
          Pair(
            text: try row.decode(String.self, at: 0).bytes,
            count: try row.decode(Int.self, at: 1))
        }
        #expect(found.sorted() == expected.sorted(), "\(series.name) \(column)")
        #expect(Set(found.map(\.text)).count >= Self.texts.count, "\(series.name)")
      }
    }
  }

  private static func sql(_ expression: String, _ type: String) -> String {
    "SELECT \(expression), count(*) FROM analytics_events WHERE event_type = '\(type)' GROUP BY 1"
  }

  private struct Pair: Hashable, Comparable {
    var text: [UInt8]
    var count: Int

    static func < (left: Pair, right: Pair) -> Bool {
      left.text.lexicographicallyPrecedes(right.text)
    }
  }

  private static func pairs(
    _ series: Series, _ column: String, _ count: String
  ) throws -> [Pair] {
    let names = series.columns.map(\.name)
    let (key, value) = (
      try #require(names.firstIndex(of: column)), try #require(names.firstIndex(of: count))
    )
    return series.rows.map { row in
      guard case .text(let text) = row[key], case .integer(let number) = row[value] else {
        return Pair(text: [], count: -1)
      }
      return Pair(text: text.bytes, count: number)
    }
  }

  @Test("are selected one by one, also directly after an equivalent text")
  func filters() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      try await fixture.store(Self.events(), using: &random)
      let frame = try TimeFrame(
        from: Self.day, to: Self.day.addingTimeInterval(86_400), by: .day)
      for _ in 0..<2 {
        for (index, text) in Self.texts.prefix(12).enumerated() {
          var report = RollupQuery(.errors, frame: frame)
          report.origin.services = [text]
          let series = try await fixture.series(report)
          #expect(series.rows.count == 1, "\(text.debugDescription)")
          #expect(series.rows.first?.contains(.integer(index % 5 + 1)) == true)
        }
      }
    }
  }
}
