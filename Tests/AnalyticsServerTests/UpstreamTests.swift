import Analytics
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("The read API of adi-analytics", .timeLimit(.minutes(60)))
struct UpstreamTests {
  /// Requests a path of the read API. The answer must be the same with upstream's prefix and without it.
  private func ask<Value: Decodable>(_ path: String, _ client: ServerClient) async throws -> Value {
    let answer = try await client.get(path)
    #expect(answer.status == .ok, "\(path) \(answer.text)")
    #expect(answer.headers[.contentType] == "application/json")
    #expect(try await client.get("/api/analytics\(path)").text == answer.text, "\(path)")
    return try Upstream.decoder.decode(Value.self, from: answer.data)
  }

  private let today = "2026-05-28T00:00:00Z"

  @Test("a client with upstream's structures reads each answer")
  func typed() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let overview: Upstream.OverviewStats = try await ask("/overview", client)
        #expect(overview.totalUsers == 2 && overview.activeUsersToday == 2)
        #expect(overview.totalTasks == 2 && overview.tasksToday == 1)
        #expect(abs(overview.taskSuccessRate - 2.0 / 3) < 1e-12)

        let days: [Upstream.DailyActiveUsers] = try await ask("/users/daily", client)
        #expect(days.count == 30)
        #expect(try days[0].day == Upstream.date(today))
        #expect(days[0].activeUsers == 2 && days[0].totalEvents == 3)
        #expect(days.map(\.day) == days.map(\.day).sorted(by: >))
        let weeks: [Upstream.DailyActiveUsers] = try await ask("/users/weekly", client)
        #expect(try weeks[0].day == Upstream.date("2026-05-25T00:00:00Z"))

        let tasks: [Upstream.TaskStats] = try await ask("/tasks/daily", client)
        #expect(tasks.count == 30 && tasks[0].day == days[0].day)
        #expect(tasks[0].created == 1 && tasks[0].successRate == 0.5)
        #expect(tasks[0].avgDurationMs == 40)
        // Without tasks there is no duration, and upstream's success rate is 0.
        #expect(tasks[1].avgDurationMs == nil && tasks[1].successRate == 0)
        let ofAll: Upstream.TaskStatsOverview = try await ask("/tasks/overview", client)
        #expect(ofAll.totalCreated == 2 && ofAll.avgDurationMs == 30)
        let ofNone: Upstream.TaskStatsOverview = try await ask(
          "/tasks/overview?start_date=2026-01-01&end_date=2026-01-02", client)
        #expect(ofNone.successRate == 0 && ofNone.avgDurationMs == 0)

