import AnalyticsConnections
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Pages that cannot be shown", .timeLimit(.minutes(60)))
struct RefusalTests {
  private static let browser: HTTPFields = [.accept: "text/html,application/xhtml+xml,*/*;q=0.8"]
  private static let own = Rollup(
    "secret_plans", of: ["task_completed"], by: [Dimension("service", .service)],
    measures: [Measure("ended", .count)])

  /// A question, the field that is invalid, and the text of the error message.
  private struct Question: Sendable, CustomTestStringConvertible {
    var path: String
    var field: String
    var value: String
    var line: String

    init(_ path: String, _ field: String, _ value: String, _ line: String) {
      (self.path, self.field, self.value, self.line) = (path, field, value, line)
    }

    var testDescription: String { path }
  }

  private static let questions: [Question] = [
    .init("/dashboard?tz=Mars/Olympus&range=7d", "tz", "Mars/Olympus", "there is no time zone"),
    .init("/dashboard?tz=Europe/Berlinn", "tz", "Europe/Berlinn", "did you mean Europe/Berlin?"),
    .init("/dashboard/users?from=2026-02-01&to=2026-01-01", "to", "2026-01-01", "give an end"),
    .init(
      "/dashboard/tasks?from=yesterday&to=2026-01-01", "from", "yesterday",
      "from must be a day such as"),
    .init(
      "/dashboard/api?from=2026-02-30&to=2026-03-02", "from", "2026-02-30",
      "from must be a day such as"),
    .init("/dashboard?to=2026-03-02", "from", "", "give both"),
    .init(
      "/dashboard/errors?from=1990-01-01&to=2026-01-01&by=hour", "by", "hour",
      "choose longer buckets or a shorter range"),
    .init("/dashboard?by=second", "by", "second", "by must be hour, day, week or month"),
    .init("/dashboard/tasks?service=tset", "service", "tset", "did you mean test?"),
    .init(
      "/dashboard/tasks?environment=stagin", "environment", "stagin", "did you mean staging?"),
    .init("/dashboard/reports/secret-plans?tz=x", "tz", "x", "there is no time zone"),
    .init("/dashboard/explore?tz=Mars/Olympus", "tz", "Mars/Olympus", "there is no time zone"),
    .init(
      "/dashboard/explore?event=task_create", "event", "task_create", "did you mean task_created?"),
    .init(
      "/dashboard/explore?event=task_created&property=comand", "property", "comand",
      "did you mean command?"),
    .init("/dashboard/explore?event=task_created&where=%3D5", "where", "=5", "is not a condition"),
    .init(
      "/dashboard/explore?ask=funnel&step=task_created&step=task_faild", "step", "task_faild",
      "did you mean task_failed?"),
    .init(
      "/dashboard/explore?ask=funnel&step=task_created&within=never", "within", "never", "within"),
    .init(
      "/dashboard/explore?ask=retention&first_event=task_create", "first_event", "task_create",
      "did you mean task_created?"),
    .init("/dashboard/timeline?user=1&tz=Asia/Tokyo", "user", "1", "user must be a UUID"),
  ]

