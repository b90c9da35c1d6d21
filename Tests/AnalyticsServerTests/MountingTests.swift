import AnalyticsConnections
import AnalyticsPrometheus
import AnalyticsTestSupport
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("In a service's own router", .timeLimit(.minutes(60)))
struct MountingTests {
  @Test("the routes are below the given path, and the service's own routes still work")
  func mounted() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      let key = try await fixture.key(.read)
      var configuration = ReportServerConfiguration()
      configuration.access = .keys
      let server = ReportServer(
        try AnalyticsDatabase(url: fixture.url), configuration, logger: silentLogger)
      let router = Router()
      router.get("/overview") { _, _ in "the service's own" }
      server.addRoutes(to: router.group("/analytics"))
      try await Application(router: router, logger: silentLogger).test(.router) { client in
        let client = ServerClient(client: client)
        let own = try await client.get("/overview")
        #expect(own.text == "the service's own" && own.headers[.contentSecurityPolicy] == nil)
        let refused = try await client.get("/analytics/overview")
        #expect(refused.status == .unauthorized && refused.headers[.xContentTypeOptions] != nil)
        let answer = try await client.get("/analytics/overview", .bearer(key))
        #expect(answer.object["total_users"] as? Int == 2)
        let timeline =
          "/api/v1/reports/timeline?user=\(SomeEvents.ada)&from=2026-05-01&to=2026-05-30&limit=1"
        let page = try await client.get("/analytics" + timeline, .bearer(key))
        let link = try #require(page.nextPage)
        #expect(link.hasPrefix("/analytics/api/v1/reports/timeline?"), "\(link)")
        #expect(try await client.get(link, .bearer(key)).object["total_rows"] as? Int == 1)
        for slashes in ["", "/"] {
          let list = try await client.get("/analytics/api/v1/reports" + slashes, .bearer(key)).rows
          let paths = list.compactMap { $0["path"] as? String }
          #expect(paths.contains("/analytics/api/v1/reports/active-users"), "\(paths)")
          let servers = try await client.get("/analytics/openapi.json" + slashes).object["servers"]
          #expect(servers as? [[String: String]] == [["url": "/analytics"]])
        }
        #expect(try await client.get("/analytics/sign-in").status == .notFound)
        #expect(try await client.get("/analytics/overview?tz=x", .bearer(key)).parameter == "tz")
        // The embedding service runs the task that refreshes the gauges.
        #expect(server.figureUpdates as AnyObject === server.core.metrics.gauges)
        #expect(
          try await !client.get("/analytics/metrics", .bearer(key)).text.contains("users_total"))
        await server.core.metrics.gauges.refresh()
        let metrics = try await client.get("/analytics/metrics", .bearer(key)).text
        #expect(metrics.contains("\nusers_total 2"))
      }
    }
  }

  @Test(
    "requests of other origins and unreadable bodies are refused with the reason"
  )
  func refused() async throws {
    var configuration = ReportServerConfiguration()
    configuration.collectsTelemetry = true
    let server = ReportServer(
      try AnalyticsDatabase(url: nowhere), configuration, logger: silentLogger)
    let router = Router()
    server.addRoutes(to: router.group("/analytics"))
    try await Application(router: router, logger: silentLogger).test(.live) { client in
      let foreign = try await ServerClient(client: client).send(
        .post, "/analytics/telemetry", [.origin: "http://evil.example"], body: "{}")
      #expect(foreign.status == .forbidden)
      let raw = try await RawClient.connect(port: try #require(client.port))
      try await raw.send(
        "POST /analytics/telemetry HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
          + "Transfer-Encoding: chunked\r\n\r\nzz\r\n")
      try await raw.said("}")
      #expect(raw.text.hasPrefix("HTTP/1.1 400 "), "\(raw.text)")
      try await raw.close()
    }
  }
}
