internal import AnalyticsPostgres
internal import Foundation

/// A private PgBouncer in transaction mode before a private server, for tests. It ends with this
/// process, and with the last that holds it.
package final class LocalPgBouncer: Sendable {
  /// Where PgBouncer is installed; `nil` if it is not.
  private static let binary = ["/usr/sbin", "/usr/bin", "/opt/homebrew/bin", "/usr/local/bin"]
    .map { "\($0)/pgbouncer" }.first(where: FileManager.default.isExecutableFile)

  package static var isInstalled: Bool { binary != nil }

  /// What to say of a test that is skipped without it.
  package static let absence = "PgBouncer is not installed: run `apt-get install pgbouncer`"

  private static let port = 6432

  private let folder: String
  private let watchdog: Watchdog

  private init(folder: String, watchdog: Watchdog) {
    self.folder = folder
    self.watchdog = watchdog
  }

  /// Starts it; returns once it takes clients.
  ///
  /// - Parameters:
  ///   - socketFolder: Where the server's Unix socket is.
  ///   - poolSize: How many connections to the server it has for each database.
  ///   - settings: PgBouncer's own, over the defaults here.
  package static func start(
    before socketFolder: String, poolSize: Int, settings: [String: String] = [:]
  ) async throws -> LocalPgBouncer {
    guard let binary else { throw LocalPostgresError(.binariesNotFound, absence) }
    let account = try ServerAccount.current()
    let folder = "/tmp/analytics-pgb-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    try account.makePrivateFolder(folder)
    try account.takeOver(files: ["", "/.s.PGSQL.5432"].map { socketFolder + $0 })
    let file = "\(folder)/pgbouncer.ini"
    try configuration(folder, server: socketFolder, poolSize: poolSize, settings: settings)
      .write(toFile: file, atomically: false, encoding: .utf8)
    try account.takeOver(files: [file])
    let command = try account.command(binary, [file])
    let watchdog = try await Watchdog(
      script: script, [folder, command.program] + command.arguments)
    let bouncer = LocalPgBouncer(folder: folder, watchdog: watchdog)
    try await bouncer.waitUntilReady()
    return bouncer
  }

  /// The URL of a database through it.
  package func url(database: String) -> String {
    "postgres://postgres@/\(database)?host=\(folder)&port=\(Self.port)"
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
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  private static func configuration(
    _ folder: String, server: String, poolSize: Int, settings: [String: String]
  ) -> String {
    let defaults = [
      "listen_addr": "", "listen_port": "\(port)", "unix_socket_dir": folder,
      "logfile": "\(folder)/log", "auth_type": "any", "pool_mode": "transaction",
      "default_pool_size": "\(poolSize)",
    ]
    let lines = defaults.merging(settings) { $1 }.sorted { $0.key < $1.key }
      .map { "\($0.key) = \($0.value)\n" }
    return "[databases]\n* = host=\(server) port=5432 user=\(LocalPostgres.superuser)\n"
      + "[pgbouncer]\n" + lines.joined()
  }

  /// PgBouncer's output goes nowhere: it has its log, and a pipe that nobody reads would stop it.
  private static let script = """
    trap '' HUP INT TERM
    folder=$1
    shift
    "$@" </dev/null >/dev/null 2>&1 &
    pid=$!
    read -r _
    kill -KILL "$pid"
    rm -rf "$folder"
    """
}
