import Analytics
import AnalyticsConnections
import AnalyticsPrometheus
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Metrics for Prometheus", .timeLimit(.minutes(60)))
struct MetricsTests {
  private static func value(_ name: String, in text: String) -> String? {
    text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
      .flatMap { $0.split(separator: " ").last.map(String.init) }
  }

  @Test("contain the figures of the reports after these were queried")
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
        #expect(Self.value("environments_total", in: text) == "2")
        #expect(Self.value("analytics_events_ever", in: text) == "8")
        #expect(
          Self.value("analytics_figures_failures_total{source=\"instance\"}", in: text) == "0")
      }
    }
  }

  @Test("have an exact count of events in the last hour")
  func lastHour() async throws {
    try await ServerFixture.with { fixture in
      // Now is 20:26:40. The quarter of an hour in which the last hour begins starts at 19:15.
      try await fixture.store(
        [0.5, 1799, 3599, 3601, 4100, -1].map {
          .ago($0, .projectDeleted(projectID: UUID(), userID: SomeEvents.ada))
        })
      for _ in 0..<2 {
        try await fixture.serveWithGauges { client in
          let text = try await client.get("/metrics").text
          #expect(Self.value("analytics_events_last_hour", in: text) == "3")
          let page = try await client.get("/dashboard/pipeline").text
          #expect(page.contains("<dt>Last hour</dt><dd>3</dd>"))
        }
        try await fixture.connection.rollUp()
      }
    }
  }

  @Test("count the versions of client applications by their instances")
  func versions() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connection.execute(
        """
        SELECT analytics_register_clients(
            ARRAY['shop', 'shop', 'shop', 'till'], ARRAY['a', 'b', 'c', 'd'],
            ARRAY['1.0', '1.0', '2.0-β', ''], ARRAY['', '', '', ''],
            array_fill('2026-05-01Z'::timestamptz, ARRAY[4]), array_fill(0::float8, ARRAY[4]));
        UPDATE analytics_client_instances SET last_seen = '2026-05-28 20:00Z'
        """)
      try await fixture.serveWithGauges { client in
        let text = try await client.get("/metrics").text
        #expect(
          text.contains(
            """
            # TYPE client_sdk_versions gauge
            client_sdk_versions{sdk_name="shop",sdk_version="1.0"} 2
            client_sdk_versions{sdk_name="shop",sdk_version="2.0-β"} 1
            client_sdk_versions{sdk_name="till",sdk_version=""} 1

            """))
      }
    }
  }

  @Test("count requests by pattern and status, and have no series for unknown paths")
  func requests() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        for path in ["/health", "/health", "/dashboard?range=never", Asset.icon.path] {
          _ = try await client.get(path)
        }
        let posted = try await client.send(.post, Asset.style.path)
        #expect(posted.status == .methodNotAllowed)
        for number in 0..<50 { _ = try await client.get("/nothing/\(number)") }
        let text = try await client.get("/metrics").text
        let health = "http_requests_total{method=\"GET\",route=\"/health\",status=\"200\"}"
        #expect(Self.value(health, in: text) == "2")
        let refused = "http_requests_total{method=\"GET\",route=\"/dashboard\",status=\"400\"}"
        #expect(Self.value(refused, in: text) == "1")
        let file =
          "http_requests_total{method=\"GET\",route=\"/dashboard/assets/*\",status=\"200\"}"
        #expect(Self.value(file, in: text) == "1")
        let notAllowed =
          "http_requests_total{method=\"POST\",route=\"/dashboard/assets/*\",status=\"405\"}"
        #expect(Self.value(notAllowed, in: text) == "1")
        #expect(!text.contains("/nothing") && !text.contains(Asset.style.path))
      }
    }
  }

  @Test("continue while the database is down, and show it")
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
      #expect(Self.value("users_total", in: answer.text) == nil, "unknown, and so not 0")
    }
  }

  @Test(
    "are accepted by promtool, except for three names of Unleash",
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
          "environments_total non-counter metrics should not have \"_total\" suffix",
          "users_total non-counter metrics should not have \"_total\" suffix",
        ])
    }
  }
}
