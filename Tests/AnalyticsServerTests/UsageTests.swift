import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsPrometheus
import AnalyticsReports
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Usage counters over HTTP", .timeLimit(.minutes(60)))
struct UsageTests {
  private static let search = UsageKind("search", counters: ["queries"], sets: ["words"])

  /// Tracks a closed period and an open one, with two replicas that share a workspace.
  private func track(_ fixture: ServerFixture) async throws {
    let configuration = try PostgresConfiguration(url: fixture.url)
    let sink = PostgresUsageSink(AnalyticsDatabase(configuration))
    let replicas = (0..<2).map { _ in UsageTracker(kinds: [Self.search], sink: sink) }
    let (shared, other) = (UUID(), UUID())
    replicas[0].track(workspaceID: shared, ownerID: shared, allowed: 1000, denied: 4)
    replicas[1].track(workspaceID: shared, ownerID: other, allowed: 200, denied: 3)
    for replica in replicas { try await replica.flush() }
    let periods = UsagePeriods(AnalyticsDatabase(configuration))
    let start: Date = try await fixture.connection.query(
      "SELECT started_at FROM analytics_usage_periods"
    ).only().decode(at: 0)
    _ = try await periods.closeIfDue(at: start.addingTimeInterval(3600))
    replicas[0].track(workspaceID: shared, ownerID: shared, allowed: 5)
    replicas[1].track(
      Self.search, counts: ["queries": 7], members: ["words": .text("<b>"), "none": .text("x")])
    for replica in replicas { try await replica.flush() }
    // Moves the closed period to half an hour before the test's now.
    _ = try await fixture.connection.query(
      "UPDATE analytics_usage_periods SET started_at = $1, ended_at = $2 WHERE id = 1",
      [.timestamptz(Self.start), .timestamptz(Self.end)])
    _ = try await fixture.connection.query(
      "UPDATE analytics_usage_periods SET started_at = $1 WHERE id = 2", [.timestamptz(Self.end)])
  }

  private static let start = TestClock.now.addingTimeInterval(-3000)
  private static let end = TestClock.now.addingTimeInterval(-1200)

  @Test("are in the API for both periods, with the open one marked")
  func report() async throws {
    try await ServerFixture.with { fixture in
      try await track(fixture)
      try await fixture.serve { client in
        let answer = try await client.get("/api/v1/reports/usage")
        let rows = answer.object["rows"] as? [[String: Any]] ?? []
        let texts = rows.map { row in
          ["state", "kind", "measure", "name"].map { row[$0] as? String ?? "" }
            + [(row["value"] as? Int).map(String.init) ?? ""]
        }
        #expect(
          texts == [
            ["closed", "boundary", "sum", "allowed_requests", "1200"],
            ["closed", "boundary", "sum", "denied_requests", "7"],
            ["closed", "boundary", "members", "users", "2"],
            ["closed", "boundary", "members", "workspaces", "1"],
            ["open", "boundary", "sum", "allowed_requests", "5"],
            ["open", "boundary", "sum", "denied_requests", "0"],
            ["open", "boundary", "members", "users", "1"],
            ["open", "boundary", "members", "workspaces", "1"],
            ["open", "search", "sum", "queries", "7"],
            ["open", "search", "members", "words", "1"],
          ])
        #expect(rows.first?["period_start"] as? String == "2026-05-28T19:36:40Z")
        #expect(rows.first?["period_end"] as? String == "2026-05-28T20:06:40Z")
        #expect(rows.last?["period_end"] is NSNull)
        let one = try await client.get("/api/v1/reports/usage?kind=search&latest=1")
        #expect((one.object["rows"] as? [Any])?.count == 2)
        #expect(try await client.get("/api/v1/reports/usage?latest=0").status == .badRequest)
      }
    }
  }

  @Test("have a page with the open period, the closed ones and the replicas")
  func page() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        let empty = try Markup(try await client.get("/dashboard/usage").text)
        #expect(empty.words.contains("Nothing was counted yet."))
        #expect(empty.text.contains("<code>UsageTracker</code>"), "the page explains what to do")
      }
      try await track(fixture)
      try await fixture.serve { client in
        let answer = try await client.get("/dashboard/usage")
        let page = try Markup(answer.text)
        #expect(page.refused.isEmpty && !page.text.contains("role=\"alert\""))
        #expect(
          page.words.contains(
            "allowed requests 5 denied requests 0 users 1 workspaces 1"), "\(page.words)")
        #expect(page.words.contains("queries 7 words 1"))
        #expect(page.text.contains("allowed requests: 1,200"), "the tip of the closed period")
        #expect(page.words.contains("Thu 28 May 2026 19:36 to Thu 28 May 2026 20:06"))
        let replicas: [String] = try await fixture.connection.query(
          "SELECT DISTINCT replica_id::text FROM analytics_usage_counters"
        ).map { try $0.decode(at: 0) }
        #expect(replicas.count == 2 && replicas.allSatisfy { page.words.contains($0) })
        #expect(!page.words.contains("No period was closed yet"))
        // Links on the page lead to the same figures.
        let links = page.text.matches(of: #/href="(/api/v1/reports/usage[^"]*)"/#).map(\.1)
        #expect(links.count >= 6)
        for link in links {
          let path = String(link).replacing("&amp;", with: "&")
          #expect(try await client.get(path).status == .ok, "\(path)")
        }
        let first = try await client.get("/dashboard").text
        #expect(first.contains("href=\"/dashboard/usage\""), "the navigation has a link to it")
      }
    }
  }

  @Test(
    "are metrics for the open period and the last closed one; missing figures are 0")
  func metrics() async throws {
    try await ServerFixture.with { fixture in
      try await track(fixture)
      try await fixture.serveWithGauges { client in
        let lines = try await client.get("/metrics").text
          .split(separator: "\n").filter { $0.hasPrefix("analytics_usage_") }
        func sample(_ period: String, _ kind: String, _ measure: String, _ name: String) -> String {
          "analytics_usage_\(period)_period{kind=\"\(kind)\",measure=\"\(measure)\",name=\"\(name)\"}"
        }
        for line in [
          "\(sample("open", "boundary", "sum", "allowed_requests")) 5",
          "\(sample("open", "boundary", "members", "workspaces")) 1",
          "\(sample("open", "search", "sum", "queries")) 7",
          "\(sample("closed", "boundary", "sum", "allowed_requests")) 1200",
          "\(sample("closed", "boundary", "members", "users")) 2",
          "\(sample("closed", "search", "sum", "queries")) 0",
          "analytics_usage_open_period_start_timestamp_seconds \(Int(Self.end.timeIntervalSince1970))",
          "analytics_usage_closed_period_start_timestamp_seconds \(Int(Self.start.timeIntervalSince1970))",
          "analytics_usage_closed_period_end_timestamp_seconds \(Int(Self.end.timeIntervalSince1970))",
        ] { #expect(lines.contains { $0 == line }, "\(line) in \(lines)") }
      }
    }
  }
}
