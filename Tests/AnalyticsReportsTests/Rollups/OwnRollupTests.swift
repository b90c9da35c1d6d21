import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("The report of an application's own rollup", .timeLimit(.minutes(60)))
struct OwnRollupTests {
  /// A rollup with a dimension that has the name of a parameter, and with each kind of measure.
  static let calls = Rollup(
    "calls", of: ["api_request"],
    by: [
      Dimension("service", .service), Dimension("limit", .field("method")),
      Dimension("endpoint", .field("endpoint")),
    ],
    measures: [
      Measure("calls", .count),
      Measure("failed", .count, where: .between("status_code", 500, 599)),
      Measure("duration_ms_sum", .sum("duration_ms")),
      Measure("duration", .histogram("duration_ms")),
      Measure("slowest", .max("duration_ms")),
      Measure("users", .distinct(.userID)),
      Measure("endpoints", .distinct(.field("endpoint"))),
      Measure("an_endpoint", .sample("endpoint")),
    ])

  private static let columns = [
    "calls", "failed", "duration_ms_sum", "avg_duration_ms", "p50_duration", "p95_duration",
    "p99_duration", "slowest", "users", "endpoints", "an_endpoint",
  ]

  private static func values(_ facts: [Fact]) -> [Expectation.Expected] {
    let durations = facts.numbers("duration_ms")
    let failed = facts.numbers("status_code").count { (500...599).contains($0) }
    let endpoints = Set(facts.compactMap { $0.texts["endpoint"] })
    return [
      .exactly(facts.count), .exactly(failed), .exactly(durations.reduce(0, +)),
      .average(of: durations), .percentile(50, of: durations), .percentile(95, of: durations),
      .percentile(99, of: durations), durations.max().map { .exactly($0) } ?? .near(nil),
      .exactly(facts.users.count), .exactly(endpoints.count), .text(endpoints.min()),
    ]
  }

  private static func value(_ dimension: String, _ fact: Fact) -> String {
    switch dimension {
    case "service": fact.service
    case "limit": fact.texts["method"] ?? ""
    default: fact.texts[dimension] ?? ""
    }
  }

