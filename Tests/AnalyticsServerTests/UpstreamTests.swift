import AnalyticsReports
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("The read API of adi-analytics", .timeLimit(.minutes(30)))
struct UpstreamTests {
  private static let shapes: [(path: String, members: Set<String>)] = [
    (
      "/overview",
      [
        "total_users", "active_users_today", "active_users_week", "active_users_month",
        "total_tasks", "tasks_today", "task_success_rate", "total_cocoons", "active_cocoons",
        "total_integrations",
      ]
    ),
    ("/users/daily", ["day", "active_users", "total_events"]),
    ("/users/weekly", ["day", "active_users", "total_events"]),
    (
      "/tasks/daily",
      [
        "day", "created", "started", "completed", "failed", "cancelled", "avg_duration_ms",
        "p95_duration_ms", "success_rate",
      ]
    ),
    (
      "/tasks/overview",
      [
        "total_created", "total_completed", "total_failed", "total_cancelled", "success_rate",
        "avg_duration_ms",
      ]
    ),
    (
      "/api/latency",
      [
        "hour", "service", "endpoint", "method", "request_count", "avg_duration_ms",
        "p50_duration_ms", "p95_duration_ms", "p99_duration_ms", "error_4xx_count",
        "error_5xx_count",
      ]
    ),
    (
      "/api/slowest",
      [
        "service", "endpoint", "method", "request_count", "avg_duration_ms", "p50_duration_ms",
        "p95_duration_ms", "p99_duration_ms", "error_4xx_count", "error_5xx_count",
      ]
    ),
  ]

  @Test("every path answers with upstream's members, also below /api/v1")
  func shapes() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        for (path, members) in Self.shapes {
          let answer = try await client.get(path)
          #expect(answer.status == .ok, "\(path) \(answer.text)")
          #expect(answer.headers[.contentType] == "application/json")
          let rows = answer.rows.isEmpty ? [answer.object] : answer.rows
          for row in rows { #expect(Set(row.keys) == members, "\(path)") }
          let moved = try await client.get("/api/v1\(path)")
          #expect(moved.status == .ok && moved.text == answer.text, "\(path)")
        }
      }
    }
  }

  @Test("the figures are those of the events")
  func figures() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let overview = try await client.get("/overview").object
        #expect(overview["total_users"] as? Int == 2)
        #expect(overview["active_users_today"] as? Int == 2)
        #expect(overview["total_tasks"] as? Int == 2)
        #expect(overview["tasks_today"] as? Int == 1)
        #expect(abs((overview["task_success_rate"] as? Double ?? 0) - 2.0 / 3) < 1e-12)
        let days = try await client.get("/users/daily").rows
        #expect(days.count == 30)
        #expect(days.last?["day"] as? String == "2026-05-28")
        #expect(days.last?["active_users"] as? Int == 2)
        #expect(days.last?["total_events"] as? Int == 3)
        let tasks = try await client.get("/tasks/overview").object
        #expect(tasks["total_created"] as? Int == 2)
        #expect(tasks["avg_duration_ms"] as? Double == 30)
        let slowest = try await client.get("/api/slowest").rows
        #expect(slowest.map { $0["endpoint"] as? String } == ["/slow", "/fast"])
        let latency = try await client.get("/api/latency").rows
        #expect(latency.count == 3)
        #expect(latency.first?["hour"] as? String == "2026-05-28T19:00:00Z")
        #expect(latency.last?["error_4xx_count"] as? Int == 1)
      }
    }
  }

  @Test("a range ends with the day that is named, or before the instant")
  func range() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        func days(_ query: String) async throws -> [String] {
          let answer = try await client.get("/users/daily?\(query)")
          #expect(answer.status == .ok, "\(answer.text)")
          return answer.rows.compactMap { $0["day"] as? String }
        }
        #expect(
          try await days("start_date=2026-05-22&end_date=2026-05-23") == [
            "2026-05-22", "2026-05-23",
          ])
        #expect(
          try await days("start_date=2026-05-22T00:00:00Z&end_date=2026-05-23T00:00:00Z")
            == ["2026-05-22"])
        // As somebody types it who forgets that + is a space in URLs.
        #expect(
          try await days(
            "start_date=2026-05-22T00:00:00+02:00&end_date=2026-05-22&tz=Europe/Berlin")
            == ["2026-05-22"])
        let weeks = try await client.get("/users/weekly?start_date=2026-05-18&end_date=2026-05-28")
        #expect(weeks.rows.map { $0["day"] as? String } == ["2026-05-18", "2026-05-25"])
      }
    }
  }

  @Test("lists come as CSV to who asks for it, by name or by Accept")
  func csv() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let query = "?start_date=2026-05-28&end_date=2026-05-28"
        let named = try await client.get("/users/daily.csv\(query)")
        #expect(named.headers[.contentType] == "text/csv; charset=utf-8")
        #expect(named.text == "day,active_users,total_events\r\n2026-05-28,2,3\r\n")
        for (accept, isCSV) in [
          ("text/csv", true), ("text/csv, application/json", true), ("*/*", false),
          ("application/json, text/csv", false), ("text/csv;q=0.5", true), ("text/html", false),
        ] {
          let answer = try await client.get("/users/daily\(query)", [.accept: accept])
          #expect((answer.text == named.text) == isCSV, "\(accept)")
        }
      }
    }
  }

  @Test("/api/latency has at most 1000 rows, and says where the next are")
  func pages() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let first = try await client.get("/api/latency?limit=2")
        #expect(first.rows.count == 2)
        #expect(first.headers[.link] == "</api/latency?limit=2&offset=2>; rel=\"next\"")
        let second = try await client.get("/api/latency?limit=2&offset=2")
        #expect(second.rows.count == 1 && second.headers[.link] == nil)
        let all = try await client.get("/api/latency")
        #expect(all.rows.count == 3)
        let many = try await client.get("/api/latency?limit=1001")
        #expect(many.status == .badRequest && many.parameter == "limit")
      }
    }
  }
}
