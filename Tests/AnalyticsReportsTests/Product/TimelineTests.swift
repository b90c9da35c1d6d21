import AnalyticsReports
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Timelines", .timeLimit(.minutes(60)))
struct TimelineTests {
  private func ids(_ series: Series) -> [String] {
    series.rows.compactMap { if case .text(let id) = $0[1] { id } else { nil } }
  }

  @Test(
    "show each event of one user once, newest first, whatever the pages", arguments: [1, 7, 400])
  func pages(limit: Int) async throws {
    let random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      var generator = ProductEvents(random, users: 6)
      let events = generator.events(300, days: 3)
      try await fixture.store(events)
      let user = generator.users[0]
      let range =
        ProductEvents.start.addingTimeInterval(
          3600)..<ProductEvents.start.addingTimeInterval(2 * 86_400)
      for range in [range, nil] {
        let expected = events.filter { event in
          event.user == user && range?.contains(event.date) != false
        }.sorted { ProductEvent.precedes($1, $0) }.map { $0.id.uuidString.lowercased() }
        var found: [String] = []
        var report = Timeline(of: user, in: range, limit: limit)
        var isLast = false
        while !isLast, found.count <= expected.count {
          let series = try await report.series(from: fixture.database)
          found += ids(series)
          isLast = series.nextPage == nil
          report.before = try series.nextPage.map { next in
            #expect(next.parameter == "before")
            return try #require(Timeline.Key(next.value))
          }
        }
        #expect(found == expected)
      }
    }
  }

  @Test("show the whole event; an unknown user has no events")
  func content() async throws {
    try await ReportFixture.with { fixture in
      let event = ProductEvent(
        id: UUID(), time: Int64(ProductEvents.start.timeIntervalSince1970) * 1_000_000 + 123_457,
        type: "viewed", user: UUID(), environment: "production", fields: ["plan": "pro"])
      try await fixture.store([event])
      let series = try await Timeline(of: try #require(event.user)).series(from: fixture.database)
      #expect(
        series.rows.map { Array($0.dropFirst()) } == [
          [
            .text(event.id.uuidString.lowercased()), .text("viewed"), .text("web"),
            .text("production"), .null, .text(#"{"plan": "pro"}"#),
          ]
        ])
      #expect(try await Timeline(of: UUID()).series(from: fixture.database).rows.isEmpty)
      let key = Timeline.Key(timestamp: event.date, id: event.id)
      #expect(Timeline.Key(key.description)?.description == key.description)
      let refused = await #expect(throws: ReportError.self) {
        try await Timeline(of: UUID(), limit: 0).series(from: fixture.database)
      }
      #expect(refused?.parameter == "limit")
    }
  }
}
