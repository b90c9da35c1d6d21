import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Properties on pages", .timeLimit(.minutes(60)))
struct PropertyLabelTests {
  @Test(
    "charts and tables distinguish missing and other values from values with the same text"
  )
  func labels() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      // Each plan is more frequent than the next one, so the order is known.
      let plans = [
        "(none)", "(other)", "3 others", nil, "", "a", "b", "c", "d", "e", "f",
      ]
      let rows = plans.enumerated().flatMap { index, plan in
        Array(
          repeating: plan.map { "{\"plan\":\"\($0)\"}" } ?? "{}", count: plans.count - index)
      }
      _ = try await fixture.connection.query(
        """
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        SELECT gen_random_uuid(), $1::timestamptz + number * interval '1 ms', 'chosen', 'web',
               data::jsonb
        FROM unnest($2::text[]) WITH ORDINALITY AS event (data, number)
        """, [.timestamptz(TestClock.now.addingTimeInterval(-3600)), .textArray(rows)])
      try await fixture.serve { client in
        let path = "/dashboard/explore?event=chosen&property=plan"
        let page = try await client.get(path).text
        let legend = page.matches(of: #/<li class="[^"]*">([^<]*)</li>/#).map { String($0.1) }
        #expect(
          legend == [
            #"\(none)"#, #"\(other)"#, "3 others", "(none)", "(empty)", "a", "b", "(other)",
          ])
        let words = try Markup(page).words
        for cell in [#"\(none) 11 "#, #"\(other) 10 "#, " (none) 8 ", " (empty) 7 "] {
          #expect(words.contains(cell), "\(cell) in \(words)")
        }
        let answer = try await client.get(
          "/api/v1/reports/breakdown?event=chosen&property=plan&by=total")
        let found = answer.object["rows"] as? [[String: Any]] ?? []
        #expect(found.count == 11 && found[3]["plan"] is NSNull)
        #expect(found[10]["plan"] is NSNull && found[10]["is_other"] as? Bool == true)
        #expect(found[10]["events"] as? Int == 1)
      }
    }
  }

  @Test(
    "the question page shows a field with the name of a column, and one with special characters")
  func form() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let page = try await client.get("/dashboard/explore").text
        #expect(page.contains("data.environment"), "the form shows how to ask for the field")
      }
    }
  }
}