  @Test("keep their forms as filled in, mark the invalid field, and explain what to change")
  func questions() async throws {
    try await ServerFixture.with(rollups: [Self.own]) { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        for question in Self.questions {
          let answer = try await client.get(question.path)
          #expect(answer.status == .badRequest, "\(question.path)")
          let page = try Self.page(answer, question.path)
          #expect(page.alerts.count == 1, "\(question.path): \(page.alerts)")
          #expect(page.alerts.first?.contains(question.line) == true, "\(page.alerts)")
          let marked = page.tags.filter { $0.attributes.contains("aria-invalid=\"true\"") }
          // In a funnel all steps are marked.
          #expect(marked.count == (question.field == "step" ? 2 : 1), "\(question.path)")
          for field in marked {
            #expect(field.attributes.contains("name=\"\(question.field)\""), "\(question.path)")
            #expect(field.attributes.contains("aria-describedby=\"problem\""), "\(question.path)")
          }
          #expect(page.text.contains("id=\"problem\""))
          let value = "value=\"\(question.value)\""
          if marked.first?.name == "select" {
            #expect(page.text.contains("<option \(value) selected>"), "\(question.path)")
          } else if !question.value.isEmpty {
            #expect(marked.contains { $0.attributes.contains(value) }, "\(question.path)")
          }
        }
      }
    }
  }

  /// - Throws: If the answer is not a complete page with the navigation.
  private static func page(_ answer: TestResponse, _ path: String) throws -> Markup {
    #expect(answer.headers[.contentType] == MediaType.html, "\(path)")
    #expect(answer.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
    #expect(answer.headers[.xContentTypeOptions] == "nosniff")
    #expect(answer.headers[.cacheControl]?.contains("no-store") == true, "\(path)")
    let page = try Markup(answer.text)
    #expect(page.refused.isEmpty, "\(path)")
    #expect(page.text.contains("<a href=\"/dashboard/users"), "\(path): the navigation")
    return page
  }

  @Test("keep the other parameters: the valid ones of a range, and all those of a question")
  func kept() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let zone = try await client.get("/dashboard/tasks?range=7d&tz=Mars/Olympus&service=test")
          .text
        #expect(zone.contains("/dashboard/users?range=7d&amp;service=test"), "other pages")
        #expect(zone.contains("<input type=\"hidden\" name=\"tz\" value=\"Mars/Olympus\">"))
        #expect(zone.contains("name=\"from\" value=\"2026-05-22\""), "the days of the range")
        #expect(zone.contains("<option value=\"test\" selected>"))
        let days = try await client.get("/dashboard?from=2026-02-01&to=2026-01-01").text
        #expect(days.contains("<input type=\"date\" name=\"from\" value=\"2026-02-01\""))
        #expect(!days.contains("aria-current=\"true\""), "no preset was chosen")
        let question = try await client.get(
          "/dashboard/explore?tz=x&ask=funnel&step=task_created&within=2d"
        ).text
        for field in ["name=\"step\" value=\"task_created\"", "name=\"within\" value=\"2d\""] {
          #expect(question.components(separatedBy: field).count == 3, "in both forms: \(field)")
        }
        let timeline = try await client.get("/dashboard/timeline?user=1&tz=Asia/Tokyo").text
        #expect(timeline.contains("<input type=\"hidden\" name=\"tz\" value=\"Asia/Tokyo\">"))
        // No field shows the parameter, so the form would send it every time.
        let lost = try await client.get(
          "/dashboard/timeline?user=\(SomeEvents.ada)&tz=Mars/Olympus")
        #expect(lost.status == .badRequest && !lost.text.contains("name=\"tz\""))
        for wrong in ["from=2026-02-30&to=2026-03-02", "from=1000-01-01&to=9999-01-01&by=day"] {
          let page = try await client.get("/dashboard?\(wrong)&tz=Asia/Tokyo&service=test").text
          #expect(page.contains("/dashboard/users?tz=Asia%2FTokyo&amp;service=test"), "\(wrong)")
          #expect(!page.contains("aria-current=\"true\""), "\(wrong)")
        }
      }
    }
  }

  @Test("explain what is wrong with an address that no form produces")
  func addresses() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        for (path, status, line) in [
          ("/dashboard?nothing=1", 400, "there is no parameter nothing; use range, from"),
          ("/dashboard/live?nothing=1", 400, "this path has no parameters: leave out nothing"),
          ("/dashboard/timeline?tz=x&user=\(SomeEvents.ada)", 400, "there is no time zone"),
          ("/dashboard?range=1y", 400, "range must be 24h, 7d, 30d, 90d or 12m"),
          ("/dashboard?range=7d&range=30d", 400, "range may be given only once"),
          ("/dashboard?tz=%ff&range=7d", 400, "the value is not percent-encoded UTF-8"),
          ("/dashboard/explore?ask=nothing", 400, "ask must be breakdown, funnel or retention"),
          (
            "/dashboard/timeline?user=\(SomeEvents.ada)&before=x", 400,
            "before must be the key that the previous page gave"
          ),
          ("/dashboard/reports/nothing", 404, "there is no rollup of this name"),
          ("/dashboard/nothing", 404, "there is no page at this address"),
          ("/dashboard/users/nothing?tz=x", 404, "there is no page at this address"),
        ] {
          let answer = try await client.get(path)
          #expect(answer.status.code == status, "\(path)")
          let page = try Self.page(answer, path)
          #expect(page.alerts.count == 1 && page.alerts[0].contains(line), "\(page.alerts)")
        }
        let post = try await client.send(.post, "/dashboard/users")
        #expect(post.status == .methodNotAllowed && post.headers[.allow] == "GET, HEAD")
        _ = try Self.page(post, "POST")
      }
    }
  }

  @Test("are pages for people, and problem documents for programs")
  func readers() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        for path in ["/nothing", "/apitude", "/overview/x"] {
          let page = try await client.get(path, Self.browser)
          #expect(page.status == .notFound)
          #expect(try Self.page(page, path).alerts.count == 1)
          let problem = try await client.get(path)
          #expect(problem.headers[.contentType] == MediaType.problem, "\(path)")
        }
        for path in [
          "/api", "/api/nothing", "/api/v1/reports/nothing", "/api/v1/reports/tasks?tz=x",
          "/overview?tz=x", "/metrics?x=1", "/statistics?x=1", "/dashboard/live/events?x=1",
        ] {
          let problem = try await client.get(path, Self.browser)
          #expect(problem.status.code >= 400, "\(path)")
          let isStream = path.contains("/events")
          #expect((problem.headers[.contentType] == MediaType.problem) != isStream, "\(path)")
        }
      }
    }
  }

  @Test("answer 503 while the database is down, and keep their forms")
  func away() async throws {
    try await withServer(ReportServerConfiguration()) { client in
      let question = "?range=7d&tz=Asia/Tokyo"
      for path in DashboardPage.all.map(\.path) + ["/dashboard/reports/own"] {
        let answer = try await client.get(path + question)
        #expect(answer.status == .serviceUnavailable, "\(path)")
        #expect(answer.headers[.retryAfter] == "2")
        let page = try Self.page(answer, path)
        #expect(page.alerts == ["the database does not answer"], "\(path)")
        if !path.contains("reports") { #expect(page.text.contains("value=\"Asia/Tokyo\"")) }
      }
      let user = SomeEvents.ada.uuidString
      for (path, kept) in [
        ("/dashboard/explore?event=task_created", "name=\"event\" value=\"task_created\""),
        ("/dashboard/timeline?user=\(user)", "name=\"user\" size=\"38\" value=\"\(user)\""),
        ("/dashboard/usage", ""), ("/dashboard/live", ""), ("/dashboard/pipeline", ""),
      ] {
        let answer = try await client.get(path)
        #expect(answer.status == .serviceUnavailable, "\(path)")
        let page = try Self.page(answer, path)
        #expect(page.alerts == ["the database does not answer"], "\(path)")
        #expect(kept.isEmpty || page.text.contains(kept), "\(path)")
      }
    }
  }

  @Test("reveal nothing of the database without a key")
  func strangers() async throws {
    try await ServerFixture.with(rollups: [Self.own]) { fixture in
      try await fixture.store(SomeEvents.all())
      let (reader, writer) = (
        try await fixture.key(.read), try await fixture.key(.write, name: "w")
      )
      try await fixture.serve(.router) {
        $0.access = .keys
      } _: { client in
        let link = "/dashboard/reports/secret-plans"
        let known = try await client.get("/dashboard/explore?tz=x", .bearer(reader)).text
        let type = "<option value=\"task_created\">"
        #expect(known.contains(link) && known.contains(type), "a reader sees everything")
        let refused = try await client.get("/dashboard/tasks?tz=x", .bearer(writer))
        #expect(refused.status == .forbidden)
        let strangers = [
          refused, try await client.get("/dashboard/explore?tz=x", .bearer(writer)),
          try await client.get("/nothing", Self.browser.adding(.bearer(reader))),
          try await client.send(.post, "/dashboard", Self.browser),
          try await client.send(.post, "/dashboard", .bearer(reader)),
        ]
        for answer in strangers {
          let page = try Self.page(answer, "\(answer.status)")
          #expect(page.alerts.count == 1)
          for secret in [link, "staging", "value=\"web\"", type, "list=\"zones\""] {
            #expect(!page.text.contains(secret), "\(answer.status): \(secret)")
          }
        }
      }
    }
  }

  @Test("reveal nothing to another site whose host name resolves here, where no key is needed")
  func rebinding() async throws {
    try await ServerFixture.with(rollups: [Self.own]) { fixture in
      try await fixture.serve(.live) { client in
        for path in ["/dashboard", "/nothing"] {
          let raw = try await RawClient.connect(port: try #require(client.client.port))
          try await raw.send(
            "GET \(path) HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\n"
              + "Connection: close\r\n\r\n")
          let text = try await raw.ended()
          #expect(text.hasPrefix("HTTP/1.1 421 "), "\(text)")
          #expect(text.contains("role=\"alert\"") == (path == "/dashboard"), "\(text)")
          #expect(text.contains("--host-name") && !text.contains("secret"), "\(text)")
        }
      }
    }
  }

  @Test("tell how long to wait after too many requests")
  func tooMany() async throws {
    var configuration = ReportServerConfiguration()
    (configuration.limits.requestsPerSecond, configuration.limits.burst) = (1, 1)
    try await withServer(configuration) { client in
      _ = try await client.get("/dashboard/explore")
      let answer = try await client.get("/dashboard/explore?range=7d")
      #expect(answer.status == .tooManyRequests && answer.headers[.retryAfter] == "1")
      let page = try Self.page(answer, "")
      #expect(page.alerts == ["too many requests: wait for 1 s"])
    }
  }
}

extension HTTPFields {
  fileprivate func adding(_ others: HTTPFields) -> HTTPFields {
    others.reduce(into: self) { $0.append($1) }
  }
}
