internal import AnalyticsText
internal import Foundation
internal import Subprocess
internal import SystemPackage

/// Runs PostgreSQL's programs on a cluster, as the server's user.
package struct ServerCommands: Sendable {
  let binaries: ServerBinaries
  let account: ServerAccount
  let directory: ClusterDirectory

  /// The directory of the cluster's data.
  package var dataDirectory: String { directory.data }

  /// Creates the cluster with UTF-8, the C locale, trust on the private socket and a password on
  /// TCP.
  ///
  /// - Parameter isDurable: Whether to wait until the cluster is synced to the disk.
  func initialize(isDurable: Bool) async throws(LocalPostgresError) {
    try remove(directory.unfinishedData)
    let password = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }
    try write(password.joined(), to: directory.password)
    try await succeed(
      "initdb",
      ["-D", directory.unfinishedData, "-U", LocalPostgres.superuser, "-E", "UTF8", "--locale=C"]
        + ["--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile=\(directory.password)"]
        + (isDurable ? [] : ["--no-sync"]))
    let configuration = "\(directory.unfinishedData)/postgresql.conf"
    let shipped = (try? String(contentsOfFile: configuration, encoding: .utf8)) ?? ""
    try write(shipped + "\ninclude = 'local.conf'\n", to: configuration)
    guard rename(directory.unfinishedData, directory.data) == 0 else {
      throw LocalPostgresError(.directoryUnusable, "cannot rename \(directory.unfinishedData)")
    }
  }

  /// The time limit for starting or stopping a server, in seconds. Recovery and the last checkpoint
  /// can take long.
  package static let timeout = "180"

  /// Starts the server; returns once it accepts connections.
  func start(_ settings: [String: String]) async throws(LocalPostgresError) {
    let lines = settings.sorted { $0.key < $1.key }.map { name, value in
      "\(name) = '\(value.replacing("'", by: "''"))'\n"
    }
    try write(lines.joined(), to: directory.settings)
    try await succeed(
      "pg_ctl",
      ["start", "-D", directory.data, "-l", directory.log, "-w", "-t", Self.timeout, "-s"])
  }

  func stop(_ mode: LocalPostgres.StopMode) async throws(LocalPostgresError) {
    try await succeed(
      "pg_ctl", ["stop", "-D", directory.data, "-m", mode.rawValue, "-w", "-t", Self.timeout, "-s"])
  }

  func restart(_ mode: LocalPostgres.StopMode) async throws(LocalPostgresError) {
    try await succeed(
      "pg_ctl",
      [
        "restart", "-D", directory.data, "-l", directory.log, "-m", mode.rawValue, "-w", "-t",
        Self.timeout, "-s",
      ])
  }

  func isRunning() async throws(LocalPostgresError) -> Bool {
    try await execute("pg_ctl", ["status", "-D", directory.data]).succeeded
  }

  /// Runs one of the programs.
  ///
  /// - Throws: `commandFailed`, with the reason, if it fails.
  package func succeed(
    _ program: String, _ arguments: [String]
  ) async throws(LocalPostgresError) {
    let (succeeded, output) = try await execute(program, arguments)
    guard !succeeded else { return }
    let lines = output.split(at: "\n")
    let reason =
      lines.first { line in
        ["error:", "FATAL", "could not", "did not"].contains { line.has(bytesOf: $0) }
      } ?? lines.first ?? "no reason"
    let cause = program == "pg_ctl" ? directory.lastFailure.map { ": \($0)" } ?? "" : ""
    throw LocalPostgresError(
      .commandFailed,
      "\(program) failed in \(directory.path): \(reason)\(cause); see \(directory.log)")
  }

  private func execute(
    _ program: String, _ arguments: [String]
  ) async throws(LocalPostgresError) -> (succeeded: Bool, output: String) {
    let command = try account.command(binaries.path(of: program), arguments)
    do {
      let result = try await run(
        .path(FilePath(command.program)), arguments: Arguments(command.arguments),
        environment: .inherit.updating(["LC_ALL": "C"]),
        // The server's user may not be able to enter the caller's current directory.
        workingDirectory: FilePath(directory.path),
        output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
      return (
        result.terminationStatus.isSuccess, result.standardError + result.standardOutput
      )
    } catch {
      throw LocalPostgresError(.commandFailed, "\(program) could not be run: \(error)")
    }
  }

  /// Writes a file that only the server's user can read.
  private func write(_ text: String, to path: String) throws(LocalPostgresError) {
    let attributes: [FileAttributeKey: Any] = [
      .posixPermissions: 0o600, .ownerAccountID: account.userID,
      .groupOwnerAccountID: account.groupID,
    ]
    let files = FileManager.default
    guard files.createFile(atPath: path, contents: Data(text.utf8), attributes: attributes) else {
      throw LocalPostgresError(.directoryUnusable, "cannot write \(path)")
    }
  }

  private func remove(_ path: String) throws(LocalPostgresError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw LocalPostgresError(.directoryUnusable, "cannot remove \(path)")
    }
  }
}
