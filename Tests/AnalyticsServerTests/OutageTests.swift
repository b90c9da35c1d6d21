import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer
@testable import LocalPostgres

@Suite("Outages of the database", .timeLimit(.minutes(60)))
struct OutageTests {
  private static let paths = [
    "/overview", "/users/daily", "/api/v1/reports/active-users", "/statistics", "/ready",
  ]

  private func migrated(_ server: LocalPostgres) async throws -> PostgresConfiguration {
    let configuration = try PostgresConfiguration(url: server.url(database: "postgres"))
    try await Migrator(AnalyticsDatabase(configuration), logger: silentLogger).apply()
    return configuration
  }

  @Test("the server reports a database that is down, and recovers by itself")
  func downAndUp() async throws {
    let server = try await LocalPostgres.startTemporary(settings: SharedTestServer.settings)
    _ = try await migrated(server)
    var configuration = ReportServerConfiguration()
    configuration.limits.requestsPerSecond = 0
    try await server.commands.stop(.fast)
    try await withServer(configuration, on: server.url(database: "postgres")) { client in
      func ask(_ status: HTTPResponse.Status) async throws {
        for path in Self.paths {
          let answer = try await client.get(path)
          #expect(answer.status == status, "\(path) \(answer.text)")
          #expect(answer.status == .ok || answer.headers[.contentType] == MediaType.problem)
        }
        #expect(try await client.get("/health").status == .ok)
      }
      try await ask(.serviceUnavailable)
      try await server.restart()
      try await ask(.ok)
      try await server.commands.stop(.immediate)
      try await ask(.serviceUnavailable)
      try await server.restart()
      try await ask(.ok)
    }
    try await server.stop(.immediate)
  }

  @Test("connections that end under load cause only problem answers, and no leak")
  func leaks() async throws {
    let server = try await LocalPostgres.startTemporary(settings: SharedTestServer.settings)
    let database = try await migrated(server)
    let connection = try await PostgresConnection.connect(database)
    var configuration = ReportServerConfiguration()
    configuration.limits.requestsPerSecond = 0
    try await withServer(configuration, on: server.url(database: "postgres")) { client in
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 {
          for path in Self.paths {
            group.addTask { try await client.get(path).status.code }
          }
        }
        for _ in 0..<5 {
          try await connection.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
            """)
        }
        return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
      }
      #expect(statuses.isSubset(of: [200, 503]), "\(statuses)")
      for path in Self.paths { #expect(try await client.get(path).status == .ok, "\(path)") }
      let count: Int = try await connection.query(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
        """
      ).only().decode(at: 0)
      #expect(count <= ReportServerLimits().reports + 2)
    }
    await connection.close()
    try await server.stop(.immediate)
  }

  @Test("the server waits for locked tables only as long as the report timeout")
  func locked() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.serve(.router) {
        $0.limits.reportTimeout = .seconds(2)
      } _: { client in
        _ = try await client.get("/api/v1/reports/active-users")
        try await fixture.connection.execute(
          "BEGIN; LOCK TABLE analytics_rollups IN ACCESS EXCLUSIVE MODE")
        let started = ContinuousClock.now
        let answer = try await client.get("/api/v1/reports/active-users")
        #expect(answer.status == .serviceUnavailable)
        #expect(answer.text.contains("took"), "\(answer.text)")
        // The server gets a cancel request, and has three seconds to react.
        #expect(started.duration(to: .now) < .seconds(8))
        try await fixture.connection.execute("ROLLBACK")
        // On a machine under load one attempt may take longer than 2 s.
        while try await client.get("/api/v1/reports/active-users").status != .ok {
          try Task.checkCancellation()
        }
      }
    }
  }
}
