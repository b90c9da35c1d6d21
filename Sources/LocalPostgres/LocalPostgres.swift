package import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// A private PostgreSQL cluster in a folder, for development, demos and tests.
///
/// It listens on a Unix socket in a folder that only this user, the server's user and root can
/// enter, and trusts who comes through there. When this process is root, the server runs as user
/// `postgres`.
package struct LocalPostgres: Sendable {
  /// How the server ends its connections.
  package enum StopMode: String, Sendable {
    /// Waits until all clients have left.
    case smart
    /// Rolls back open transactions.
    case fast
    /// As in a crash: the next start recovers from the log.
    case immediate
  }

  package static let superuser = "postgres"

  /// Where the cluster is.
  package var folder: String { cluster.path }

  /// Where the server's Unix socket is.
  package var socketFolder: String { cluster.socket }

  /// The server's log file.
  package var logFile: String { cluster.log }

  /// Whether the server was running already when it was asked to start.
  package let wasRunning: Bool

  let cluster: ClusterFolder
  private let port: Int
  private let isTCP: Bool
  let commands: ServerCommands
  let watchdog: Watchdog?

  /// Starts the cluster in a folder, making it if it is new; uses the server that runs there
  /// already, if one does. The server stays when this process ends.
  ///
  /// - Parameters:
  ///   - settings: PostgreSQL's own, over the defaults here. Without effect on a server that runs.
  ///   - listensOnTCP: Whether to listen on a free port of 127.0.0.1 also, with a password.
  package static func start(
    in folder: String, settings: [String: String] = [:], listensOnTCP: Bool = false
  ) async throws(LocalPostgresError) -> LocalPostgres {
    try await start(
      ClusterFolder(folder), settings: settings, listensOnTCP: listensOnTCP, watchdog: nil)
  }

  /// Starts a cluster in a temporary folder of its own, which ``stop(_:)`` removes. It ends with
  /// this process, also when that is killed.
  ///
  /// - Parameters:
  ///   - parent: Where that folder is made.
  ///   - settings: PostgreSQL's own, over the defaults here.
  ///   - isDurable: Whether commits survive a crash of the machine; off, it is faster.
  ///   - listensOnTCP: Whether to listen on a free port of 127.0.0.1 also, with a password.
  package static func startTemporary(
    in parent: String = "/tmp", settings: [String: String] = [:], isDurable: Bool = false,
    listensOnTCP: Bool = false
  ) async throws(LocalPostgresError) -> LocalPostgres {
    var all = isDurable ? [:] : ServerSettings.withoutDurability
    all.merge(settings) { _, own in own }
    return try await temporary(in: parent) { folder, watchdog throws(LocalPostgresError) in
      try await start(folder, settings: all, listensOnTCP: listensOnTCP, watchdog: watchdog)
    }
  }

  /// Starts a cluster in a folder that goes with it.
  static func temporary(
    in parent: String = "/tmp",
    _ start: (ClusterFolder, Watchdog) async throws(LocalPostgresError) -> LocalPostgres
  ) async throws(LocalPostgresError) -> LocalPostgres {
    let name = "analytics-pg-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    let folder = ClusterFolder("\(parent)/\(name)")
    let watchdog = try await Watchdog(folder)
    do throws(LocalPostgresError) {
      return try await start(folder, watchdog)
    } catch {
      await watchdog.release()
      throw error
    }
  }

  static func start(
    _ folder: ClusterFolder, settings: [String: String], listensOnTCP: Bool,
    watchdog: Watchdog?
  ) async throws(LocalPostgresError) -> LocalPostgres {
    let account = try ServerAccount.current()
    try account.makePrivateFolder(folder.path)
    try account.makePrivateFolder(folder.socket)
    let binaries = try await ServerBinaries.find(major: folder.majorVersion)
    let commands = ServerCommands(binaries: binaries, account: account, folder: folder)
    return try await StartLock.hold(folder.lock) { () throws(LocalPostgresError) in
      if folder.isInitialized, try await commands.isRunning(), let running = folder.runningPort {
        return LocalPostgres(
          wasRunning: true, cluster: folder, port: running.port, isTCP: running.isTCP,
          commands: commands, watchdog: watchdog)
      }
      if !folder.isInitialized { try await commands.initialize(isDurable: watchdog == nil) }
      let port = listensOnTCP ? try ServerSettings.freePort() : ServerSettings.socketPort
      let listening = ServerSettings.listening(
        socket: folder.socket, port: port, isTCP: listensOnTCP)
      try await commands.start(
        ServerSettings.defaults
          .merging(settings) { _, own in own }
          .merging(listening) { _, fixed in fixed })
      return LocalPostgres(
        wasRunning: false, cluster: folder, port: port, isTCP: listensOnTCP, commands: commands,
        watchdog: watchdog)
    }
  }
}

extension LocalPostgres {
  /// The URL of a database over the Unix socket.
  package func url(database: String) -> String {
    "postgres://\(Self.superuser)@/\(Self.escape(database))"
      + "?host=\(Self.escape(cluster.socket))&port=\(port)"
  }

  /// The URL of a database over TCP, with its password; nil when the server does not listen there.
  package func tcpURL(database: String) -> String? {
    guard isTCP, let password = try? String(contentsOfFile: cluster.password, encoding: .utf8)
    else { return nil }
    return "postgres://\(Self.superuser):\(password)@127.0.0.1:\(port)/\(Self.escape(database))"
  }

  /// Makes a database if it is not there.
  ///
  /// - Parameter template: The database to copy; nobody may be connected to it.
  package func createDatabase(
    name: String, template: String = "template0"
  ) async throws(PostgresError) {
    let connection = try await PostgresConnection.connect(
      PostgresConfiguration(url: url(database: "postgres")))
    do throws(PostgresError) {
      try await connection.execute(
        "CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template)")
    } catch  where error.sqlState == .duplicateDatabase {
      // It is there: what was asked for.
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  /// Gives a file or folder that this process has made to the server's user.
  package func takeOver(_ path: String) throws(LocalPostgresError) {
    try commands.account.takeOver(files: [path])
  }

  /// Stops the server, if it runs; removes the folder of a temporary cluster.
  package func stop(_ mode: StopMode = .fast) async throws(LocalPostgresError) {
    if cluster.isInitialized, try await commands.isRunning() { try await commands.stop(mode) }
    await watchdog?.release()
  }

  /// Stops the server and starts it again with the same settings, port and socket.
  package func restart(_ mode: StopMode = .fast) async throws(LocalPostgresError) {
    try await commands.restart(mode)
  }

  private static func escape(_ text: String) -> String {
    URLText.encoded(text)
  }
}
