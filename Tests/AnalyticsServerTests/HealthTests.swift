import AnalyticsPostgres
import AnalyticsTestSupport
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Health and readiness", .timeLimit(.minutes(60)))
struct HealthTests {
  @Test("a server on a migrated database is alive and ready")
  func ready() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve { client in
        for path in ["/health", "/ready"] {
          let answer = try await client.get(path)
          #expect(answer.status == .ok, "\(path) \(answer.text)")
          #expect(answer.text == #"{"status":"ok"}"#)
        }
      }
    }
  }

  @Test("a server on a database that is not migrated is alive, and reports what to do")
  func notMigrated() async throws {
    try await withTestDatabase { url in
      try await withServer(ReportServerConfiguration(), on: url) { client in
        #expect(try await client.get("/health").status == .ok)
        for path in ["/ready", "/overview"] {
          let answer = try await client.get(path)
          #expect(answer.status == .serviceUnavailable)
          #expect(answer.headers[.contentType] == "application/problem+json")
          #expect(answer.text.contains("run `analytics migrate`"), "\(answer.text)")
        }
      }
    }
  }

  @Test("a server whose database is down is alive, and reports it")
  func away() async throws {
    let configuration = ReportServerConfiguration()
    try await withServer(configuration) { client in
      #expect(try await client.get("/health").status == .ok)
      for path in ["/ready", "/overview", "/api/v1/reports/tasks", "/statistics"] {
        let answer = try await client.get(path)
        #expect(answer.status == .serviceUnavailable, "\(path)")
        #expect(answer.headers[.retryAfter] != nil)
        #expect(answer.text.contains("the database does not answer"), "\(answer.text)")
      }
    }
  }

  @Test("readiness requires the newest migration that the server needs")
  func newest() async throws {
    try await ServerFixture.with { fixture in
      let newest: Int = try await fixture.connection.query(
        "SELECT max(version) FROM analytics_migrations"
      ).only().decode(at: 0)
      #expect(ServerDatabase.migrationNeeded <= newest)
      // Without the migration that it needs, the server is not ready.
      _ = try await fixture.connection.query(
        "DELETE FROM analytics_migrations WHERE version >= $1",
        [.int4(Int32(ServerDatabase.migrationNeeded))])
      try await fixture.serve { client in
        let answer = try await client.get("/ready")
        #expect(answer.status == .serviceUnavailable)
      }
    }
  }
}
