import Analytics
import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Reports of a dimension with more values than are kept")
struct OtherValueTests {
  private let day = Date(timeIntervalSince1970: 1_740_787_200)

  /// Stores requests and errors of a day, with 1,300 endpoints and types of errors.
  private func withEvents(
    _ body: (ReportFixture, _ endpoints: [(second: Int, name: String)], _ seed: UInt64) async throws
      -> Void
  ) async throws {
    let seed = SeededGenerator.seed()
    var random = SeededGenerator(seed: seed)
    var endpoints: [(second: Int, name: String)] = []
    var events: [EnrichedEvent] = []
    let users = (0..<3).map { _ in random.uuid() }
    for _ in 0..<4000 {
      let number = Int.random(in: 0..<1300, using: &random)
      let second = Int.random(in: 0..<86_400, using: &random)
      let instant = EventTimestamp(
        microsecondsSinceUnixEpoch: day.micros + Int64(second) * 1_000_000)
      endpoints.append((second, "/\(number)"))
      events.append(
        EnrichedEvent(
          timestamp: instant,
          event: .apiRequest(
            service: "web", endpoint: "/\(number)", method: "GET", statusCode: 200, durationMS: 7)))
      events.append(
        EnrichedEvent(
          timestamp: instant,
          event: .applicationError(
            service: "web", errorType: "/\(number)", errorMessage: "no",
            userID: users[number % 3])))
    }
    try await ReportFixture.with { fixture in
      try await fixture.store(events, using: &random)
      // Rolling up decides which values are kept.
      try await fixture.connection.rollUp()
      try await body(fixture, endpoints, seed)
    }
  }

  @Test("combine the other values, also if a range begins within a quarter of an hour")
  func raw() async throws {
    try await withEvents { fixture, endpoints, seed in
      for (lower, upper) in [(0, 86_400), (457, 40_003), (70_000, 80_100)] {
        let frame = try TimeFrame(
          from: day.addingTimeInterval(Double(lower)), to: day.addingTimeInterval(Double(upper)),
          by: .total)
        let admitted = Set(
          try await fixture.connection.query(
            "SELECT DISTINCT endpoint FROM analytics_rollup_api_requests_daily"
          ).map { try $0.decode(String.self, at: 0) })
        #expect(admitted.count == 1001 && admitted.contains("(other)"), "seed \(seed)")
        var expected: [String: Int] = [:]
        for endpoint in endpoints where endpoint.second >= lower && endpoint.second < upper {
          expected[admitted.contains(endpoint.name) ? endpoint.name : "(other)", default: 0] += 1
        }
        var report = RollupQuery(.apiLatency, frame: frame)
        report.groups = ["service", "endpoint", "method"]
        let series = try await fixture.series(report)
        #expect(counts(series, "endpoint", "request_count") == expected, "\(lower), seed \(seed)")
        #expect(
          series.warnings == [
            "some days have more than 1000 values of endpoint for a service, or more than 1000 of service: the others count as (other)"
          ])
        // The types of errors have the same names and counts. A group of many errors has all three users.
        let errors = try await fixture.series(RollupQuery(.errors, frame: frame))
        #expect(counts(errors, "error_type", "error_count") == expected, "\(lower), seed \(seed)")
        #expect(
          counts(errors, "error_type", "affected_users")["(other)"] == 3, "\(lower), seed \(seed)")

        report.groups = []
        report.filters["endpoint"] = ["(other)"]
        let others = try await fixture.series(report)
        #expect(others.values("request_count") == [.integer(expected["(other)"] ?? 0)])
      }
    }
  }

  @Test("do not refuse a value that may be one of the other values")
  func unknown() async throws {
    try await withEvents { fixture, endpoints, _ in
      let frame = try TimeFrame(from: day, to: day.addingTimeInterval(86_400), by: .total)
      var report = RollupQuery(.apiLatency, frame: frame)
      report.filters["endpoint"] = ["/1301"]
      let series = try await fixture.series(report)
      #expect(series.values("request_count") == [.integer(0)])
      #expect(
        series.warnings == [
          "there are no figures of the endpoint \"/1301\" alone in this range: some days have more than 1000 "
            + "values of endpoint for a service, or more than 1000 of service, and the others count as (other)"
        ])
      // On days without other values the value has no events and no warning. A value with figures of its own needs no
      // warning.
      let next = day.addingTimeInterval(86_400)
      report.frame = try TimeFrame(from: next, to: next.addingTimeInterval(86_400), by: .total)
      #expect(try await fixture.series(report).warnings == [])
      let known: String = try await fixture.connection.query(
        "SELECT min(endpoint) FROM analytics_rollup_api_requests_daily WHERE endpoint > '/'" as SQL
      ).value()
      report.frame = frame
      report.filters["endpoint"] = [known]
      #expect(try await fixture.series(report).warnings == [])
      // Unknown values of the service are still refused.
      report.origin.services = ["wep"]
      await #expect(throws: ReportError.self) { try await fixture.series(report) }
    }
  }

  private func counts(_ series: Series, _ name: String, _ count: String) -> [String: Int] {
    var counts: [String: Int] = [:]
    for (name, count) in zip(series.values(name), series.values(count)) {
      if case .text(let name) = name, case .integer(let count) = count { counts[name] = count }
    }
    return counts
  }
}
