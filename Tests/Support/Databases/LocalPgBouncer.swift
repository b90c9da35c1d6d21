internal import AnalyticsPostgres
internal import Foundation
internal import LocalPostgres

/// A private PgBouncer in transaction mode in front of a private server. It ends with this process, or when the last
/// reference to it is released.
package final class LocalPgBouncer: Sendable {
  /// The path of PgBouncer; `nil` if it is not installed.
  private static let binary = ["/usr/sbin", "/usr/bin", "/opt/homebrew/bin", "/usr/local/bin"]
    .map { "\($0)/pgbouncer" }.first(where: FileManager.default.isExecutableFile)

  package static var isInstalled: Bool { binary != nil }

  /// The reason for skipping a test that needs PgBouncer.
  package static let absence = "PgBouncer is not installed: run `apt-get install pgbouncer`"

  private static let port = 6432

  private let directory: String
  private let watchdog: Watchdog

  private init(directory: String, watchdog: Watchdog) {
    self.directory = directory
    self.watchdog = watchdog
  }

  /// Starts PgBouncer; returns once it accepts clients.
  ///
  /// - Parameters:
  ///   - socketDirectory: The directory of the server's Unix socket.
  ///   - poolSize: The number of connections to the server for each database.
  ///   - settings: Settings of PgBouncer, which override the defaults here.
  package static func start(
    before socketDirectory: String, poolSize: Int, settings: [String: String] = [:]
  ) async throws -> LocalPgBouncer {
    guard let binary else { throw LocalPostgresError(.binariesNotFound, absence) }
    let account = try ServerAccount.current()
    let directory = "/tmp/analytics-pgb-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    try account.makePrivateDirectory(directory)
    try account.takeOver(files: ["", "/.s.PGSQL.5432"].map { socketDirectory + $0 })
    let file = "\(directory)/pgbouncer.ini"
    try configuration(directory, server: socketDirectory, poolSize: poolSize, settings: settings)
      .write(toFile: file, atomically: false, encoding: .utf8)
    try account.takeOver(files: [file])
    let command = try account.command(binary, [file])
    let watchdog = try await Watchdog(
      script: script, [directory, command.program] + command.arguments)
    let bouncer = LocalPgBouncer(directory: directory, watchdog: watchdog)
    try await bouncer.waitUntilReady()
    return bouncer
  }

  /// The URL of a database through PgBouncer.
  package func url(database: String) -> String {
    "postgres://postgres@/\(database)?host=\(directory)&port=\(Self.port)"
  }

  package func stop() async {
    await watchdog.release()
  }

  private func waitUntilReady() async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      do {
        let connection = try await PostgresConnection.connect(
          PostgresConfiguration(url: url(database: "postgres")))
        return await connection.close()
      } catch {
        if ContinuousClock.now > deadline { throw error }
        await Task.yield()
      }
    }
  }

  private static func configuration(
    _ directory: String, server: String, poolSize: Int, settings: [String: String]
  ) -> String {
    let defaults = [
      "listen_addr": "", "listen_port": "\(port)", "unix_socket_dir": directory,
      "logfile": "\(directory)/log", "auth_type": "any", "pool_mode": "transaction",
      "default_pool_size": "\(poolSize)",
    ]
    let lines = defaults.merging(settings) { $1 }.sorted { $0.key < $1.key }
      .map { "\($0.key) = \($0.value)\n" }
    return "[databases]\n* = host=\(server) port=5432 user=\(LocalPostgres.superuser)\n"
      + "[pgbouncer]\n" + lines.joined()
  }

  /// Discards PgBouncer's output: it has its log, and would block on a pipe without a reader.
  private static let script = """
    trap '' HUP INT TERM
    directory=$1
    shift
    "$@" </dev/null >/dev/null 2>&1 &
    pid=$!
    read -r _
    kill -KILL "$pid"
    rm -rf "$directory"
    """
}
