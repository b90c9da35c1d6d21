import AnalyticsPostgres
import AnalyticsReports
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Cohorts", .timeLimit(.minutes(60)))
struct CohortTests {
  private static let periods = 5

  /// The cohorts' sizes and shares by number of period, computed from the events alone.
  private func expected(
    _ events: [ProductEvent], _ numbers: ClosedRange<Int>, first: String?, back: String?,
    number: (ProductEvent) -> Int
  ) -> [[Series.Value]] {
    let users = Dictionary(grouping: events.filter { $0.user != nil }, by: \.user)
    var cohorts: [Int: [UUID?]] = [:]
    for (user, own) in users {
      let entries = own.filter { first == nil || $0.type == first }
      guard let entry = entries.min(by: ProductEvent.precedes) else { continue }
      cohorts[number(entry), default: []].append(user)
    }
    return numbers.map { cohort in
      let members = cohorts[cohort] ?? []
      return [.integer(members.count)]
        + (1...Self.periods).map { period in
          guard !members.isEmpty else { return .null }
          let returned = members.count { user in
            (users[user] ?? []).contains { event in
              number(event) == cohort + period && (back == nil || event.type == back)
            }
          }
          return .number(Double(returned) / Double(members.count))
        }
    }
  }

  @Test(
    "show who came first when and who came back, equal to a recount by the local calendar",
    arguments: productZones.map { ($0, nil) } + [
      // Each of these ranges contains a skipped day.
      ("Pacific/Apia", "2011-12-15T00:00:00Z"), ("Pacific/Kwajalein", "1993-08-07T00:00:00Z"),
      ("Pacific/Kiritimati", "1994-12-16T00:00:00Z"),
    ] as [(String, String?)])
  func recount(zoneName: String, start: String?) async throws {
    let random = SeededGenerator.printingSeed()
    let zone = try #require(TimeZone(identifier: zoneName))
    let start = try start.map { try Date($0, strategy: .iso8601) } ?? ProductEvents.start
    try await ReportFixture.with { fixture in
      var generator = ProductEvents(random, users: 60)
      let shift = Int64(start.timeIntervalSince(ProductEvents.start)) * 1_000_000
      let events = generator.events(900).map { event in
        var event = event
        event.time += shift
        return event
      }
      try await fixture.store(events)
      for granularity in [Granularity.day, .week, .month] {
        // The range begins within a period, which is shown as a whole.
        let from = start.addingTimeInterval(5 * 86_400 + 7)
        let to = from.addingTimeInterval(20 * 86_400)
        let frame = try TimeFrame(from: from, to: to, by: granularity, in: zone)
        // A skipped day is not a period.
        var order: [Int: Int] = [:]
        for hour in -40 * 24..<80 * 24 {
          let number = periodNumber(
            start.addingTimeInterval(Double(hour) * 3600), granularity, in: zone)
          if order[number] == nil { order[number] = order.count }
        }
        func number(_ date: Date) -> Int {
          order[periodNumber(date, granularity, in: zone)] ?? .min
        }
        let numbers = number(from)...number(to.addingTimeInterval(-1))
        for (first, back) in [
          (nil, nil), ("viewed", nil), (nil, "bought"), ("viewed", "bought"),
        ] as [(String?, String?)] {
          let series = try await Cohorts(
            in: frame, periods: Self.periods, firstType: first, returnType: back,
            now: .distantFuture
          ).series(from: fixture.database)
          #expect(
            series.rows.map { Array($0.dropFirst().dropLast()) }
              == expected(events, numbers, first: first, back: back) { number($0.date) },
            "by \(granularity), \(first ?? "any"), then \(back ?? "any")")
          #expect(series.warnings.isEmpty)
        }
      }
    }
  }

  @Test("stay the same after raw events are dropped, unless an event type is named")
  func survivesRetention() async throws {
    try await ReportFixture.with { fixture in
      var generator = ProductEvents(SeededGenerator(seed: 7))
      try await fixture.store(generator.events(500))
      let frame = try TimeFrame(
        from: ProductEvents.start, to: ProductEvents.start.addingTimeInterval(14 * 86_400),
        by: .week, in: #require(TimeZone(identifier: "Asia/Kathmandu")))
      let report = Cohorts(in: frame, periods: 3, now: .distantFuture)
      let before = try await report.series(from: fixture.database)
      try await fixture.connection.rollUp()
      try await fixture.connection.execute(
        """
        TRUNCATE analytics_events;
        INSERT INTO analytics_retention (dropped_before) VALUES ('2026-05-01 00:00Z');
        """)
      let after = try await report.series(from: fixture.database)
      #expect(after.rows == before.rows && after.warnings == before.warnings)
      #expect(before.rows.contains { $0[1] != .integer(0) })
      var typed = report
      typed.firstType = "viewed"
      typed.returnType = "bought"
      #expect(try await typed.series(from: fixture.database).warnings.count == 2)
    }
  }

  @Test("show nothing for periods that have not begun, and only zeros without events")
  func edges() async throws {
    try await ReportFixture.with { fixture in
      let day = { (number: Int) in
        ProductEvents.start.addingTimeInterval(Double(number) * 86_400)
      }
      let frame = try TimeFrame(from: day(0), to: day(2), by: .day)
      var report = Cohorts(in: frame, periods: 2, now: day(2))
      #expect(
        try await report.series(from: fixture.database).rows == [
          [.instant(day(0)), .integer(0), .null, .null, .null],
          [.instant(day(1)), .integer(0), .null, .null, .null],
        ])
      try await fixture.store([
        ProductEvent(
          id: UUID(), time: Int64(day(0).timeIntervalSince1970) * 1_000_000, type: "viewed",
          user: UUID())
      ])
      #expect(
        try await report.series(from: fixture.database).rows == [
          [.instant(day(0)), .integer(1), .number(0), .null, .null],
          [.instant(day(1)), .integer(0), .null, .null, .null],
        ])
      // At noon of the second day, the cohort's own period and the first cohort's period 1 are running.
      report.now = day(1).addingTimeInterval(43_200)
      #expect(
        try await report.series(from: fixture.database).rows == [
          [.instant(day(0)), .integer(1), .number(0), .null, .integer(1)],
          [.instant(day(1)), .integer(0), .null, .null, .integer(0)],
        ])
      report.frame = try TimeFrame(from: day(0), to: day(2), by: .hour)
      let hours = await #expect(throws: ReportError.self) {
        try await report.series(from: fixture.database)
      }
      #expect(hours?.parameter == "granularity")
    }
  }
}
