internal import AnalyticsPostgres
internal import Foundation
internal import LocalPostgres

/// The server on which the tests of this process create their databases. It is started on first
/// use.
package actor SharedTestServer {
  /// The server that `ANALYTICS_TEST_DATABASE_URL` names, or else a temporary cluster, which has
  /// TimescaleDB if `ANALYTICS_TEST_ENGINE` is `timescale`.
  package static let shared: SharedTestServer =
    if let url = setting("ANALYTICS_TEST_DATABASE_URL") {
      SharedTestServer(url: url)
    } else if setting("ANALYTICS_TEST_ENGINE") == "timescale" {
      timescale
    } else {
      SharedTestServer()
    }

  /// A temporary cluster with TimescaleDB, for tests that need it.
  package static let timescale = SharedTestServer(settings: ServerBinaries.timescaleSettings)

  /// Whether ``timescale`` can start: the edition of TimescaleDB that compresses is installed.
  package static func hasTimescale() async throws -> Bool {
    try await ServerBinaries.newest().hasTimescale()
  }

  /// The settings with which a test's own server behaves like ``shared``.
  package static var settings: [String: String] { shared.settings }

  private let url: String?
  private let settings: [String: String]
  /// Limits how many tests have databases at a time. All tests of a process begin at once, and hundreds
  /// of databases at a time would slow down every test.
  let places = Places(16)

  private init(url: String? = nil, settings: [String: String] = [:]) {
    self.url = url
    self.settings = settings
  }

  private static func setting(_ variable: String) -> String? {
    ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
  }

  private struct Server {
    var url: String
    /// Keeps the cluster alive until the process ends; its watchdog then removes it.
    var cluster: LocalPostgres?
    /// Connections that create and drop databases concurrently.
    var pool: PostgresPool
    /// The options of CREATE DATABASE. Copying files causes checkpoints, which are cheap without
    /// fsync: a database takes 0.16 s, against 0.27 s through the write-ahead log, and the tests of
    /// this package take half the time. A durable server is faster with its own default.
    var creation: SQL
  }

  private var starting: Task<Server, any Error>?

  /// The URL of the server's maintenance database.
  package func url() async throws -> String {
    try await server().url
  }

  /// Creates an empty database.
  func create(_ name: String) async throws {
    let server = try await server()
    try await server.pool.withConnection { connection in
      try await connection.execute("CREATE DATABASE \(identifier: name) \(server.creation)")
    }
  }

  /// Drops a database, and disconnects its clients.
  func drop(_ name: String) async throws {
    try await server().pool.withConnection { connection in
      try await connection.execute("DROP DATABASE \(identifier: name) WITH (FORCE)")
    }
  }

  private func server() async throws -> Server {
    if let starting { return try await starting.value }
    // A separate task, so that all tests share one start, which is not cancelled with the first of
    // them.
    let starting = Task { try await start() }
    self.starting = starting
    return try await starting.value
  }

  private func start() async throws -> Server {
    let cluster = url == nil ? try await LocalPostgres.startTemporary(settings: settings) : nil
    // Generous, since the machine may be busy.
    let url = url ?? cluster.map { $0.url(database: "postgres") + "&connect_timeout=120" } ?? ""
    // `places` keeps the wait short; the limit is for a server that hangs.
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
