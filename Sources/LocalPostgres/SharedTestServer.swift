internal import AnalyticsPostgres
internal import Foundation

/// The server on which this process's tests make their databases: the one that
/// `ANALYTICS_TEST_DATABASE_URL` names, else one temporary cluster, started when first needed.
package actor SharedTestServer {
  package static let shared = SharedTestServer()

  package static let environmentVariable = "ANALYTICS_TEST_DATABASE_URL"

  private struct Server {
    var url: String
    /// Held so that the cluster lives until the process ends; its watchdog cleans up.
    var cluster: LocalPostgres?
    var connection: PostgresConnection
  }

  private var starting: Task<Server, any Error>?

  /// The URL of the server's maintenance database.
  package func url() async throws -> String {
    try await server().url
  }

  func execute(_ statement: String) async throws {
    try await server().connection.execute(statement)
  }

  private func server() async throws -> Server {
    if let starting { return try await starting.value }
    // One start for all tests, whichever comes first, and not to be cancelled with that one.
    let starting = Task { try await Self.start() }
    self.starting = starting
    return try await starting.value
  }

  private static func start() async throws -> Server {
    let given = ProcessInfo.processInfo.environment[environmentVariable]
    var cluster: LocalPostgres?
    var url = given ?? ""
    if url.isEmpty {
      let started = try await LocalPostgres.startTemporary()
      url = started.url(database: "postgres")
      cluster = started
    }
    let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
    return Server(url: url, cluster: cluster, connection: connection)
  }
}