  @Test(
    "has all figures by any of its dimensions and in every time zone, equal to a recomputation")
  func figures() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with(rollups: [Self.calls]) { fixture in
      var facts = try await fixture.storeFacts(2000, in: RecomputationTests.spring, &random)
      try await fixture.connection.rollUp()
      // Some events are pending.
      facts += try await fixture.storeFacts(500, in: RecomputationTests.spring, &random)
      facts = facts.filter { $0.type == "api_request" }
      let catalogue = try await fixture.database.catalogue()
      for zone in TimeZone.tested {
        for frame in try RecomputationTests.frames(.named(zone), using: &random) {
          let groups = random.pick([[], ["limit"], ["endpoint", "service"]])
          let services = random.pick([[], ["web"], ["web", "api"]])
          let methods = random.pick([[], ["GET"]])
          let said = [
            "from": [frame.range.lowerBound.text], "to": [frame.range.upperBound.text],
            "by": [frame.granularity.rawValue], "tz": [zone], "group_by": groups,
            "service": services, "limit_is": methods,
          ]
          let report = try catalogue.report("calls", ReportParameters(said))
          let series = try await fixture.series(report)
          #expect(series.columns.dropFirst().map(\.name) == groups + Self.columns)
          Expectation(
            dimensions: groups.count,
            group: { fact in groups.map { Self.value($0, fact) } }, values: Self.values
          ).check(
            series, frame,
            facts.filter {
              (services.isEmpty || services.contains($0.service))
                && (methods.isEmpty || methods.contains($0.texts["method"] ?? ""))
            }, "by \(frame.granularity) and \(groups) in \(zone), seed \(random.seed)")
        }
      }
    }
  }

  @Test("has distinct values of windows that end with each day, and their stickiness")
  func windows() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with(rollups: [Self.calls]) { fixture in
      let facts = try await fixture.storeFacts(2500, in: RecomputationTests.spring, &random)
        .filter { $0.type == "api_request" }
      let start = RecomputationTests.spring.lowerBound.addingTimeInterval(9 * 86_400 + 4_321)
      for zone in TimeZone.tested {
        let keys = LocalKeys(.named(zone))
        let frame = try TimeFrame(
          from: start, to: start.addingTimeInterval(12 * 86_400), in: .named(zone))
        for groups in [[], ["limit"]] as [[String]] {
          var query = RollupQuery(RollupReport(of: Self.calls), frame: frame)
          query.groups = groups
          query.windows = [30, 7, 7]
          let series = try await fixture.series(query)
          let byGroup = Dictionary(grouping: facts) { fact in groups.map { Self.value($0, fact) } }
          var rows = 0
          for row in series.rows {
            guard case .instant(let day) = row[0] else { continue }
            let group = row.dropFirst().prefix(groups.count).map { value in
              if case .text(let text) = value { text } else { "?" }
            }
            let own = byGroup[group] ?? []
            let last = keys.dayNumber(day)
            func count(_ days: Int, _ values: ([Fact]) -> Int) -> Int {
              values(
                own.filter { (last - days + 1...last).contains(keys.dayNumber($0.date)) })
            }
            let bucket = own.filter {
              frame.range.contains($0.date) && keys.dayNumber($0.date) == last
            }
            func expected(_ values: ([Fact]) -> Int) -> [Series.Value] {
              let windows = [7, 30].map { count($0, values) }
              return ([values(bucket)] + windows).map(Series.Value.integer) + [
                .ratio(values(bucket), of: windows[1])
              ]
            }
            let users = expected { $0.users.count }
            let endpoints = expected { Set($0.compactMap { $0.texts["endpoint"] }).count }
            let found = row.dropFirst(1 + groups.count + 8).prefix(8)
            #expect(Array(found) == users + endpoints, "\(zone), \(day), seed \(random.seed)")
            rows += 1
          }
          #expect(rows == 13 * (groups.isEmpty ? 1 : 2))
          #expect(
            series.columns.map(\.name).contains { $0 == "endpoints_stickiness" }
              && series.columns.map(\.name).contains { $0 == "users_30_days" })
        }
      }
    }
  }

  @Test("supports rollups with only members, only histograms or only the largest number")
  func single() async throws {
    var random = SeededGenerator.printingSeed()
    let endpoint = [Dimension("endpoint", .field("endpoint"))]
    let rollups = [
      Rollup("visitors", of: [], measures: [Measure("visitors", .distinct(.userID))]),
      Rollup(
        "delays", of: ["api_request"], by: endpoint,
        measures: [Measure("delay", .histogram("duration_ms"))]),
      Rollup(
        "peaks", of: ["api_request"], by: endpoint,
        measures: [Measure("peak", .max("duration_ms"))]),
      Rollup(
        "callers", of: ["api_request"], by: endpoint,
        measures: [Measure("callers", .distinct(.userID))]),
      // Groups without failures have figures, too.
      Rollup(
        "failures", of: ["api_request"], by: endpoint,
        measures: [
          Measure("failures", .count, where: .between("status_code", 599, 599)),
          // The name of this column is one of the built-in names.
          Measure("is_pending", .histogram("duration_ms")),
        ]),
    ]
    try await ReportFixture.with(rollups: rollups) { fixture in
      let facts = try await fixture.storeFacts(600, in: RecomputationTests.spring, &random)
      let frame = try TimeFrame(
        from: RecomputationTests.spring.lowerBound, to: RecomputationTests.spring.upperBound,
        by: .week, in: .named("Asia/Kathmandu"))
      let byEndpoint: @Sendable (Fact) -> [String]? = {
        $0.type == "api_request" ? [$0.texts["endpoint"] ?? ""] : nil
      }
      let expectations = [
        Expectation(group: { _ in [] }, values: { [.exactly($0.users.count)] }),
        Expectation(
          dimensions: 1, group: byEndpoint,
          values: { facts in
            [50, 95, 99].map { .percentile($0, of: facts.numbers("duration_ms")) }
          }),
        Expectation(
          dimensions: 1, group: byEndpoint,
          values: { [$0.numbers("duration_ms").max().map { .exactly($0) } ?? .near(nil)] }),
        Expectation(
          dimensions: 1, group: { $0.user == nil ? nil : byEndpoint($0) },
          values: { [.exactly($0.users.count)] }),
        Expectation(
          dimensions: 1, group: byEndpoint,
          values: { facts in
            [.exactly(facts.numbers("status_code").count { $0 == 599 })]
              + [50, 95, 99].map { .percentile($0, of: facts.numbers("duration_ms")) }
          }),
      ]
      for (rollup, expectation) in zip(rollups, expectations) {
        var query = RollupQuery(RollupReport(of: rollup), frame: frame)
        query.groups = rollup.dimensions.map(\.name)
        expectation.check(
          try await fixture.series(query), frame, facts, "\(rollup.name), seed \(random.seed)")
        guard !rollup.dimensions.isEmpty else { continue }
        query.filters = ["endpoint": ["/e/1"]]
        expectation.check(
          try await fixture.series(query), frame, facts.filter { $0.texts["endpoint"] == "/e/1" },
          "\(rollup.name) of one endpoint, seed \(random.seed)")
        query.filters = ["endpoint": ["/e/10"]]
        let error = await #expect(throws: ReportError.self) { try await fixture.series(query) }
        #expect(
          error?.description.hasPrefix("there is no endpoint \"/e/10\": did you mean /e/") == true)
      }
    }
  }

  @Test("shows members over the week, members of the last days, and who comes back")
  func members() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with(rollups: [Self.calls]) { fixture in
      let facts = try await fixture.storeFacts(2500, in: RecomputationTests.spring, &random)
        .filter { $0.type == "api_request" && $0.user != nil }
      let range = RecomputationTests.spring
      let users = DistinctMeasure("users", of: "calls")
      for zone in TimeZone.tested {
        let keys = LocalKeys(.named(zone))
        let frame = try TimeFrame(
          from: range.lowerBound.addingTimeInterval(8 * 86_400 + 4_321),
          to: range.lowerBound.addingTimeInterval(17 * 86_400), by: .week, in: .named(zone))
        var week = HourOfWeek(frame: frame)
        week.distinctMeasure = users
        var hours = [Set<String>](repeating: [], count: 168)
        // Grouped by the quarter of an hour of the instant.
        let quarter = 900_000_000 as Int64
        for fact in facts {
          let start = fact.instant - fact.instant % quarter
          guard start + quarter > frame.range.lowerBound.micros,
            start < frame.range.upperBound.micros, let user = fact.user
          else { continue }
          let date = Date(timeIntervalSince1970: Double(start) / 1_000_000)
          hours[keys.hourOfWeek(date)].insert(user)
        }
        let counted = try await fixture.series(week)
        #expect(counted.values("users") == hours.map { .integer($0.count) }, "\(zone)")

        let cohorts = try await fixture.series(
          {
            var report = Cohorts(in: frame, periods: 3, now: .distantFuture)
            report.distinctMeasure = users
            return report
          }())
        let periods = stride(
          from: frame.buckets[0].start.addingTimeInterval(3 * 3600),
          to: range.upperBound.addingTimeInterval(60 * 86_400), by: 86_400.0
        ).map { keys.key($0, .week) }.reduce(into: [String]()) { keys, key in
          if keys.last != key { keys.append(key) }
        }
        let seen = Dictionary(grouping: facts) { $0.user ?? "" }.mapValues { own in
          own.sorted { $0.instant < $1.instant }.map { keys.key($0.date, .week) }
        }
        for (index, row) in cohorts.rows.enumerated() {
          let members = seen.filter { $0.value.first == periods[index] }.values
          let back = (1...3).map { later in
            Series.Value.ratio(
              members.count { $0.contains(periods[index + later]) }, of: members.count)
          }
          #expect(
            Array(row.dropFirst().dropLast()) == [.integer(members.count)] + back,
            "\(zone), cohort \(index), seed \(random.seed)")
        }
        #expect(cohorts.rows.count == frame.buckets.count)
        #expect(cohorts.columns[1] == .init("users", .users))
      }
      let now = range.upperBound.addingTimeInterval(-86_400)
      var report = ActiveUsersNow(now: now)
      report.distinctMeasure = DistinctMeasure("endpoints", of: "calls")
      let lately = try await fixture.series(report)
      #expect(lately.columns.last == .init("endpoints", .distinct))
      #expect(lately.rows.last?.last == .integer(3), "seed \(random.seed)")
    }
  }
}

extension Date {
  /// The instant in RFC 3339, to the microsecond.
  fileprivate var text: String {
    let seconds = Date(timeIntervalSince1970: Double(micros.floored(to: 1_000_000)) / 1_000_000)
    let fraction = String(1_000_000 + micros - micros.floored(to: 1_000_000)).dropFirst()
    return seconds.formatted(.iso8601).dropLast() + ".\(fraction)Z"
  }
}
