import Testing
import AnalyticsPostgres
import Foundation
import LocalPostgres

/// A temporary cluster with TimescaleDB, for all tests of this process that want one.
actor TimescaleServer {
  static let shared = TimescaleServer()

  static let absence: Comment = "TimescaleDB's community edition is not installed beside PostgreSQL"

  private var starting: Task<LocalPostgres, any Error>?

  /// Whether the server that tests use comes with the extension's files.
  static func isInstalled() async throws -> Bool {
    try await withTestDatabase { url in
      let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let isThere: Bool = try await connection.query(
        "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')"
      ).only().decode(at: 0)
      await connection.close()
      return isThere
    }
  }

  func newDatabase() async throws -> String {
    let server = try await server()
    let name = "test_\(UUID().uuidString.prefix(13).lowercased())"
    try await server.createDatabase(name: name)
    return server.url(database: name)
  }

  private func server() async throws -> LocalPostgres {
    if let starting { return try await starting.value }
    let starting = Task {
      try await LocalPostgres.startTemporary(settings: [
        "shared_preload_libraries": "timescaledb", "timescaledb.telemetry_level": "off",
        "timescaledb.max_background_workers": "16", "max_worker_processes": "32",
      ])
    }
    self.starting = starting
    return try await starting.value
  }
}

/// Runs a test with an empty database on a server that has TimescaleDB.
func withTimescaleStore(_ body: (StoreFixture) async throws -> Void) async throws {
  try await withStore(url: try await TimescaleServer.shared.newDatabase(), body)
}
