import AnalyticsPostgres
import AnalyticsReports
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Breakdowns", .timeLimit(.minutes(60)))
struct BreakdownTests {
  private struct Cell: Hashable {
    var period: Int
    var value: Series.Value
  }

  private struct Figure: Hashable {
    var events: Int
    var users: Int
  }

  /// The rows that a report should have, computed from the events alone.
  private func expected(
    _ events: [ProductEvent], limit: Int, period: (ProductEvent) -> Int,
    value: (ProductEvent) -> String?
  ) -> [Cell: Figure] {
    func label(_ event: ProductEvent) -> Series.Value { value(event).map { .text($0) } ?? .absent }
    let counts = Dictionary(grouping: events, by: label).mapValues(\.count)
    // In the order of the bytes, with absent values first.
    func bytes(_ label: Series.Value) -> [UInt8] {
      if case .text(let text) = label { [1] + Array(text.utf8) } else { [] }
    }
    let ranked = counts.keys.sorted { left, right in
      counts[left] != counts[right]
        ? counts[left, default: 0] > counts[right, default: 0]
        : bytes(left).lexicographicallyPrecedes(bytes(right))
    }
    let named = Set(ranked.prefix(limit))
    return Dictionary(grouping: events) { event in
      Cell(
        period: period(event),
        value: named.contains(label(event)) ? label(event) : .others)
    }.mapValues { Figure(events: $0.count, users: Set($0.compactMap(\.user)).count) }
  }

  private func found(_ series: Series, period: (Date) -> Int) throws -> [Cell: Figure] {
    var cells: [Cell: Figure] = [:]
    for row in series.rows {
      guard case .instant(let start) = row[0], case .integer(let events) = row[2],
        case .integer(let users) = row[3]
      else { throw ReportError(.failed, "not a row of a breakdown") }
      let cell = Cell(period: period(start), value: row[1])
      #expect(cells.updateValue(Figure(events: events, users: users), forKey: cell) == nil)
    }
    return cells
  }

  @Test(
    "count events and distinct users by value and local day, equal to a recount",
    arguments: productZones)
  func recount(zoneName: String) async throws {
    let random = SeededGenerator.printingSeed()
    let zone = try #require(TimeZone(identifier: zoneName))
    try await ReportFixture.with { fixture in
      var generator = ProductEvents(random)
      let events = generator.events(1500)
      try await fixture.store(events)
      // The range begins and ends within a day.
      let range =
        ProductEvents.start.addingTimeInterval(
          100_000.25)..<ProductEvents.start.addingTimeInterval(30 * 86_400 + 1)
      for (granularity, limit) in [(Granularity.day, 2), (.week, 100), (.month, 1)] {
        let frame = try TimeFrame(
          from: range.lowerBound, to: range.upperBound, by: granularity, in: zone)
        let report = Breakdown(
          of: EventSelection("viewed"), by: .field("plan"), in: frame, limit: limit)
        let series = try await report.series(from: fixture.database)
        let expected = expected(
          events.filter { $0.type == "viewed" && range.contains($0.date) }, limit: limit,
          period: { periodNumber($0.date, granularity, in: zone) }, value: { $0.fields["plan"] })
        let found = try found(series, period: { periodNumber($0, granularity, in: zone) })
        #expect(found.filter { $0.value.events > 0 } == expected, "by \(granularity)")
        // Each value has a row in each bucket, in the same order.
        let shown = series.rows.prefix { $0[0] == series.rows[0][0] }.map(\.[1])
        #expect(
          series.rows.map { [$0[0], $0[1]] }
            == frame.buckets.flatMap { bucket in shown.map { [.instant(bucket.start), $0] } })
        #expect(Set(shown) == Set(expected.keys.map(\.value)))
      }
    }
  }

  @Test("accept conditions on fields and columns, and group by columns or not at all")
  func conditions() async throws {
    let random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      var generator = ProductEvents(random)
      let events = generator.events(600)
      try await fixture.store(events)
      let frame = try TimeFrame(
        from: ProductEvents.start, to: ProductEvents.start.addingTimeInterval(40 * 86_400),
        by: .total)
      let cases: [(String, (ProductEvent) -> Bool)] = [
        ("plan=pro", { $0.fields["plan"] == "pro" }), ("plan=", { $0.fields["plan"] == "" }),
        ("plan!=pro", { $0.fields["plan"] != "pro" }), ("plan", { $0.fields["plan"] != nil }),
        ("!plan", { $0.fields["plan"] == nil }), ("service=web", { $0.service == "web" }),
        ("environment!=staging", { $0.environment != "staging" }), ("!hostname", { _ in true }),
      ]
      for (text, holds) in cases {
        let condition = try PropertyCondition(text)
        #expect(condition.description == text)
        let matching = events.filter { $0.type == "bought" && holds($0) }
        for property in [EventProperty.environment, nil] {
          let series = try await Breakdown(
            of: EventSelection("bought", where: [condition]), by: property, in: frame
          ).series(from: fixture.database)
          let expected = expected(
            matching, limit: 10, period: { _ in 0 },
            value: { property == nil ? "all" : $0.environment })
          #expect(try found(series, period: { _ in 0 }) == expected, "\(text)")
        }
      }
    }
  }

  @Test(
    "have no rows without events, and with one event a row for each bucket; bad limits are refused")
  func edges() async throws {
    try await ReportFixture.with { fixture in
      let frame = try TimeFrame(
        from: ProductEvents.start, to: ProductEvents.start.addingTimeInterval(86_400), by: .hour)
      func report(limit: Int = 1, _ frame: TimeFrame) -> Breakdown {
        Breakdown(of: EventSelection("viewed"), by: .field("plan"), in: frame, limit: limit)
      }
      #expect(try await report(frame).series(from: fixture.database).rows.isEmpty)
      let event = ProductEvent(
        id: UUID(), time: Int64(ProductEvents.start.timeIntervalSince1970) * 1_000_000,
        type: "viewed", fields: ["plan": String(repeating: "x", count: 500)])
      try await fixture.store([event])
      let series = try await report(frame).series(from: fixture.database)
      let value = Series.Value.text(String(repeating: "x", count: 200))
      #expect(
        series.rows
          == frame.buckets.enumerated().map { hour, bucket in
            [.instant(bucket.start), value, .integer(hour == 0 ? 1 : 0), .integer(0)]
          })
      #expect(series.warnings.isEmpty)
      try await fixture.connection.execute(
        "INSERT INTO analytics_retention (dropped_before) VALUES ('2026-03-06 00:00Z')")
      #expect(try await report(frame).series(from: fixture.database).warnings.count == 1)

      let none = await #expect(throws: ReportError.self) {
        try await report(limit: 0, frame).series(from: fixture.database)
      }
      #expect(none?.parameter == "limit")
      let long = try TimeFrame(
        from: ProductEvents.start, to: ProductEvents.start.addingTimeInterval(19_000 * 3600),
        by: .hour)
      let much = await #expect(throws: ReportError.self) {
        try await report(limit: 100, long).series(from: fixture.database)
      }
      #expect(much?.parameter == "granularity")
    }
  }
}
