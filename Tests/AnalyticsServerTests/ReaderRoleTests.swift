import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import LocalPostgres
import Testing

@testable import AnalyticsServer

@Suite("The reader's role", .timeLimit(.minutes(60)))
struct ReaderRoleTests {
  private static let paths =
    DashboardTests.paths + [
      "/overview", "/users/daily", "/users/weekly", "/tasks/daily", "/tasks/overview",
      "/api/latency", "/api/slowest", "/statistics", "/ready",
    ]

  /// The test uses a server of its own, because roles belong to all databases of a server.
  @Test("is used by an owner's login to which it was granted, and can read everything")
  func isUsed() async throws {
    let server = try await LocalPostgres.startTemporary(settings: SharedTestServer.settings)
    do {
      let url = server.url(database: "postgres")
      let migrator = try Migrator(AnalyticsDatabase(url: url), logger: silentLogger)
      try await migrator.apply()
      #expect(try await Self.reader(url) == "postgres")
      try await migrator.grant(AnalyticsRoles())
      #expect(try await Self.reader(url) == "analytics_reader")
      // If nothing is granted to the role in a database, the login reads with its own rights.
      try await server.createDatabase(name: "other")
      let other = server.url(database: "other")
      try await Migrator(AnalyticsDatabase(url: other), logger: silentLogger).apply()
      #expect(try await Self.reader(other) == "postgres")

      let fixture = ServerFixture(
        url: url,
        connection: try await PostgresConnection.connect(PostgresConfiguration(url: url)))
      try await fixture.store(SomeEvents.all())
      let key = try await fixture.key(.read)
      try await fixture.serve {
        $0.access = .keys
      } _: { client in
        for path in Self.paths {
          let answer = try await client.get(path, .bearer(key))
          #expect(answer.status == .ok, "\(path)")
          #expect(!answer.text.contains("role=\"alert\""), "\(path)")
        }
        for report in ReportCatalogue.standard.reports {
          let answer = try await client.get("/api/v1/reports/\(report.name)", .bearer(key))
          // Some reports require a parameter, so they answer 400.
          #expect([200, 400].contains(answer.status.code), "\(report.name): \(answer.text)")
        }
      }
      await fixture.connection.close()
    } catch {
      try? await server.stop(.immediate)
      throw error
    }
    try await server.stop(.immediate)
  }

  /// The role with which reports read.
  private static func reader(_ url: String) async throws -> String {
    let reports = try ReportDatabase(AnalyticsDatabase(url: url))
    let reader = try await reports.read {
      try await $0.query("SELECT current_user::text").only().decode(String.self, at: 0)
    }
    return reader
  }
}
