import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Bad input", .timeLimit(.minutes(60)))
struct BadInputTests {
  @Test("a request with an invalid parameter is refused, and the answer names the parameter")
  func refused() async throws {
    let reports = "/api/v1/reports"
    let cases: [(path: String, parameter: String)] = [
      ("\(reports)/tasks?tz=Mars/Base", "tz"),
      ("/overview?tz=Europe%2FBerlinn", "tz"),
      ("\(reports)/tasks?from=yesterday", "from"),
      ("\(reports)/tasks?from=2026-02-30", "from"),
      ("\(reports)/tasks?from=2026-02-03&to=2026-02-03", "to"),
      ("\(reports)/tasks?by=fortnight", "by"),
      ("\(reports)/tasks?by=hour&from=2020-01-01&to=2026-01-01", "by"),
      ("\(reports)/tasks?from=1926-01-01&to=2026-01-01", "from"),
      ("\(reports)/tasks?by=total&from=0001-01-01&to=9999-12-31", "from"),
      ("/users/daily?start_date=1926-01-01&end_date=2026-01-01", "start_date"),
      ("/users/daily?start_date=2026-01-02&end_date=2026-01-01", "end_date"),
      ("/users/daily?start_date=now", "start_date"),
      ("\(reports)/tasks?percentile=101", "percentile"),
      ("\(reports)/tasks?nothing=1", "nothing"),
      ("\(reports)/tasks?from=2026-01-01&from=2026-01-02", "from"),
      ("\(reports)/tasks?limit=0", "limit"),
      ("\(reports)/tasks?limit=many", "limit"),
      ("\(reports)/tasks?offset=-1", "offset"),
      ("\(reports)/tasks?limit=1&limit=2", "limit"),
      ("\(reports)/timeline", "user"),
      ("\(reports)/timeline?user=1", "user"),
      ("\(reports)/funnel", "step"),
      ("\(reports)/tasks?from=%zz", "from"),
      ("\(reports)/tasks?from=%ff", "from"),
      ("\(reports)/events-by-type?event_type=a%00b", "event_type"),
      ("\(reports)/events-by-type?event_type=a%0d%0ab", "event_type"),
      ("\(reports)/events-by-type?\(String(repeating: "event_type=x&", count: 101))", "event_type"),
      ("/statistics?x=1", "x"),
    ]
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        for (path, parameter) in cases {
          let answer = try await client.get(path)
          #expect(answer.status == .badRequest, "\(path) \(answer.status)")
          #expect(answer.headers[.contentType] == "application/problem+json")
          #expect(answer.parameter == parameter, "\(path) \(answer.text)")
          #expect(answer.object["request_id"] as? String == answer.headers[.requestID])
        }
      }
    }
  }

  @Test("no value of a parameter causes a failure, is executed, or is reflected")
  func injection() async throws {
    let texts = [
      "'; DROP TABLE analytics_events; --", "\" OR \"\"=\"", "$1", "$$; SELECT pg_sleep(10)",
      "<script>alert(1)</script>", "{columns}", "{relation}", "\\", "%", "_", "𝕏é",
      "a\r\nX-Injected: yes", "../../etc/passwd", String(repeating: "x", count: 8000), "",
      "task_created,x='; DROP TABLE analytics_users; --", "task_created,'=1", "1e400", "NaN",
      "9223372036854775808", "-1", "null",
    ]
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      let server = ReportServer(try AnalyticsDatabase(url: fixture.url), logger: silentLogger)
      let routes = ServerRoutes.api(server.core).filter { route in
        // Other paths lead to the same handlers.
        !route.path.hasSuffix(".csv")
          && (!route.path.hasPrefix("/api/v1") || route.path.hasPrefix(ReportRoutes.path))
      }
      try await fixture.serve { client in
        var asked = 0
        for route in routes {
          let report = route.path.split(separator: "/").last.map(String.init) ?? ""
          let needed = ReportRouteTests.needed(by: report.replacing(".csv", with: ""))
          for parameter in route.parameters {
            for text in texts {
              let value =
                text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
              let query =
                needed.isEmpty || needed.contains("\(parameter.name)=") ? "?" : needed + "&"
              let answer = try await client.get("\(route.path)\(query)\(parameter.name)=\(value)")
              #expect(
                answer.status.code < 500, "\(route.path) \(parameter.name) \(text) \(answer.text)")
              #expect(answer.headers[.init("X-Injected")!] == nil)
              #expect(answer.headers[.contentType]?.contains("html") != true)
              asked += 1
            }
          }
        }
        #expect(asked > 1000)
      }
      let events: Int = try await fixture.connection.query(
        "SELECT count(*) FROM analytics_events"
      ).only().decode(at: 0)
      #expect(events == SomeEvents.all().count)
    }
  }

  @Test(
    "paths lead to routes and nowhere else",
    arguments: [
      "/etc/passwd", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
      "/api/v1/reports/../../../etc/passwd", "/api/v1/reports/Nothing", "/statistics/..",
      "/api/v1/reports/%2e%2e", "/.git/config", "/overview/x", "/\\..\\x",
    ])
  func traversal(path: String) async throws {
    let configuration = ReportServerConfiguration()
    try await withServer(configuration) { client in
      let answer = try await client.get(path)
      #expect(answer.status == .notFound, "\(path)")
      #expect(answer.headers[.contentType] == "application/problem+json")
      #expect(answer.headers[.xContentTypeOptions] == "nosniff")
    }
  }

  @Test("a method that a path does not support is refused with the supported ones")
  func methods() async throws {
    let configuration = ReportServerConfiguration()
    try await withServer(configuration) { client in
      for method in [HTTPRequest.Method.post, .put, .delete, .patch, .options, .trace, .query] {
        let answer = try await client.send(method, "/overview")
        #expect(answer.status == .methodNotAllowed, "\(method)")
        #expect(answer.headers[.allow] == "GET, HEAD")
      }
      let form = try await client.send(.put, "/sign-in")
      #expect(form.headers[.allow] == "GET, HEAD, POST")
    }
  }

  @Test("a client's request id is kept if it is a valid header value")
  func requestID() async throws {
    let configuration = ReportServerConfiguration()
    try await withServer(configuration) { client in
      let given = try await client.get("/health", [.requestID: "a-1_b.C"])
      #expect(given.headers[.requestID] == "a-1_b.C")
      for id in ["", "a b", "<x>", String(repeating: "x", count: 65)] {
        let answer = try await client.get("/health", [.requestID: id])
        #expect(answer.headers[.requestID] != id)
        #expect((answer.headers[.requestID]?.count ?? 0) > 10)
      }
    }
  }
}
