import Analytics
import AnalyticsText
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import AnalyticsServer

@Suite("Pages", .timeLimit(.minutes(60)))
struct DashboardTests {
  static let paths =
    DashboardPage.all.map(\.path) + [
      DashboardRoutes.usagePath, DashboardRoutes.explorePath, DashboardRoutes.timelinePath,
      DashboardRoutes.livePath,
      DashboardRoutes.pipelinePath,
    ]

  @Test("are complete, small, and comply with their own policy, with and without events")
  func whole() async throws {
    try await ServerFixture.with { fixture in
      for hasEvents in [false, true] {
        if hasEvents { try await fixture.store(SomeEvents.all()) }
        try await fixture.serve { client in
          for path in Self.paths {
            let answer = try await client.get(path)
            #expect(answer.status == .ok, "\(path)")
            let page = try Markup(answer.text)
            #expect(page.refused.isEmpty, "\(path)")
            #expect(page.tags.filter { $0.name == "h1" }.count == 1, "\(path)")
            #expect(!page.text.contains("role=\"alert\""), "\(path): \(page.words)")
            #expect(answer.body.readableBytes < 150_000, "\(path)")
            let packed = try await client.get(path, [.acceptEncoding: "gzip"])
            #expect(packed.body.readableBytes < 30_000, "\(path)")
          }
        }
      }
    }
  }

