import AnalyticsTestSupport
import AnalyticsReports
import AnalyticsTestKit
import Foundation
import Testing

@Suite("Active users", .timeLimit(.minutes(10)))
struct ActiveUserTests {
  @Test("by any granularity and in every zone, are those of a recomputation")
  func active() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let facts = try await fixture.storeFacts(2500, in: RecomputationTests.spring, &random)
      for zone in TimeZone.tested {
        for frame in try RecomputationTests.frames(.named(zone), using: &random) {
          let series = try await fixture.series(ActiveUsers(frame: frame))
          let comment: Comment = "by \(frame.granularity) in \(zone), seed \(random.seed)"
          check(series, frame, facts, comment)
          var plain = ActiveUsers(frame: frame)
          plain.hasDetails = false
          let short = try await fixture.series(plain)
          #expect(short.columns == Array(series.columns.prefix(3)))
          #expect(short.rows == series.rows.map { Array($0.prefix(3)) }, comment)
        }
      }
    }
  }

  private func check(
    _ series: Series, _ frame: TimeFrame, _ facts: [Fact], _ comment: Comment
  ) {
    let keys = LocalKeys(frame.zone)
    var first: [String: Int64] = [:]
    var daily: [Int: Set<String>] = [:]
    var pieces: [String: (users: Set<String>, new: Set<String>, events: Int)] = [:]
    for fact in facts.sorted(by: { $0.instant < $1.instant }) {
      guard let user = fact.user else { continue }
      daily[keys.dayNumber(fact.date), default: []].insert(user)
      let isFirst = first[user] == nil
      first[user] = first[user] ?? fact.instant
      guard (frame.range.lowerBound.micros..<frame.range.upperBound.micros).contains(fact.instant)
      else { continue }
      var piece = pieces[keys.key(fact.date, frame.granularity)] ?? ([], [], 0)
      piece.users.insert(user)
      if isFirst { piece.new.insert(user) }
      piece.events += 1
      pieces[keys.key(fact.date, frame.granularity)] = piece
    }
    #expect(series.rows.count == frame.buckets.count && series.notes == [], comment)
    let isDaily = frame.granularity == .day
    for row in series.rows {
      guard case .instant(let start) = row[0] else { continue }
      let piece = pieces[keys.key(start, frame.granularity)] ?? ([], [], 0)
      var expected: [Expectation.Expected] = [
        .exactly(piece.users.count), .exactly(piece.events),
      ]
      if isDaily {
        let day = keys.dayNumber(start)
        let sliding = [7, 30].map { length in
          (day - length + 1...day).reduce(into: Set()) { $0.formUnion(daily[$1] ?? []) }.count
        }
        expected += sliding.map(Expectation.Expected.exactly)
        expected.append(.ratio(piece.users.count, of: sliding[1]))
      }
      expected += [.exactly(piece.new.count), .exactly(piece.users.count - piece.new.count)]
      let found = Array(row.dropFirst())
      let isRight =
        found.count == expected.count && zip(found, expected).allSatisfy { $1.matches($0) }
      #expect(
        isRight, "\(comment): \(keys.key(start, .hour)): found \(found), expected \(expected)")
    }
  }

  @Test("now are those with an event in the last hours, whatever lies in the future")
  func now() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let facts = try await fixture.storeFacts(1200, in: RecomputationTests.spring, &random)
      let midnight = try Date("2025-04-03T00:00:00Z", strategy: .iso8601)
      var instants = [midnight, midnight.addingTimeInterval(9_000)]
      for _ in 0..<8 {
        instants.append(midnight.addingTimeInterval(Double(random.below(600_000_000)) / 1000))
      }
      for now in instants {
        var report = ActiveUsersNow(now: now)
        report.days = [1, 2, 7, 30, 60, 90]
        let series = try await fixture.series(report)
        for (days, row) in zip(report.days, series.rows) {
          let since = now.addingTimeInterval(-Double(days) * 86_400)
          let expected = facts.filter { (since.micros..<now.micros).contains($0.instant) }.users
          #expect(
            row == [.integer(days), .instant(since), .integer(expected.count)],
            "\(now), seed \(random.seed)")
        }
      }
    }
  }

  @Test("by hour of the week count each user once in an hour, events each time")
  func hourOfWeek() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let facts = try await fixture.storeFacts(2500, in: RecomputationTests.spring, &random)
      for zone in TimeZone.tested + ["Australia/Lord_Howe"] {
        let keys = LocalKeys(.named(zone))
        // Whole quarters; clocks change within.
        let lower = RecomputationTests.spring.lowerBound.addingTimeInterval(
          Double(random.below(900)) * 900)
        let frame = try TimeFrame(
          from: lower, to: lower.addingTimeInterval(Double(random.below(2500) + 1500) * 900),
          by: .total, in: .named(zone))
        let inRange = facts.filter { frame.range.contains($0.date) }
        let byHour = Dictionary(grouping: inRange) { keys.hourOfWeek($0.date) }
        var report = HourOfWeek(frame: frame)
        for measure in HourOfWeek.Measure.allCases {
          report.measure = measure
          let series = try await fixture.series(report)
          let found = series.rows.map { $0[2] }
          let expected = (0..<168).map { hour -> Series.Value in
            let facts = byHour[hour] ?? []
            return .integer(measure == .users ? facts.users.count : facts.count)
          }
          #expect(found == expected, "\(measure) in \(zone), seed \(random.seed)")
          #expect(series.notes == [])
        }
      }
    }
  }

  @Test("of a user on many days count in each window once, and as new once")
  func oneUserManyDays() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let user = random.uuid()
      let start = try Date("2024-01-01T20:00:00Z", strategy: .iso8601)
      try await fixture.store(
        (0..<400).map { .active(user, at: start.addingTimeInterval(Double($0) * 86_400)) },
        using: &random)
      let frame = try TimeFrame(
        from: start.addingTimeInterval(-72_000), to: start.addingTimeInterval(440 * 86_400),
        by: .day, in: .named("Asia/Kathmandu"))
      let series = try await fixture.series(ActiveUsers(frame: frame))
      let monthly = series.values("monthly_active_users")
      #expect(monthly.filter { $0 == .integer(1) }.count == 429)
      #expect(monthly.allSatisfy { $0 == .integer(1) || $0 == .integer(0) })
      #expect(series.values("weekly_active_users").filter { $0 == .integer(1) }.count == 406)
      #expect(series.values("new_users").filter { $0 == .integer(1) }.count == 1)
      #expect(series.values("returning_users").filter { $0 == .integer(1) }.count == 399)
    }
  }
}
