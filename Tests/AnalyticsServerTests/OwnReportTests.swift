import AnalyticsReports
import AnalyticsRollups
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("An application's own rollup", .timeLimit(.minutes(60)))
struct OwnReportTests {
  static let work = Rollup(
    "work", of: ["task_completed", "task_failed"],
    by: [Dimension("service", .service), Dimension("outcome", .eventType)],
    measures: [
      Measure("ended", .count), Measure("duration_ms", .sum("duration_ms")),
      Measure("delay", .histogram("duration_ms")), Measure("workers", .distinct(.userID)),
    ])

  @Test("has a route, as JSON and as CSV, which is in the list of reports")
  func route() async throws {
    try await ServerFixture.with(rollups: [Self.work]) { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let listed = try await client.get("/api/v1/reports").rows.last
        #expect(listed?["path"] as? String == "/api/v1/reports/work")
        let names = (listed?["parameters"] as? [[String: Any]])?.compactMap {
          $0["name"] as? String
        }
        #expect(
          names == [
            "from", "to", "by", "tz", "service", "outcome", "group_by", "percentile", "window",
          ])
        let query = "?by=total&group_by=outcome&outcome=task_completed&percentile=50"
        let row = try await client.get("/api/v1/reports/work\(query)").object
        let expected: [String: Any] = [
          "from": "2026-04-15T00:00:00Z", "outcome": "task_completed", "ended": 2,
          "duration_ms": 60, "avg_duration_ms": 30.0, "p50_delay": 20, "workers": 2,
        ]
        let found = (row["rows"] as? [[String: Any]])?.first ?? [:]
        for (name, value) in expected where name != "from" && name != "p50_delay" {
          #expect("\(found[name] ?? "-")" == "\(value)", "\(name)")
        }
        #expect(Set(found.keys) == Set(expected.keys))
        let csv = try await client.get("/api/v1/reports/work.csv\(query)")
        #expect(csv.headers[.contentType]?.hasPrefix("text/csv") == true)
        #expect(
          csv.text.hasPrefix("from,outcome,ended,duration_ms,avg_duration_ms,p50_delay,workers\r\n")
        )
      }
    }
  }

  @Test("is not found under another name; unknown parameters are refused")
  func refused() async throws {
    try await ServerFixture.with(rollups: [Self.work]) { fixture in
      try await fixture.serve { client in
        for path in ["/api/v1/reports/wrk", "/api/v1/reports/wrk.csv", "/dashboard/reports/wrk"] {
          let answer = try await client.get(path)
          #expect(answer.status == .notFound, "\(path)")
        }
        #expect(
          try await client.get("/api/v1/reports/wrk").object["detail"] as? String
            == "there is no report \"wrk\": did you mean work?")
        // A built-in report has no page of this kind.
        #expect(try await client.get("/dashboard/reports/tasks").status == .notFound)
        let refused = try await client.get("/api/v1/reports/work?grop_by=outcome")
        #expect(refused.status == .badRequest)
        #expect(refused.object["parameter"] as? String == "grop_by")
        #expect(try await client.get("/api/v1/reports/work?offset=x").status == .badRequest)
        #expect(try await client.get("/dashboard/reports/work?no=1").status == .badRequest)
      }
    }
  }

  @Test("has a page, which is in the navigation of all pages")
  func page() async throws {
    try await ServerFixture.with(rollups: [Self.work]) { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let path = "/dashboard/reports/work"
        for page in ["/dashboard", "/dashboard/live", path] {
          let text = try await client.get(page).text
          #expect(text.contains("<a href=\"\(path)\""), "\(page)")
        }
        for range in ["", "?range=24h", "?range=12m&service=test"] {
          let answer = try await client.get(path + range)
          #expect(answer.status == .ok)
          let page = try Markup(answer.text)
          #expect(page.refused.isEmpty)
          #expect(!page.text.contains("role=\"alert\""), "\(range): \(page.words)")
          #expect(page.words.contains("Workers: hours of the week"))
        }
        let words = try Markup(try await client.get(path).text).words
        #expect(words.contains("In this range CSV JSON Ended 3 Duration 65 ms Avg duration 22 ms"))
        #expect(words.contains("By outcome"))
        // Each panel has a link to the same figures in JSON.
        let links = try await client.get(path).text.split(separator: "\"").filter {
          $0.hasPrefix("/api/v1/reports/") && !$0.contains(".csv")
        }
        #expect(links.count > 6)
        for link in links {
          let target = String(link).replacing("&amp;", with: "&")
          #expect(try await client.get(target).status == .ok, "\(target)")
        }
      }
    }
  }

  @Test(
    "has a page also with unusual column names, for long ranges, and with pickers of other pages"
  )
  func oddPage() async throws {
    let odd = Rollup(
      "odd", of: ["task_completed"],
      by: [Dimension("service", .eventType), Dimension("from", .service)],
      measures: [
        Measure("week", .count), Measure("ms", .sum("duration_ms")),
        Measure("seconds", .distinct(.userID)),
      ])
    try await ServerFixture.with(rollups: [odd]) { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        for query in [
          "?by=week", "?from=2000-01-01&by=day", "?service=test", "?service=test&by=week&range=12m",
          "?environment=production",
        ] {
          let page = try Markup(try await client.get("/dashboard/reports/odd" + query).text)
          #expect(!page.text.contains("role=\"alert\""), "\(query): \(page.words)")
          #expect(!page.text.contains("<h2></h2>"))
          #expect(page.words.contains("Ms CSV JSON") && page.words.contains(" 0 ms"), "\(query)")
        }
      }
    }
  }

  @Test("is found by a running server as soon as it is defined")
  func later() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        #expect(try await client.get("/api/v1/reports/work").status == .notFound)
        try await fixture.migrate(rollups: [Self.work])
        #expect(try await client.get("/api/v1/reports/work").status == .ok)
      }
    }
  }
}
