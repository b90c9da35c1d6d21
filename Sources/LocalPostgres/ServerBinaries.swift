internal import AnalyticsText
internal import Foundation
internal import Subprocess
internal import SystemPackage

/// The directory of `initdb`, `pg_ctl` and `postgres`.
package struct ServerBinaries: Sendable {
  let directory: String

  /// The path of one of the programs.
  package func path(of program: String) -> String { "\(directory)/\(program)" }

  /// Finds the newest installed PostgreSQL server.
  ///
  /// - Throws: `binariesNotFound`, with the package to install.
  package static func newest() async throws(LocalPostgresError) -> ServerBinaries {
    try await find()
  }

  /// Finds the newest installed PostgreSQL server of a version.
  ///
  /// - Parameter major: The required major version, since no other can run an existing cluster;
  ///   `nil` for any.
  /// - Throws: `binariesNotFound`, with the package to install.
  static func find(
    major: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) async throws(LocalPostgresError) -> ServerBinaries {
    for directory in await candidates(environment) {
      let binaries = ServerBinaries(directory: directory)
      guard ["initdb", "pg_ctl", "postgres"].allSatisfy(binaries.has) else { continue }
      guard let major else { return binaries }
      if await binaries.majorVersion() == major { return binaries }
    }
    throw missing(major, environment)
  }

  private func has(_ program: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: path(of: program))
  }

  private func majorVersion() async -> String? {
    await Self.output(of: .path(.init(path(of: "postgres"))), ["--version"])?
      .split(at: " ").last { $0.utf8.first?.isDigit == true }
      .map { String(decoding: $0.utf8.prefix(while: \.isDigit), as: UTF8.self) }
  }

  private static func candidates(_ environment: [String: String]) async -> [String] {
    if let directory = environment[overrideVariable], !directory.isEmpty { return [directory] }
    var directories: [String] = []
    if let directory = await output(of: .name("pg_config"), ["--bindir"]) {
      directories.append(directory)
    }
    directories += versions(in: "/usr/lib/postgresql").map { "/usr/lib/postgresql/\($0)/bin" }
    for prefix in ["/opt/homebrew/opt", "/usr/local/opt"] {
      directories += versions(in: prefix, named: "postgresql@").map { "\(prefix)/\($0)/bin" }
      directories.append("\(prefix)/postgresql/bin")
    }
    return directories
  }

  /// The entries of a directory with this prefix, the highest version first.
  private static func versions(in directory: String, named prefix: String = "") -> [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return entries.filter { $0.begins(with: prefix) }
      .sorted { $0.compare($1, options: .numeric) == .orderedDescending }
  }

  static func output(of executable: Executable, _ arguments: [String]) async -> String? {
    let result = try? await run(
      executable, arguments: Arguments(arguments), output: .string(limit: 4096))
    guard let result, result.terminationStatus.isSuccess else { return nil }
    return result.standardOutput.split(at: "\n").first.map { String($0.trimmed) }
  }

  private static func missing(
    _ major: String?, _ environment: [String: String]
  ) -> LocalPostgresError {
    let what = major.map { "PostgreSQL \($0), which made this cluster," } ?? "A PostgreSQL server"
    let place = environment[overrideVariable].map { " in \(overrideVariable)=\($0)" } ?? ""
    let debian = major.map { "postgresql-\($0)" } ?? "postgresql"
    let homebrew = major.map { "postgresql@\($0)" } ?? "postgresql@17"
    return LocalPostgresError(
      .binariesNotFound,
      "\(what) was not found\(place): run `apt-get install \(debian)` (Debian) or "
        + "`brew install \(homebrew)` (macOS), or set \(overrideVariable)")
  }

  private static let overrideVariable = "ANALYTICS_PG_BINDIR"
}
