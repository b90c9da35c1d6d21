package import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// A private PostgreSQL cluster in a directory, for development, demos and tests.
///
/// It listens on a Unix socket in a directory that only this user, the server's user and root can
/// enter, and trusts every connection through it. If this process runs as root, the server runs as
/// user `postgres`.
package struct LocalPostgres: Sendable {
  /// The way in which the server ends its connections.
  package enum StopMode: String, Sendable {
    /// Rolls back open transactions.
    case fast
    /// Stops as in a crash: the next start recovers from the write-ahead log.
    case immediate
  }

  /// Creates a cluster by running programs.
  package typealias Creation = (ServerCommands) async throws(LocalPostgresError) -> Void

  package static let superuser = "postgres"

  /// The directory of the cluster.
  package var directory: String { cluster.path }

  /// The directory of the server's Unix socket.
  package var socketDirectory: String { cluster.socket }

  /// Whether the server was already running when it was asked to start.
  package let wasRunning: Bool

  let cluster: ClusterDirectory
  private let port: Int
  private let isTCP: Bool
  /// Runs PostgreSQL's programs on the cluster.
  package let commands: ServerCommands
  let watchdog: Watchdog?

  /// Starts the cluster in a directory, and creates it if it does not exist. If its server is
  /// already running, that server is used. The server keeps running when this process ends.
  ///
  /// - Parameters:
  ///   - settings: Settings of PostgreSQL, which override the defaults here. They have no effect on
  ///     a running server.
  ///   - listensOnTCP: Whether the server also listens on a free port of 127.0.0.1, with a
  ///     password.
  package static func start(
    in directory: String, settings: [String: String] = [:], listensOnTCP: Bool = false
  ) async throws(LocalPostgresError) -> LocalPostgres {
    try await start(
      ClusterDirectory(directory), settings: settings, listensOnTCP: listensOnTCP, watchdog: nil)
  }

  /// Starts a cluster in a temporary directory, which ``stop(_:)`` removes. It ends with this
  /// process, even if the process is killed.
  ///
  /// - Parameters:
  ///   - parent: The directory in which the temporary one is created.
  ///   - settings: Settings of PostgreSQL, which override the defaults here.
  ///   - isDurable: Whether commits survive a crash of the machine. Without it the server is
  ///     faster.
  ///   - listensOnTCP: Whether the server also listens on a free port of 127.0.0.1, with a
  ///     password.
  ///   - create: Creates the cluster in ``ServerCommands/dataDirectory``; `nil` for an empty one.
  package static func startTemporary(
    in parent: String = "/tmp", settings: [String: String] = [:], isDurable: Bool = false,
    listensOnTCP: Bool = false, creatingBy create: Creation? = nil
  ) async throws(LocalPostgresError) -> LocalPostgres {
    var all = isDurable ? [:] : ServerSettings.withoutDurability
    all.merge(settings) { _, own in own }
    let name = "analytics-pg-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    let directory = ClusterDirectory("\(parent)/\(name)")
    let watchdog = try await Watchdog(directory)
    do throws(LocalPostgresError) {
      return try await start(
        directory, settings: all, listensOnTCP: listensOnTCP, watchdog: watchdog, create)
    } catch {
      await watchdog.release()
      throw error
    }
  }

  private static func start(
    _ directory: ClusterDirectory, settings: [String: String], listensOnTCP: Bool,
    watchdog: Watchdog?, _ create: Creation? = nil
  ) async throws(LocalPostgresError) -> LocalPostgres {
    let account = try ServerAccount.current()
    try account.makePrivateDirectory(directory.path)
    try account.makePrivateDirectory(directory.socket)
    let binaries = try await ServerBinaries.find(major: directory.majorVersion)
    let commands = ServerCommands(binaries: binaries, account: account, directory: directory)
    return try await StartLock.hold(directory.lock) { () throws(LocalPostgresError) in
      if directory.isInitialized, try await commands.isRunning(),
        let running = directory.runningPort
      {
        return LocalPostgres(
          wasRunning: true, cluster: directory, port: running.port, isTCP: running.isTCP,
          commands: commands, watchdog: watchdog)
      }
      if !directory.isInitialized {
        if let create {
          try await create(commands)
        } else {
          try await commands.initialize(isDurable: watchdog == nil)
        }
      }
      let port = listensOnTCP ? try ServerSettings.freePort() : ServerSettings.socketPort
      let listening = ServerSettings.listening(
        socket: directory.socket, port: port, isTCP: listensOnTCP)
      try await commands.start(
        ServerSettings.defaults
          .merging(settings) { _, own in own }
          .merging(listening) { _, fixed in fixed })
      return LocalPostgres(
        wasRunning: false, cluster: directory, port: port, isTCP: listensOnTCP, commands: commands,
        watchdog: watchdog)
    }
  }
}

extension LocalPostgres {
  /// The URL of a database over the Unix socket.
  package func url(database: String) -> String {
    "postgres://\(Self.superuser)@/\(URLText.encoded(database))"
      + "?host=\(URLText.encoded(cluster.socket))&port=\(port)"
  }

  /// The URL of a database over TCP, with its password; `nil` if the server does not listen on TCP.
  package func tcpURL(database: String) -> String? {
    guard isTCP, let password = try? String(contentsOfFile: cluster.password, encoding: .utf8)
    else { return nil }
    return "postgres://\(Self.superuser):\(password)@127.0.0.1:\(port)/\(URLText.encoded(database))"
  }

  /// Creates a database if it does not exist.
  ///
  /// - Parameter template: The database to copy, to which no session may be connected.
  package func createDatabase(
    name: String, template: String = "template0"
  ) async throws(PostgresError) {
    let connection = try await PostgresConnection.connect(
      PostgresConfiguration(url: url(database: "postgres")))
    do throws(PostgresError) {
      try await connection.execute(
        "CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template)")
    } catch  where error.sqlState == .duplicateDatabase {
      // The database exists already.
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  /// Stops the server if it is running, and removes the directory of a temporary cluster.
  package func stop(_ mode: StopMode = .fast) async throws(LocalPostgresError) {
    if cluster.isInitialized, try await commands.isRunning() { try await commands.stop(mode) }
    await watchdog?.release()
  }

  /// Restarts the server with the same settings, port and socket.
  package func restart(_ mode: StopMode = .fast) async throws(LocalPostgresError) {
    try await commands.restart(mode)
  }
}
