import Analytics
import AnalyticsReports
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Ranges of reports", .timeLimit(.minutes(60)))
struct RangeTests {
  @Test("that are split at any instant add up to the whole range, with and without raw events")
  func split() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let range = RecomputationTests.spring
      _ = try await fixture.storeFacts(1500, in: range, &random)
      for isRawGone in [false, true] {
        if isRawGone { try await fixture.dropRawEvents(before: range.upperBound) }
        for _ in 0..<8 {
          let zone = TimeZone.named(random.pick(TimeZone.tested))
          var cuts = (0..<3).map { _ in
            Date(
              timeIntervalSince1970: Double(
                Int64.random(in: range.lowerBound.micros..<range.upperBound.micros, using: &random)
              ) / 1_000_000)
          }.sorted()
          if random.chance(0.3) { cuts[1] = cuts[0].addingTimeInterval(60) }
          guard cuts[0] < cuts[1], cuts[1] < cuts[2] else { continue }
          for index in 0..<Self.reports(try TimeFrame(from: cuts[0], to: cuts[2])).count {
            func sums(_ from: Date, _ to: Date) async throws -> [String: Int] {
              let frame = try TimeFrame(from: from, to: to, by: .total, in: zone)
              let series = try await Self.reports(frame)[index].series(from: fixture.database)
              #expect(series.warnings.isEmpty != isRawGone)
              return series.counts
            }
            let parts = [try await sums(cuts[0], cuts[1]), try await sums(cuts[1], cuts[2])]
            let whole = try await sums(cuts[0], cuts[2])
            #expect(
              parts[0].merging(parts[1], uniquingKeysWith: +) == whole,
              "\(cuts), raw gone: \(isRawGone), seed \(random.seed)")
          }
        }
      }
    }
  }

  private static func reports(_ frame: TimeFrame) -> [any Report] {
    [
      RollupQuery(.eventsByType, frame: frame), RollupQuery(.tasks, frame: frame),
      RollupQuery(.webhooks, frame: frame),
      Environments(frame: frame),
    ]
  }

  @Test("of whole quarters of an hour are as exact without raw events as with them")
  func retention() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let range = RecomputationTests.spring
      let facts = try await fixture.storeFacts(1500, in: range, &random)
      try await fixture.dropRawEvents(before: range.upperBound)
      let zone = TimeZone.named("Asia/Kathmandu")
      let frame = try TimeFrame(
        from: range.lowerBound.addingTimeInterval(4500), to: range.upperBound, by: .day, in: zone)
      for (report, expectation) in Expectation.all(frame) {
        let series = try await report.series(from: fixture.database)
        expectation.check(series, frame, facts, "\(series.name), seed \(random.seed)")
        #expect(series.warnings == [])
      }
      // In local mean time, days begin within a quarter of an hour.
      let old = try TimeFrame(
        from: frame.range.lowerBound.addingTimeInterval(60), to: range.upperBound, by: .total)
      let series = try await fixture.series(ActiveUsers(frame: old))
      #expect(
        series.warnings.count == 1 && series.warnings[0].hasPrefix("raw events are gone before"))
    }
  }

  @Test("in local mean time are exact because raw events are used")
  func localMeanTime() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      // New York was 4:56:02 behind UTC until noon of 18 November 1883.
      let range =
        try Date(
          "1883-11-10T00:00:00Z", strategy: .iso8601)..<Date(
          "1883-11-25T00:00:00Z", strategy: .iso8601)
      let facts = try await fixture.storeFacts(1200, in: range, &random)
      let zone = TimeZone.named("America/New_York")
      #expect(zone.secondsFromGMT(for: range.lowerBound) == -17_762)
      for granularity in [Granularity.day, .hour, .week] {
        let frame = try TimeFrame(
          from: range.lowerBound, to: range.upperBound, by: granularity, in: zone)
        for (report, expectation) in Expectation.all(frame) {
          let series = try await report.series(from: fixture.database)
          expectation.check(
            series, frame, facts, "\(series.name) by \(granularity), seed \(random.seed)")
        }
      }
    }
  }

  @Test("without events have a row of zeros for each bucket; one event changes one row")
  func nothingAndOne() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let start = try Date("2025-03-01T00:00:00Z", strategy: .iso8601)
      let frame = try TimeFrame(from: start, to: start.addingTimeInterval(5 * 86_400))
      for report in [
        RollupQuery(.tasks, frame: frame), ActiveUsers(frame: frame),
        RollupQuery(.cocoons, frame: frame),
      ]
        as [any Report]
      {
        let series = try await report.series(from: fixture.database)
        #expect(series.rows.count == 5)
        let figures = series.rows.flatMap { $0.dropFirst() }
        #expect(figures.allSatisfy { [.integer(0), .number(0), .null].contains($0) })
      }
      #expect(try await fixture.series(RollupQuery(.errors, frame: frame)).rows.isEmpty)
      #expect(try await fixture.series(SlowestEndpoints(frame: frame)).rows.isEmpty)
      #expect(try await fixture.series(HourOfWeek(frame: frame)).rows.count == 168)
      let overview = try await fixture.series(Overview(now: start))
      #expect(overview.values("task_success_rate") == [.null])
      #expect(overview.rows[0].allSatisfy { [.integer(0), .null].contains($0) })

      // A duration of 0 is a duration, too.
      let task = random.uuid()
      try await fixture.store(
        [
          .init(
            timestamp: .init(microsecondsSinceUnixEpoch: start.addingTimeInterval(86_400).micros),
            event: .taskCompleted(taskID: task, userID: task, durationMS: 0, exitCode: 0))
        ], using: &random)
      let tasks = try await fixture.series(RollupQuery(.tasks, frame: frame))
      let completed = tasks.values("completed")
      #expect(completed == [0, 1, 0, 0, 0].map(Series.Value.integer))
      #expect(tasks.values("avg_duration_ms") == [.null, .number(0), .null, .null, .null])
      #expect(tasks.values("p95_duration_ms") == [.null, .number(0), .null, .null, .null])
      #expect(tasks.values("success_rate") == [.null, .number(1), .null, .null, .null])
      let users = try await fixture.series(ActiveUsers(frame: frame))
      #expect(users.values("new_users") == [0, 1, 0, 0, 0].map(Series.Value.integer))
      #expect(users.values("weekly_active_users") == [0, 1, 1, 1, 1].map(Series.Value.integer))
    }
  }
}

extension Series {
  /// The row's counts by column, and the values of its dimensions.
  var counts: [String: Int] {
    var counts: [String: Int] = [:]
    for row in rows {
      let group = row.compactMap { if case .text(let text) = $0 { text } else { nil } }
      for (column, value) in zip(columns, row) {
        guard case .integer(let count) = value, count > 0 else { continue }
        counts[(group + [column.name]).joined(separator: " ")] = count
      }
    }
    return counts
  }
}
