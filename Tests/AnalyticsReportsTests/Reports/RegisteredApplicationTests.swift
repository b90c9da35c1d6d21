import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("The report of client applications", .timeLimit(.minutes(60)))
struct RegisteredApplicationTests {
  private func register(
    _ sink: PostgresUsageSink, _ clients: [(name: String, version: String?, daysAgo: Double)]
  ) async throws {
    let now = Date().timeIntervalSince1970
    try await sink.register(
      clients.enumerated().map { number, client in
        ClientSighting(
          ClientApplication(
            name: client.name, instanceID: "\(number)", version: client.version,
            startedAt: EventTimestamp(microsecondsSinceUnixEpoch: 0)),
          lastSeen: EventTimestamp(
            microsecondsSinceUnixEpoch: Int64((now - client.daysAgo * 86_400) * 1_000_000)))
      })
  }

  @Test("ranges count applications by when they were last seen, in the sample's notation")
  func ranges() async throws {
    try await ReportFixture.with { fixture in
      #expect(
        try await ClientAppsTotal.read(from: fixture.database)
          == ClientAppsTotal(allTime: 0, last30Days: 0, last7Days: 0))
      let sink = try PostgresUsageSink(AnalyticsDatabase(url: fixture.url))
      try await register(
        sink,
        [
          ("a", "1", 0), ("a", "1", 0.5), ("a", nil, 29), ("b", "3", 6.9), ("b", "2", 50),
          ("c", nil, 29.9), ("d", "1", 30.1),
        ])
      let total = try await ClientAppsTotal.read(from: fixture.database)
      #expect(total == ClientAppsTotal(allTime: 4, last30Days: 3, last7Days: 2))
    }
  }

  @Test("has a row for each version, and one for an application that was not seen for long")
  func report() async throws {
    try await ReportFixture.with { fixture in
      let sink = try PostgresUsageSink(AnalyticsDatabase(url: fixture.url))
      try await register(
        sink, [("a", "1", 0), ("a", "1", 2), ("a", "1", 40), ("a", "2", 1), ("b", nil, 0)])
      try await fixture.connection.execute(
        "DELETE FROM analytics_client_instances WHERE name = 'b'")
      let series = try await ReportCatalogue.standard.report("client-applications")
        .series(from: fixture.database)
      #expect(
        series.columns.map(\.name) == [
          "application", "version", "environment", "instances", "first_seen", "last_seen",
        ])
      #expect(
        series.rows.map { Array($0[..<4]) } == [
          [.text("a"), .text("1"), .null, .integer(2)],
          [.text("a"), .text("2"), .null, .integer(1)],
          [.text("b"), .null, .null, .integer(0)],
        ])
      #expect(series.rows[2][5] == .null)
    }
  }
}
