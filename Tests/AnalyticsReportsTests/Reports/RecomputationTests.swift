import AnalyticsReports
import AnalyticsTestSupport
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Reports equal a recomputation from the events", .timeLimit(.minutes(60)))
struct RecomputationTests {
  /// Seven weeks in which clocks change in both hemispheres.
  static let spring =
    try!
    (Date(
      "2025-02-20T00:00:00Z", strategy: .iso8601)..<Date(
      "2025-04-10T00:00:00Z", strategy: .iso8601))

  /// Ranges of whole local days and weeks, of whole quarters of an hour, and of any microseconds.
  static func frames(
    _ zone: TimeZone, using random: inout SeededGenerator
  ) throws -> [TimeFrame] {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = zone
    let days = calendar.startOfDay(for: spring.lowerBound.addingTimeInterval(9 * 86_400))
    let end = calendar.date(byAdding: .day, value: 37, to: days)!
    // Clocks change on 9 March in New York, and on 6 April on the Chatham Islands.
    let hours = try ["2025-03-08T12:00:00Z", "2025-04-05T03:30:00Z"].map {
      try Date($0, strategy: .iso8601)
    }
    func instant() -> Date {
      let micros = Int64.random(
        in: spring.lowerBound.micros..<spring.upperBound.micros, using: &random)
      return Date(timeIntervalSince1970: Double(micros) / 1_000_000)
    }
    let any = [instant(), instant()].sorted()
    return [
      try TimeFrame(from: days, to: end, by: .day, in: zone),
      try TimeFrame(from: days, to: end, by: .month, in: zone),
      try TimeFrame(from: hours[0], to: hours[0].addingTimeInterval(86_400), by: .hour, in: zone),
      try TimeFrame(from: hours[1], to: hours[1].addingTimeInterval(90_000), by: .hour, in: zone),
      try TimeFrame(from: any[0], to: any[1], by: .week, in: zone),
      try TimeFrame(from: any[0], to: any[1], by: .total, in: zone),
    ]
  }

  @Test("in every time zone, by every granularity, across clock changes, with late events")
  func all() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      var source = RandomFacts(random, in: Self.spring)
      let events = source.events(4000)
      random = source.random
      try await fixture.store(events, using: &random)
      // Late events of the same days, which are stored after all others.
      let late = source.events(400)
      try await fixture.store(late, using: &random)
      let facts = try (events + late).map { try Fact($0, service: ReportFixture.service) }
      for zone in TimeZone.tested + ["Australia/Lord_Howe"] {
        for frame in try Self.frames(.named(zone), using: &random) {
          for (report, expectation) in Expectation.all(frame) {
            let series = try await report.series(from: fixture.database)
            expectation.check(
              series, frame, facts,
              "\(series.name) by \(frame.granularity) in \(zone), seed \(random.seed)")
            #expect(series.warnings == [])
            #expect(series.range == frame.range && series.zone == frame.zone)
          }
        }
      }
    }
  }

  @Test("with filters, counting the events with one of the values")
  func filtered() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      var source = RandomFacts(random, in: Self.spring)
      let events = source.events(1500)
      random = source.random
      try await fixture.store(events, using: &random)
      let facts = try events.map { try Fact($0, service: ReportFixture.service) }
      // The range has no whole quarters of an hour, so raw events are filtered, too.
      let frame = try TimeFrame(
        from: Self.spring.lowerBound.addingTimeInterval(1_234_567.5),
        to: Self.spring.upperBound.addingTimeInterval(-98_765.25), by: .week,
        in: .named("Asia/Kathmandu"))
      var latency = RollupQuery(.apiLatency, frame: frame)
      latency.percentiles = ["50", "99", "99.9"].compactMap(Percentile.init)
      latency.origin.services = ["web"]
      latency.filters["endpoint"] = ["/e/0", "/e/2"]
      Expectation.latency(by: []).check(
        try await fixture.series(latency), frame,
        facts.filter {
          $0.service == "web" && ["/e/0", "/e/2"].contains($0.texts["endpoint"] ?? "")
        }, "latency, seed \(random.seed)")
      var errors = RollupQuery(.errors, frame: frame)
      errors.filters["error_type"] = ["Crash"]
      Expectation.errors.check(
        try await fixture.series(errors), frame,
        facts.filter { $0.texts["error_type"] == "Crash" }, "errors, seed \(random.seed)")
      var types = RollupQuery(.eventsByType, frame: frame)
      types.origin = Origin(
        services: [ReportFixture.service], environments: ["production", "staging"])
      Expectation.eventsByType.check(
        try await fixture.series(types), frame,
        facts.filter { $0.environment != nil && $0.service == ReportFixture.service },
        "types, seed \(random.seed)")
    }
  }

  @Test("of a service or an environment, counting only its events")
  func ofOrigin() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      var source = RandomFacts(random, in: Self.spring)
      let events = source.events(2500)
      random = source.random
      try await fixture.store(events, using: &random)
      let facts = try events.map { try Fact($0, service: ReportFixture.service) }
      for origin in Origin.tested.dropFirst() {
        let own = origin.facts(of: facts)
        for frame in try Self.frames(.named("Asia/Kathmandu"), using: &random) {
          let seed: Comment = "\(origin) by \(frame.granularity), seed \(random.seed)"
          for (report, expectation) in Expectation.all(frame, of: origin) {
            expectation.check(try await fixture.series(report), frame, own, seed)
          }
          try await checkUsers(fixture, frame, origin, own, of: facts, seed)
        }
      }
    }
  }

  /// Checks active users, those of 7 and 30 days, and new users.
  private func checkUsers(
    _ fixture: ReportFixture, _ frame: TimeFrame, _ origin: Origin, _ own: [Fact],
    of facts: [Fact], _ comment: Comment
  ) async throws {
    var first: [String: Int64] = [:]
    for fact in facts {
      if let user = fact.user { first[user] = min(first[user] ?? .max, fact.instant) }
    }
    var report = ActiveUsers(frame: frame)
    report.origin = origin
    let series = try await fixture.series(report)
    let bounds = frame.buckets.map { $0.range.lowerBound.micros..<$0.range.upperBound.micros }
    let users = bounds.map { bucket in own.filter { bucket.contains($0.instant) }.users }
    #expect(series.values("active_users") == users.map { .integer($0.count) }, comment)
    if frame.granularity == .day {
      for (column, days) in [("weekly_active_users", 7), ("monthly_active_users", 30)] {
        // Days of this zone have 24 hours.
        let users = bounds.map { day in
          let window = day.upperBound - Int64(days) * 86_400_000_000..<day.upperBound
          return own.filter { window.contains($0.instant) }.users
        }
        #expect(series.values(column) == users.map { .integer($0.count) }, comment)
      }
    }
    if bounds.allSatisfy({ $0.lowerBound % 900_000_000 == 0 && $0.upperBound % 900_000_000 == 0 }) {
      let new = zip(bounds, users).map { bucket, users in
        users.count { bucket.contains(first[$0] ?? .max) }
      }
      #expect(series.values("new_users") == new.map { .integer($0) }, comment)
    }
  }
}