        let latency: [Upstream.EndpointLatency] = try await ask("/api/latency", client)
        #expect(latency.map(\.endpoint) == ["/slow", "/fast", "/fast"])
        #expect(try latency[0].hour == Upstream.date("2026-05-28T19:00:00Z"))
        #expect(latency[2].error4XxCount == 1)
      }
    }
  }

  @Test("has all figures even if no event is stored")
  func empty() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        let overview: Upstream.OverviewStats = try await ask("/overview", client)
        #expect(overview.taskSuccessRate == 0 && overview.totalIntegrations == 0)
        let users: [Upstream.DailyActiveUsers] = try await ask("/users/daily", client)
        #expect(users.allSatisfy { $0.activeUsers == 0 })
        let slowest: [Upstream.EndpointLatency] = try await ask("/api/slowest", client)
        #expect(slowest.isEmpty)
        // A request without a duration, as plain SQL can insert it.
        try await fixture.connection.execute(
          """
          SELECT analytics_ensure_partitions(ARRAY['2026-05-28 19:00Z'::timestamptz]);
          INSERT INTO analytics_events (id, timestamp, event_type, service, data)
          VALUES (gen_random_uuid(), '2026-05-28 19:00Z', 'api_request', 'web', '{}')
          """)
        // The limit makes this another request than the one whose answer is cached.
        for path in ["/api/slowest?limit=5", "/api/latency"] {
          let rows: [Upstream.EndpointLatency] = try await ask(path, client)
          #expect(rows.map(\.p99DurationMs) == [0] && rows[0].endpoint == "", "\(path)")
        }
        let own = try await client.get("/api/v1/overview").object
        #expect(own["task_success_rate"] is NSNull, "there is no rate without tasks")
      }
    }
  }

  @Test("lists the slowest of the last 24 hours, ten at most")
  func slowest() async throws {
    try await ServerFixture.with { fixture in
      // Each hour is slower than the one after it. One of them begins more than 24 hours ago.
      try await fixture.store(
        (0..<26).map { hour in
          .ago(
            Double(hour) * 3600,
            .apiRequest(
              service: "web", endpoint: "/hour", method: "GET", statusCode: 200,
              durationMS: 100 + hour * 10))
        })
      try await fixture.serve { client in
        let slowest: [Upstream.EndpointLatency] = try await ask("/api/slowest", client)
        #expect(slowest.count == 10)
        // It is 20:26, so the first whole hour of the last 24 begins at 21:00.
        #expect(try slowest[0].hour == Upstream.date("2026-05-27T21:00:00Z"))
        #expect(slowest.map(\.p99DurationMs) == slowest.map(\.p99DurationMs).sorted(by: >))
        let own = try await client.get("/api/v1/api/slowest").rows
        #expect(own.count == 1 && own[0]["hour"] == nil && own[0]["request_count"] as? Int == 24)
      }
    }
  }

  @Test("counts distinct things in totals: a thing that was connected twice counts once")
  func totals() async throws {
    try await ServerFixture.with { fixture in
      let things = (0..<3).map { _ in UUID() }
      let user = SomeEvents.ada
      var events: [EnrichedEvent] = []
      for (days, thing) in [(0, 0), (0, 0), (9, 1), (9, 2), (8, 2)] {
        let seconds = Double(days) * 86_400 + 60
        events += [
          .ago(
            seconds,
            .integrationConnected(
              integrationID: things[thing], userID: user, provider: "github")),
          .ago(seconds, .cocoonConnected(cocoonID: things[thing])),
          // This cocoon was neither registered nor connected, so upstream does not count it.
          .ago(seconds, .cocoonDisconnected(cocoonID: UUID(), durationSeconds: 5)),
        ]
      }
      events.append(.ago(60, .cocoonRegistered(cocoonID: UUID(), userID: user)))
      try await fixture.store(events)
      try await fixture.serve { client in
        for _ in 0..<2 {
          let overview: Upstream.OverviewStats = try await ask("/overview", client)
          #expect(overview.totalIntegrations == 3)
          #expect(overview.activeCocoons == 1)
          #expect(overview.totalCocoons == 4)
          try await fixture.connection.rollUp()
        }
      }
    }
  }

  @Test("has our own format below /api/v1: days as dates, the oldest first")
  func own() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let days = try await client.get("/api/v1/users/daily").rows
        #expect(days.count == 30 && days.last?["day"] as? String == "2026-05-28")
        let weeks = try await client.get(
          "/api/v1/users/weekly?start_date=2026-05-18&end_date=2026-05-28")
        #expect(weeks.rows.map { $0["day"] as? String } == ["2026-05-18", "2026-05-25"])
        let tasks = try await client.get("/api/v1/tasks/daily").rows
        #expect(tasks.first?["success_rate"] is NSNull)
        let latency = try await client.get("/api/v1/api/latency").rows
        #expect(latency.compactMap { $0["endpoint"] as? String } == ["/slow", "/fast", "/fast"])
        #expect(latency.first?["hour"] as? String == "2026-05-28T19:00:00Z")
      }
    }
  }

  @Test("accepts ranges that end with a named day, or before an instant")
  func range() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        func days(_ query: String) async throws -> [String] {
          let answer = try await client.get("/users/daily?\(query)")
          #expect(answer.status == .ok, "\(answer.text)")
          return answer.rows.compactMap { $0["day"] as? String }
        }
        let named = try await days("start_date=2026-05-22&end_date=2026-05-23")
        #expect(named == ["2026-05-23T00:00:00Z", "2026-05-22T00:00:00Z"])
        #expect(
          try await days("start_date=2026-05-22T00:00:00Z&end_date=2026-05-23T00:00:00Z")
            == ["2026-05-22T00:00:00Z"])
        // The + is not percent-encoded, and so means a space.
        #expect(
          try await days(
            "start_date=2026-05-22T00:00:00+02:00&end_date=2026-05-22&tz=Europe/Berlin")
            == ["2026-05-22T00:00:00+02:00"])
      }
    }
  }

  @Test("returns lists as CSV to clients that request it, by name or by Accept")
  func csv() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let query = "?start_date=2026-05-28&end_date=2026-05-28"
        let named = try await client.get("/users/daily.csv\(query)")
        #expect(named.headers[.contentType] == "text/csv; charset=utf-8")
        #expect(named.text == "day,active_users,total_events\r\n2026-05-28T00:00:00Z,2,3\r\n")
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

  @Test("limits /api/latency to 1000 rows, and tells where the next rows are")
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
