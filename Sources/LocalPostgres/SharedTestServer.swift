internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// A server on which this process's tests make their databases, started when first needed.
package actor SharedTestServer {
  /// The one that `ANALYTICS_TEST_DATABASE_URL` names, else a temporary cluster; with TimescaleDB if
  /// `ANALYTICS_TEST_ENGINE` is `timescale`.
  package static let shared: SharedTestServer =
    if let url = setting("ANALYTICS_TEST_DATABASE_URL") {
      SharedTestServer(url: url)
    } else if setting("ANALYTICS_TEST_ENGINE") == "timescale" {
      timescale
    } else {
      SharedTestServer()
    }

  /// A temporary cluster with TimescaleDB, for tests of that alone.
  package static let timescale = SharedTestServer(settings: ServerBinaries.timescaleSettings)

  /// Whether ``timescale`` can be had: the edition that compresses is installed.
  package static func hasTimescale() async throws -> Bool {
    try await ServerBinaries.find().hasTimescale()
  }

  /// What a server of a test's own is told so that it is like ``shared``.
  package static var settings: [String: String] { shared.settings }

  private let url: String?
  private let settings: [String: String]

  private init(url: String? = nil, settings: [String: String] = [:]) {
    self.url = url
    self.settings = settings
  }

  private static func setting(_ variable: String) -> String? {
    ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
  }

  private struct Server {
    var url: String
    /// Held so that the cluster lives until the process ends; its watchdog cleans up.
    var cluster: LocalPostgres?
    /// Making and dropping databases side by side.
    var pool: PostgresPool
    /// How databases are made. Copying files takes checkpoints, which cost little without fsync:
    /// 0.16 s for a database against 0.27 s through the log, and this package's tests in half the
    /// time. A durable server is better off with its own default.
    var creation: SQL
  }

  private var starting: Task<Server, any Error>?

  /// The URL of the server's maintenance database.
  package func url() async throws -> String {
    try await server().url
  }

  /// Makes an empty database.
  func create(_ name: String) async throws {
    let server = try await server()
    try await server.pool.withConnection { connection in
      try await connection.execute("CREATE DATABASE \(identifier: name) \(server.creation)")
    }
  }

  /// Drops a database; whoever is still connected is thrown out.
  func drop(_ name: String) async throws {
    try await server().pool.withConnection { connection in
      try await connection.execute("DROP DATABASE \(identifier: name) WITH (FORCE)")
    }
  }

  private func server() async throws -> Server {
    if let starting { return try await starting.value }
    // One start for all tests, whichever comes first, and not to be cancelled with that one.
    let starting = Task { try await start() }
    self.starting = starting
    return try await starting.value
  }

  private func start() async throws -> Server {
    let cluster = url == nil ? try await LocalPostgres.startTemporary(settings: settings) : nil
    // However busy the machine is.
    let url = url ?? cluster.map { $0.url(database: "postgres") + "&connect_timeout=120" } ?? ""
    // Hundreds of tests may queue for their databases at once.
    let pool = PostgresPool(
      try PostgresConfiguration(url: url),
      limits: PostgresPool.Limits(maximum: 3, waitTimeout: .seconds(600)))
    let version = try await pool.withConnection { await $0.serverVersion }
    let isTemporary = cluster != nil && version >= 150_000
    let creation: SQL =
      isTemporary ? "TEMPLATE template0 STRATEGY file_copy" : "TEMPLATE template0"
    return Server(url: url, cluster: cluster, pool: pool, creation: creation)
  }
}