  @Test("show the figures of the reports, in charts and in the tables behind them")
  func figures() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let users = try Markup(try await client.get("/dashboard/users").text).words
        #expect(users.contains("Last 24 hours 2 Last 7 days 2"))
        let tasks = try Markup(try await client.get("/dashboard/tasks").text).words
        #expect(
          tasks.contains(
            "Created 2 Completed 2 Failed 1 Cancelled 0 Success rate 66.7 % completed of completed and failed"
          ))
        let api = try Markup(try await client.get("/dashboard/api").text)
        #expect(api.words.contains("web /slow GET 1 900 ms"))
        #expect(api.text.contains("request count: 2"), "the tip of today's slot")
        let environments = try Markup(try await client.get("/dashboard/environments").text).words
        #expect(environments.contains("Last 30 days 1"))
      }
    }
  }

  @Test("explain what to do if there are no events")
  func nothing() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        for path in ["/dashboard", "/dashboard/live"] {
          let page = try await client.get(path).text
          #expect(page.contains("There are no events yet"), "\(path)")
          #expect(page.contains("<pre><code>analytics track deployed version=1.0</code></pre>"))
        }
      }
      try await fixture.serve(.router) {
        $0.commandOptions = ["--local", "--local-directory", "it's here"]
      } _: { client in
        let page = try await client.get("/dashboard").text
        #expect(
          page.contains("version=1.0 --local --local-directory &#39;it&#39;\\&#39;&#39;s here&#39;")
        )
      }
      try await fixture.store([
        .ago(400 * 86_400, .projectCreated(projectID: UUID(), userID: SomeEvents.ada, name: "x"))
      ])
      try await fixture.serve { client in
        let page = try await client.get("/dashboard?range=7d").text
        let link = try #require(page.firstMatch(of: #/Show the last 30 days|href="([^"]*)">Show/#))
        let target = String(link.1 ?? "").replacing("&amp;", with: "&")
        let past = try Markup(try await client.get(target).text)
        #expect(past.words.contains("project_created"))
        #expect(!past.text.contains("class=\"notice\""))
      }
    }
  }

  @Test("explain a panel without figures: nothing happened, or there are figures by day only")
  func emptyPanels() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store([
        .ago(
          3600,
          .integrationUsed(
            integrationID: UUID(), userID: SomeEvents.ada, provider: "github", action: "push"))
      ])
      try await fixture.serve { client in
        func words(_ path: String) async throws -> String {
          try Markup(try await client.get("/dashboard/" + path).text).words
        }
        let nothing = "Nothing happened in this range."
        let onlyByDay = "There are figures by day only"
        let integrations = try await words("integrations")
        #expect(integrations.contains("Errors CSV JSON \(nothing)"), "no provider has an error")
        let explore = try await words(
          "explore?event=integration_used&from=2026-01-01&to=2026-01-08")
        #expect(explore.contains(nothing) && !explore.contains(onlyByDay))
        let weeks = try await words("users?by=week")
        #expect(weeks.contains(onlyByDay) && !weeks.contains("weekly active users"))
        let days = try await words("users?by=day")
        #expect(!days.contains(onlyByDay) && days.contains("weekly active users"))
        let applications = try await words("applications")
        #expect(applications.contains("Nothing is stored yet.") && !applications.contains(nothing))
      }
    }
  }

  @Test("keep range and time zone in every link")
  func ranges() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let page = try await client.get("/dashboard?range=7d&tz=Asia/Kathmandu").text
        #expect(page.contains("/dashboard/users?range=7d&amp;tz=Asia%2FKathmandu"))
        #expect(page.contains("tz=Asia%2FKathmandu") && page.contains(">CSV</a>"))
        // Pages without a range keep it, too.
        let links = page.matches(of: #/<a href="(/dashboard[^"]*)"/#).map {
          String($0.1).replacing("&amp;", with: "&")
        }
        #expect(links.count > 15)
        for link in links { #expect(try await client.get(link).status == .ok, "\(link)") }
      }
    }
  }

  @Test("show one service or environment if one is chosen, and mark the charts that show all")
  func origins() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let tasks = try Markup(
          try await client.get("/dashboard/tasks?range=7d&service=test&environment=staging").text)
        #expect(tasks.words.contains("Created 1 Completed 0 Failed 0"))
        #expect(
          tasks.text.contains(
            "/dashboard/users?range=7d&amp;service=test&amp;environment=staging"),
          "other pages")
        #expect(
          tasks.text.contains(
            "/dashboard/tasks?range=30d&amp;service=test&amp;environment=staging"),
          "other ranges")
        #expect(tasks.text.contains("<option value=\"test\" selected>test</option>"))
        #expect(tasks.text.contains("<option value=\"web\">web</option>"))
        #expect(tasks.text.contains("<option value=\"staging\" selected>staging</option>"))
        #expect(!tasks.words.contains("These figures are of all"))
        #expect(
          tasks.text.contains("<input type=\"hidden\" name=\"range\" value=\"7d\">"),
          "another service, the same range")
        // With no choice in the form, no filter is active.
        let all = try Markup(
          try await client.get("/dashboard/tasks?range=7d&service=&environment=").text)
        #expect(all.words.contains("Created 2 Completed 2 Failed 1"))
        let web = try Markup(try await client.get("/dashboard/users?service=web").text).words
        #expect(web.contains("Last 24 hours 0 Last 7 days 0"))
        let others = try Markup(
          try await client.get("/dashboard/applications?service=web").text)
        #expect(others.words.contains("These figures are of all services."))
        let live = try await client.get("/dashboard/explore?service=test").text
        #expect(live.contains("<input type=\"hidden\" name=\"service\" value=\"test\">"))
        let unknown = try Markup(try await client.get("/dashboard/tasks?service=tset").text)
        #expect(unknown.words.contains("did you mean test?"))
      }
    }
  }

  @Test("show values of events as text in every place")
  func escaping() async throws {
    let evil = "<script>alert(1)</script>\"'>"
    try await ServerFixture.with { fixture in
      try await fixture.store([
        .ago(
          60,
          .applicationError(
            service: evil, errorType: evil, errorMessage: evil, userID: SomeEvents.ada)),
        .ago(
          60,
          .apiRequest(
            service: evil, endpoint: evil, method: evil, statusCode: 200, durationMS: 1)),
      ])
      try await fixture.serve { client in
        for path in Self.paths + [
          "/dashboard/timeline?user=\(SomeEvents.ada)",
          "/dashboard/timeline?user=\(URLText.encoded(evil))",
          "/dashboard/explore?event=application_error&property=error_type",
          "/dashboard/explore?event=\(URLText.encoded(evil))&property=\(URLText.encoded(evil))",
          "/dashboard/explore?ask=funnel&step=\(URLText.encoded(evil))",
        ] {
          let page = try Markup(try await client.get(path).text)
          #expect(page.tags.filter { $0.name == "script" }.count == 1, "\(path)")
          #expect(page.refused.isEmpty, "\(path)")
        }
      }
    }
  }

  @Test("answer questions about raw events")
  func explore() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        func words(_ query: String) async throws -> String {
          try Markup(try await client.get("/dashboard/explore?\(query)").text).words
        }
        let breakdown = try await words("event=api_request&property=endpoint")
        #expect(breakdown.contains(" /fast 2 ") && breakdown.contains(" /slow 1 "))
        let chart = try await client.get("/dashboard/explore?event=api_request&property=endpoint")
          .text
        let colours = Set(chart.matches(of: /<path class="bar (s\d)"/).map(\.1))
        #expect(colours.count == 2 && chart.contains("/fast: 1"))
        let funnel = try await words(
          "ask=funnel&step=task_created&step=task_completed&step=&within=7d")
        #expect(funnel.contains("task_created 2") && funnel.contains("task_completed"))
        #expect(try await words("ask=retention").contains("period 1"))
        let refused = try await words("ask=funnel&step=task_created&within=never")
        #expect(refused.contains("within"), "a panel explains what is wrong with its question")
      }
    }
  }

  @Test("show one user's events, a page at a time")
  func timeline() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(
        (0..<130).map { number in
          .ago(
            Double(number),
            .projectCreated(projectID: UUID(), userID: SomeEvents.ada, name: "p\(number)."))
        })
      try await fixture.serve { client in
        let first = try await client.get("/dashboard/timeline?user=\(SomeEvents.ada)").text
        #expect(first.contains("p0.") && first.contains("p99.") && !first.contains("p100."))
        let link = try #require(first.firstMatch(of: #/href="([^"]*before[^"]*)"/#)?.1)
        let second = try await client.get(String(link).replacing("&amp;", with: "&")).text
        #expect(second.contains("p100.") && second.contains("p129.") && !second.contains("p99."))
      }
    }
  }

  @Test("require a sign-in, which leads back to the requested page")
  func signIn() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve {
        $0.access = .keys
      } _: { client in
        for path in Self.paths + ["/"] {
          let answer = try await client.get(path)
          #expect(answer.status == .seeOther, "\(path)")
          #expect(answer.headers[.location]?.hasPrefix("/sign-in?to=") == true)
        }
        let answer = try await client.send(
          .post, "/sign-in", [.contentType: "application/x-www-form-urlencoded"],
          body: "key=\(key.text)&to=%2Fdashboard%2Fusers")
        #expect(answer.headers[.location] == "/dashboard/users")
        // The sign-in page looks like the other pages, also without a key.
        let form = try Markup(try await client.get("/sign-in").text)
        #expect(form.refused.isEmpty)
        let style = try #require(form.text.firstMatch(of: #/rel="stylesheet" href="([^"]*)"/#)?.1)
        let sheet = try await client.get(String(style))
        #expect(sheet.status == .ok && sheet.text.contains(".sign-in"))
        let cookie = try #require(answer.headers[.setCookie]?.split(separator: ";").first)
        let page = try await client.get("/dashboard/users", [.cookie: String(cookie)])
        #expect(page.status == .ok && page.text.contains("Sign out"))
      }
    }
  }

  @Test("have files that browsers may keep forever, because their names change with their contents")
  func assets() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        let page = try await client.get("/dashboard").text
        let paths = page.matches(of: #/(?:href|src)="(/dashboard/assets/[^"]+)"/#).map(\.1)
        #expect(paths.count == 3)
        for path in paths {
          let answer = try await client.get(String(path))
          #expect(answer.status == .ok)
          #expect(answer.headers[.cacheControl]?.contains("immutable") == true)
        }
      }
    }
  }
}
