import AnalyticsReports
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Reports of the current state", .timeLimit(.minutes(60)))
struct SnapshotTests {
  @Test("the overview equals a recomputation")
  func overview() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let all = try await fixture.storeFacts(1500, in: RecomputationTests.spring, &random)
      for (zone, origin) in TimeZone.tested.flatMap({ zone in Origin.tested.map { (zone, $0) } }) {
        let facts = origin.facts(of: all)
        let now = RecomputationTests.spring.upperBound.addingTimeInterval(
          -Double(random.below(900_000)))
        var report = Overview(now: now)
        report.zone = .named(zone)
        report.origin = origin
        let row = try await fixture.series(report).rows[0]
        let keys = LocalKeys(report.zone)
        let past = facts.filter { $0.instant < now.micros }
        let today = past.filter { keys.dayNumber($0.date) == keys.dayNumber(now) }
        func last(_ days: Double) -> [Fact] {
          past.filter { $0.instant >= now.addingTimeInterval(-days * 86_400).micros }
        }
        func distinct(_ id: String, _ types: [String], _ facts: [Fact]) -> Expectation.Expected {
          .exactly(Set(facts.filter { types.contains($0.type) }.compactMap { $0.texts[id] }).count)
        }
        let completed = facts.number("task_completed")
        let ended = completed + facts.number("task_failed")
        let expected: [Expectation.Expected] = [
          .exactly(facts.users.count), .exactly(today.users.count), .exactly(last(7).users.count),
          .exactly(last(30).users.count), facts.count("task_created"),
          today.count("task_created"),
          .ratio(completed, of: ended),
          distinct("cocoon_id", ["cocoon_registered", "cocoon_connected"], facts),
          distinct("cocoon_id", ["cocoon_connected"], last(1)),
          distinct("integration_id", ["integration_connected"], facts),
        ]
        let isRight = zip(row, expected).allSatisfy { $1.matches($0) }
        #expect(isRight, "\(zone), \(now), \(origin): \(row), \(expected), seed \(random.seed)")
      }
    }
  }

  @Test("production changes count the events of production in 30, 60 and 90 days")
  func productionChanges() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let facts = try await fixture.storeFacts(1500, in: RecomputationTests.spring, &random)
      for environments in [["production"], ["production", "staging"]] {
        let now = RecomputationTests.spring.upperBound.addingTimeInterval(
          -Double(random.below(900_000)) - 0.5)
        var report = ProductionChanges(now: now)
        report.environments = environments
        let series = try await fixture.series(report)
        for (days, row) in zip([30, 60, 90], series.rows) {
          let since = now.addingTimeInterval(-Double(days) * 86_400)
          let changes = facts.filter { fact in
            (since.micros..<now.micros).contains(fact.instant)
              && environments.contains(fact.environment ?? "")
          }
          #expect(
            row == [.integer(days), .instant(since), .integer(changes.count)],
            "seed \(random.seed)")
        }
      }
    }
  }

  @Test("the tasks overview and the slowest endpoints cover the whole range")
  func wholeRange() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let range = RecomputationTests.spring
      let facts = try await fixture.storeFacts(2500, in: range, &random)
      let frame = try TimeFrame(
        from: range.lowerBound.addingTimeInterval(Double(random.below(900_000))),
        to: range.upperBound.addingTimeInterval(-Double(random.below(900_000))))
      let inRange = facts.filter { frame.range.contains($0.date) }
      let overview = try await fixture.series(TasksOverview(frame: frame)).rows[0]
      let completed = inRange.filter { $0.type == "task_completed" }
      let expected: [Expectation.Expected] = [
        inRange.count("task_created"), .exactly(completed.count), inRange.count("task_failed"),
        inRange.count("task_cancelled"),
        .ratio(completed.count, of: completed.count + inRange.number("task_failed")),
        .average(of: completed.numbers("duration_ms")),
      ]
      #expect(
        zip(overview, expected).allSatisfy { $1.matches($0) },
        "\(overview), \(expected), seed \(random.seed)")

      var slowest = SlowestEndpoints(frame: frame)
      slowest.limit = 5
      let series = try await fixture.series(slowest)
      let requests = inRange.filter { $0.type == "api_request" }
      let byEndpoint = Dictionary(grouping: requests) { fact in
        [fact.service, fact.texts["endpoint"] ?? "", fact.texts["method"] ?? ""]
      }
      #expect(series.rows.count == min(5, byEndpoint.count))
      var slowness: [Double] = []
      for row in series.rows {
        let key = row.prefix(3).map { if case .text(let text) = $0 { text } else { "" } }
        let facts = byEndpoint[key] ?? []
        let values = Expectation.latency(by: []).values(facts)
        #expect(values[0].matches(row[3]) && values[1].matches(row[4]))
        #expect(
          Expectation.Expected.percentile(99, of: facts.numbers("duration_ms")).matches(row[7]))
        if case .number(let number) = row[7] { slowness.append(number) }
      }
      #expect(slowness == slowness.sorted(by: >), "seed \(random.seed)")
      // No endpoint that is left out is slower.
      let exact = byEndpoint.values.map { facts in
        let durations = facts.numbers("duration_ms").sorted()
        return Double(durations[Int((0.99 * Double(durations.count)).rounded(.up)) - 1])
      }.sorted(by: >)
      #expect(abs(exact[0] - (slowness.first ?? 0)) <= exact[0] * 0.0202, "seed \(random.seed)")
    }
  }

  @Test("the slowest endpoints have each requested percentile once, sorted by the first")
  func percentilesOfSlowest() async throws {
    try await ReportFixture.with { fixture in
      // By the median /a is slower, by all other percentiles /b.
      try await fixture.store(
        "api_request",
        (1...100).flatMap { number in
          [
            #"{"endpoint":"/a","method":"GET","duration_ms":500}"#,
            #"{"endpoint":"/b","method":"GET","duration_ms":\#(number > 60 ? 900 : 1)}"#,
          ]
        })
      for (asked, columns, first) in [
        (["50", "90", "99.9"], ["p95", "p99", "p50", "p90", "p99_9"], "/a"),
        (["90", "50"], ["p95", "p99", "p90", "p50"], "/b"),
        (["99.9", "99.90"], ["p50", "p95", "p99", "p99_9"], "/b"),
        (["99"], ["p50", "p95", "p99"], "/b"), ([], ["p50", "p95", "p99"], "/b"),
      ] {
        let series = try await fixture.report("slowest-endpoints", ["percentile": asked])
        let found = series.columns.map(\.name).filter { $0.hasPrefix("p") }
        #expect(found == columns.map { "\($0)_duration_ms" }, "\(asked)")
        #expect(series.values("endpoint").first == .text(first), "\(asked)")
      }
    }
  }
}
