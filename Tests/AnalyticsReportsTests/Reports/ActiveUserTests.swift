import Analytics
import AnalyticsReports
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Active users", .timeLimit(.minutes(60)))
struct ActiveUserTests {
  @Test("equal a recomputation by any granularity and in every time zone")
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
    var buckets: [String: (users: Set<String>, new: Set<String>, events: Int)] = [:]
    for fact in facts.sorted(by: { $0.instant < $1.instant }) {
      guard let user = fact.user else { continue }
      daily[keys.dayNumber(fact.date), default: []].insert(user)
      let isFirst = first[user] == nil
      first[user] = first[user] ?? fact.instant
      guard (frame.range.lowerBound.micros..<frame.range.upperBound.micros).contains(fact.instant)
      else { continue }
      var bucket = buckets[keys.key(fact.date, frame.granularity)] ?? ([], [], 0)
      bucket.users.insert(user)
      if isFirst { bucket.new.insert(user) }
      bucket.events += 1
      buckets[keys.key(fact.date, frame.granularity)] = bucket
    }
    #expect(series.rows.count == frame.buckets.count && series.warnings == [], comment)
    let isDaily = frame.granularity == .day
    for row in series.rows {
      guard case .instant(let start) = row[0] else { continue }
      let bucket = buckets[keys.key(start, frame.granularity)] ?? ([], [], 0)
      var expected: [Expectation.Expected] = [
        .exactly(bucket.users.count), .exactly(bucket.events),
      ]
      if isDaily {
        let day = keys.dayNumber(start)
        let sliding = [7, 30].map { length in
          (day - length + 1...day).reduce(into: Set()) { $0.formUnion(daily[$1] ?? []) }.count
        }
        expected += sliding.map(Expectation.Expected.exactly)
        expected.append(.ratio(bucket.users.count, of: sliding[1]))
      }
      expected += [.exactly(bucket.new.count), .exactly(bucket.users.count - bucket.new.count)]
      let found = Array(row.dropFirst())
      let isRight =
        found.count == expected.count && zip(found, expected).allSatisfy { $1.matches($0) }
      #expect(
        isRight, "\(comment): \(keys.key(start, .hour)): found \(found), expected \(expected)")
    }
  }

  @Test("now are those with an event in the last hours; events in the future do not count")
  func now() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let all = try await fixture.storeFacts(1200, in: RecomputationTests.spring, &random)
      let midnight = try Date("2025-04-03T00:00:00Z", strategy: .iso8601)
      var instants = [midnight, midnight.addingTimeInterval(9_000)]
      for _ in 0..<8 {
        instants.append(midnight.addingTimeInterval(Double(random.below(600_000_000)) / 1000))
      }
      for now in instants {
        var report = ActiveUsersNow(now: now)
        report.days = [1, 2, 7, 30, 60, 90]
        report.origin = random.pick(Origin.tested)
        let facts = report.origin.facts(of: all)
        let series = try await fixture.series(report)
        for (days, row) in zip(report.days, series.rows) {
          let since = now.addingTimeInterval(-Double(days) * 86_400)
          let expected = facts.filter { (since.micros..<now.micros).contains($0.instant) }.users
          #expect(
            row == [.integer(days), .instant(since), .integer(expected.count)],
            "\(now), \(report.origin), seed \(random.seed)")
        }
      }
    }
  }

  @Test(
    "now are exact to the microsecond at the windows' ends, or to a quarter without raw events")
  func edges() async throws {
    var random = SeededGenerator.printingSeed()
    let day = try Date("2025-04-03T00:00:00Z", strategy: .iso8601)
    // At midnight, at a quarter of an hour, within the first quarter of a day, and within the last.
    for offset in [0, 900, 0.000_001, 41_234.567_891, 86_399.999_999] {
      try await ReportFixture.with { fixture in
        let now = day.addingTimeInterval(offset)
        var report = ActiveUsersNow(now: now)
        report.days = [1, 2, 7, 30]
        let edges = [0] + report.days
        let steps = [-900_000_000, -1, 0, 1, 899_999_999, 900_000_000, 43_200_000_000]
        var events: [EnrichedEvent] = []
        for edge in edges {
          for step in steps {
            let instant = now.micros - Int64(edge) * 86_400_000_000 + Int64(step)
            // Some users have events only there, some also at another edge or in the future.
            for other in [nil, edges.randomElement(using: &random), -3] {
              let user = random.uuid()
              events.append(.active(user, at: instant))
              guard let other else { continue }
              let step = Int64(random.pick(steps))
              events.append(.active(user, at: now.micros - Int64(other) * 86_400_000_000 + step))
            }
          }
        }
        try await fixture.store(events, using: &random)
        let facts = try events.map { try Fact($0, service: ReportFixture.service) }
        func expectExact(since start: (Int64) -> Int64, until end: Int64) async throws {
          let series = try await fixture.series(report)
          for (days, row) in zip(report.days, series.rows) {
            let since = start(now.micros - Int64(days) * 86_400_000_000)
            let expected = facts.filter { (since..<end).contains($0.instant) }.users
            #expect(
              row[2] == .integer(expected.count), "\(days) days, \(offset), seed \(random.seed)")
          }
        }
        try await expectExact(since: \.self, until: now.micros)
        // Without raw events a window begins and ends with the quarter of an hour that contains its bound.
        try await fixture.dropRawEvents(before: day.addingTimeInterval(10 * 86_400))
        let floor = { (instant: Int64) in instant - instant % 900_000_000 }
        try await expectExact(since: floor, until: floor(now.micros))
        let overview = try await fixture.series(Overview(now: now))
        #expect(
          overview.values("active_users_today") == [
            .integer(
              facts.filter { (day.micros..<floor(now.micros)).contains($0.instant) }.users.count)
          ])
      }
    }
  }

  @Test("of the current day equal a recomputation, even if now is within a quarter of an hour")
  func untilNow() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let facts = try await fixture.storeFacts(1500, in: RecomputationTests.spring, &random)
      for zone in TimeZone.tested {
        for _ in 0..<4 {
          let seconds = RecomputationTests.spring.upperBound.timeIntervalSince(
            RecomputationTests.spring.lowerBound)
          let now = RecomputationTests.spring.lowerBound.addingTimeInterval(
            (Double(random.below(1000)) / 1000 * seconds * 1000).rounded() / 1000)
          var calendar = Calendar(identifier: .gregorian)
          calendar.timeZone = .named(zone)
          let today = calendar.startOfDay(for: now)
          var overview = Overview(now: now)
          overview.zone = .named(zone)
          let expected = facts.filter { (today.micros..<now.micros).contains($0.instant) }.users
          #expect(
            try await fixture.series(overview).values("active_users_today")
              == [.integer(expected.count)], "\(now) in \(zone), seed \(random.seed)")
        }
      }
    }
  }

  @Test("by hour of the week count each user once in an hour, and each event")
  func hourOfWeek() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let all = try await fixture.storeFacts(2500, in: RecomputationTests.spring, &random)
      for zone in TimeZone.tested + ["Australia/Lord_Howe"] {
        let keys = LocalKeys(.named(zone))
        // The range has whole quarters of an hour, and clocks change within it.
        let lower = RecomputationTests.spring.lowerBound.addingTimeInterval(
          Double(random.below(900)) * 900)
        let frame = try TimeFrame(
          from: lower, to: lower.addingTimeInterval(Double(random.below(2500) + 1500) * 900),
          by: .total, in: .named(zone))
        var report = HourOfWeek(frame: frame)
        report.origin = random.pick(Origin.tested)
        let inRange = report.origin.facts(of: all).filter { frame.range.contains($0.date) }
        let byHour = Dictionary(grouping: inRange) { keys.hourOfWeek($0.date) }
        for measure in HourOfWeek.Measure.allCases {
          report.measure = measure
          let series = try await fixture.series(report)
          let found = series.rows.map { $0[2] }
          let expected = (0..<168).map { hour -> Series.Value in
            let facts = byHour[hour] ?? []
            return .integer(measure == .users ? facts.users.count : facts.count)
          }
          #expect(found == expected, "\(measure) in \(zone), \(report.origin), seed \(random.seed)")
          #expect(series.warnings == [])
        }
      }
    }
  }

  @Test("with events on many days count once in each window, and once as new")
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

  @Test("who came first in a quarter of an hour that a range cuts count once, also at midnight")
  func cutQuarter() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let midnight = try Date("2024-01-01T00:00:00Z", strategy: .iso8601)
      let seconds: [Double] = [120, 600, 700, 1000, 86_400 + 120]
      let users = seconds.map { _ in random.uuid() }
      // Each user comes once more later.
      try await fixture.store(
        zip(users, seconds).flatMap { user, seconds in
          [0, 7200].map { .active(user, at: midnight.addingTimeInterval(seconds + $0)) }
        }, using: &random)
      for (from, expected) in [(300.0, [3, 1]), (650, [2, 1]), (0, [4, 1]), (900, [1, 1])] {
        let frame = try TimeFrame(
          from: midnight.addingTimeInterval(from), to: midnight.addingTimeInterval(2 * 86_400))
        let series = try await fixture.series(ActiveUsers(frame: frame))
        #expect(series.values("new_users") == expected.map(Series.Value.integer))
      }
      let frame = try TimeFrame(
        from: midnight, to: midnight.addingTimeInterval(86_400 + 150), by: .day)
      let series = try await fixture.series(ActiveUsers(frame: frame))
      #expect(series.values("new_users") == [.integer(4), .integer(1)])
    }
  }
}
