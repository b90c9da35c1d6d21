import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Testing

@Suite("The server is reachable but does not store", .serialized, .timeLimit(.minutes(60)))
struct RefusalTests {
  @Test("all connections are in use")
  func tooManyConnections() async throws {
    try await withServer(settings: ["max_connections": "5"]) { server, url in
      var taken: [PostgresConnection] = []
      try await expectPause(of: url, owner: url, saying: "raise max_connections") {
        // The test also ends the worker's connections and takes their places, because the worker would open them again.
        while let connection = try? await PostgresConnection.connect(
          PostgresConfiguration(url: url))
        {
          taken.append(connection)
        }
        try await taken[0].execute(
          """
          SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
          WHERE backend_type = 'client backend' AND pid <> ALL (ARRAY[\(try await processes(taken))])
          """)
        while let connection = try? await PostgresConnection.connect(
          PostgresConfiguration(url: url))
        {
          taken.append(connection)
        }
      } repair: {
        for connection in taken { await connection.close() }
      }
    }
  }

  @Test("the database is not migrated yet")
  func notMigrated() async throws {
    try await withTestDatabase { url in
      try await expectPause(
        of: url, owner: url, saying: "run `analytics migrate`", worksBefore: false
      ) {
      } repair: {
        try await migrate(url)
      }
    }
  }

  @Test(
    "a table or function is missing temporarily",
    arguments: ["TABLE analytics_events", "FUNCTION analytics_begin_ingest"])
  func missing(object: String) async throws {
    try await withTestDatabase { url in
      try await migrate(url)
      let kind = object.prefix { $0 != " " }
      try await expectPause(of: url, owner: url, saying: "run `analytics migrate`") {
        try await execute("ALTER \(object) RENAME TO gone", url)
      } repair: {
        let name = object.dropFirst(kind.count + 1)
        try await execute("ALTER \(kind) gone RENAME TO \(name)", url)
      }
    }
  }

  @Test("a right is missing temporarily")
  func revoked() async throws {
    try await withServer { server, url in
      try await execute("REVOKE ALL ON SCHEMA public FROM PUBLIC", url)
      try await Migrator(AnalyticsDatabase(url: url), logger: silentLogger).grant(AnalyticsRoles())
      try await execute("CREATE ROLE service LOGIN IN ROLE analytics_writer", url)
      for right in [
        "INSERT ON analytics_events", "EXECUTE ON FUNCTION analytics_begin_ingest()",
        "USAGE ON SCHEMA public",
      ] {
        let service = url.replacing("postgres@", with: "service@")
        try await expectPause(of: service, owner: url, saying: "grant the right") {
          try await execute("REVOKE \(right) FROM analytics_writer", url)
        } repair: {
          try await execute("GRANT \(right) TO analytics_writer", url)
        }
        try await execute("TRUNCATE analytics_events", url)
      }
    }
  }

  private func execute(_ sql: String, _ url: String) async throws {
    try await withConnection(url) { try await $0.execute(sql) }
  }

  private func processes(_ connections: [PostgresConnection]) async throws -> String {
    var numbers: [String] = []
    for connection in connections { numbers.append(String(await connection.serverProcessID)) }
    return numbers.joined(separator: ", ")
  }
}
