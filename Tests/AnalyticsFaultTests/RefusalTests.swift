import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import LocalPostgres
import Testing

@Suite("The server is there and does not store", .serialized, .timeLimit(.minutes(60)))
struct RefusalTests {
  @Test("all connections are taken")
  func tooManyConnections() async throws {
    try await withServer(settings: ["max_connections": "5"]) { server, url in
      var taken: [PostgresConnection] = []
      try await expectPause(of: url, owner: url, saying: "raise max_connections") {
        // Those of the worker too, which get in each other's way when they come back.
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
      } mend: {
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
      } mend: {
        try await migrate(url)
      }
    }
  }

  @Test(
    "a table or function is gone for a while",
    arguments: ["TABLE analytics_events", "FUNCTION analytics_begin_ingest"])
  func missing(object: String) async throws {
    try await withTestDatabase { url in
      try await migrate(url)
      let kind = object.prefix { $0 != " " }
      try await expectPause(of: url, owner: url, saying: "run `analytics migrate`") {
        try await execute("ALTER \(object) RENAME TO gone", url)
      } mend: {
        let name = object.dropFirst(kind.count + 1)
        try await execute("ALTER \(kind) gone RENAME TO \(name)", url)
      }
    }
  }

  @Test("a right is missing for a while")
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
        } mend: {
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
