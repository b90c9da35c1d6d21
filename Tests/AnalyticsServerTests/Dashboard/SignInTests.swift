import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("The sign-in leads to the requested page", .timeLimit(.minutes(60)))
struct SignInTests {
  /// The page to which the sign-in form leads.
  private static func target(_ answer: TestResponse) throws -> String {
    let form = try Markup(answer.text)
    let field = try #require(form.tags.first { $0.attributes.contains("name=\"to\"") })
    return String(try #require(field.attributes.firstMatch(of: #/value="([^"]*)"/#)?.1))
      .replacing("&amp;", with: "&").replacing("&#39;", with: "'")
  }

  private static func send(
    _ key: String, to target: String, _ client: ServerClient
  ) async throws -> TestResponse {
    let to = target.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    return try await client.send(
      .post, "/sign-in", [.contentType: "application/x-www-form-urlencoded"],
      body: "key=\(key)&to=\(to)")
  }

  @Test("from every page with its parameters, also after a wrong key")
  func pages() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve(.router) {
        $0.access = .keys
      } _: { client in
        let paths =
          ["/"] + DashboardTests.paths + [
            "/dashboard/reports/own", "/dashboard?range=7d&tz=Asia/Kathmandu",
            "/dashboard/tasks?service=%C3%BC%20x&environment=a%26b+c",
            "/dashboard/explore?event=a&where=name%3D%22%25%22",
            "/dashboard/explore?ask=funnel&step=a&step=b'c", "/dashboard?tz=Mars/Olympus",
            "/dashboard/timeline?user=\(SomeEvents.ada)&before=1,2",
          ]
        for path in paths {
          let asked = try await client.get(path)
          #expect(asked.status == .seeOther, "\(path)")
          let form = try await client.get(try #require(asked.headers[.location]))
          #expect(try Self.target(form) == path)
          let wrong = try await Self.send("wrong", to: try Self.target(form), client)
          #expect(wrong.status == .forbidden && wrong.headers[.setCookie] == nil)
          #expect(try Markup(wrong.text).alerts.count == 1, "\(wrong.text)")
          let right = try await Self.send(key.text, to: try Self.target(wrong), client)
          #expect(right.status == .seeOther && right.headers[.location] == path, "\(path)")
        }
      }
    }
  }

  @Test("even with an expired session, a session of a revoked key, or a forged one")
  func sessions() async throws {
    try await ServerFixture.with { fixture in
      let key = try await fixture.key(.read)
      try await fixture.serve(.router) {
        $0.access = .keys
      } _: { client in
        let path = "/dashboard/users?range=7d"
        let signIn = "/sign-in?to=%2Fdashboard%2Fusers%3Frange%3D7d"
        func asked(_ cookie: String) async throws -> TestResponse {
          try await client.get(path, [.cookie: cookie])
        }
        let answer = try await Self.send(key.text, to: path, client)
        let session = String((answer.headers[.setCookie] ?? "").prefix { $0 != ";" })
        #expect(try await asked(session).status == .ok)
        #expect(try await asked("analytics_session=x").headers[.location] == signIn)
        _ = try await AccessKeys(
          AnalyticsDatabase(fixture.connection.configuration), on: fixture.connection
        ).revoke("test")
        fixture.clock.advance(by: Gatekeeper.lookupLifetime)
        #expect(try await asked(session).headers[.location] == signIn)
        fixture.clock.advance(by: .seconds(Session.lifetime))
        #expect(try await asked(session).headers[.location] == signIn)
      }
    }
  }

  @Test(
    "after any mistake the form stays, explains it, and still leads to that page",
    arguments: [
      "/dashboard/users?range=7d", "/dashboard/tasks?service=\u{FC}", "/x y", "/\u{308}",
      "/dashboard/explore?where=" + String(repeating: "x", count: 12_000),
    ])
  func targets(target: String) async throws {
    let ascii = [
      "/dashboard/tasks?service=\u{FC}": "/dashboard/tasks?service=%C3%BC", "/x y": "/x%20y",
      "/\u{308}": "/%CC%88",
    ]
    var configuration = ReportServerConfiguration()
    configuration.access = .keys
    try await withServer(configuration) { client in
      let answer = try await Self.send(AccessKey.random().text, to: target, client)
      #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "2")
      #expect(answer.headers[.contentType] == MediaType.html)
      #expect(try Markup(answer.text).alerts == ["the database does not answer"])
      #expect(try Self.target(answer) == ascii[target] ?? target)
    }
  }

  @Test("but never to the sign-in itself or to the sign-out")
  func itself() async throws {
    try await withServer(ReportServerConfiguration()) { client in
      for path in [
        "/sign-in", "/sign-in?to=%2Fsign-in", "/sign-in/", "/sign-in#x", "/sign-out", "/sign-out?x",
        "/sign-out/?x",
      ] {
        let answer = try await Self.send("wrong", to: path, client)
        #expect(try Self.target(answer) == SignInRoutes.home, "\(path)")
      }
      let out = try await client.send(.post, "/sign-out")
      #expect(out.headers[.location] == "/sign-in")
      let typed = try await client.get("/sign-out")
      #expect(typed.status == .methodNotAllowed && typed.headers[.allow] == "POST")
      #expect(try Markup(typed.text).alerts.count == 1)
    }
  }
}
