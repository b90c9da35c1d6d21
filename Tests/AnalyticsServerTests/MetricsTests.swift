import Analytics
import AnalyticsConnections
import AnalyticsPrometheus
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Metrics for Prometheus", .timeLimit(.minutes(30)))
struct MetricsTests {
  private static func value(_ name: String, in text: String) -> String? {
    text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
      .flatMap { $0.split(separator: " ").last.map(String.init) }
  }

  @Test("have the figures of the reports, once they were asked for")
  func figures() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serveWithGauges { client in
        let text = try await client.get("/metrics").text
        #expect(Self.value("users_total", in: text) == "2")
        #expect(Self.value("users_active_7", in: text) == "2")
        #expect(
          text.contains(
            """
            # HELP client_apps_total Number of registered client apps aggregated by range by last seen
            # TYPE client_apps_total gauge
            client_apps_total{range="allTime"} 0
            client_apps_total{range="30d"} 0
            client_apps_total{range="7d"} 0

            """))
        #expect(Self.value("production_changes_30", in: text) == "1")
        #expect(Self.value("analytics_events_ever", in: text) == "8")
        #expect(
          Self.value("analytics_figures_failures_total{source=\"instance\"}", in: text) == "0")
      }
    }
  }

  @Test("count requests by pattern and status, and make no series of what does not exist")
  func requests() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        for path in ["/health", "/health", "/dashboard?range=never"] {
          _ = try await client.get(path)
        }
        for number in 0..<50 { _ = try await client.get("/nothing/\(number)") }
        let text = try await client.get("/metrics").text
        let health = "http_requests_total{method=\"GET\",route=\"/health\",status=\"200\"}"
        #expect(Self.value(health, in: text) == "2")
        let refused = "http_requests_total{method=\"GET\",route=\"/dashboard\",status=\"400\"}"
        #expect(Self.value(refused, in: text) == "1")
        #expect(!text.contains("/nothing"))
      }
    }
  }

  @Test("live on while the database is away, and say so")
  func away() async throws {
    let server = try ReportServer(
      AnalyticsDatabase(url: nowhere), ReportServerConfiguration(), logger: silentLogger,
      clock: TestClock().serverClock)
    await server.core.metrics.gauges.refresh()
    try await server.application().test(.router) { client in
      let answer = try await ServerClient(client: client).get("/metrics")
      #expect(answer.status == .ok)
      let failures = "analytics_figures_failures_total{source=\"pipeline\"}"
      #expect(Self.value(failures, in: answer.text) == "1")
      #expect(Self.value("users_total", in: answer.text) == nil, "not 0: it is not known")
    }
  }

  @Test(
    "are what promtool takes, but for two names that are Unleash's",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool"),
      "promtool is missing: install Debian's prometheus"))
  func promtool() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      let text = try await fixture.serveWithGauges { client in
        _ = try await client.get("/dashboard")
        return try await client.get("/metrics").text
      }
      let complaints = try await Promtool.complaints(about: text)
      #expect(
        complaints == [
          "client_apps_total non-counter metrics should not have \"_total\" suffix",
          "users_total non-counter metrics should not have \"_total\" suffix",
        ])
    }
  }
}
