import AnalyticsConnections
import ArgumentParser
import LocalPostgres

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The options that name the database of a command.
struct DatabaseOptions: ParsableArguments {
  @Option(
    name: .customLong("database-url"),
    help: ArgumentHelp(
      "postgres://user:password@host:port/database. Others on this machine can see it: prefer the environment variables DATABASE_URL or PLATFORM_DATABASE_URL.",
      valueName: "url"))
  var databaseURL: String?

  @Flag(help: "Use the private database in the local directory; start it if it is not running.")
  var local = false

  @Option(help: ArgumentHelp("The directory of the private database.", valueName: "directory"))
  var localDirectory = LocalDatabase.defaultDirectory

  @Option(
    help: ArgumentHelp(
      "The schema of the tables; `migrate` makes it. By default the first of search_path.",
      valueName: "name"))
  var schema: String?

  /// The database to use. With `--local`, starts the server if it is not running.
  func database() async throws -> AnalyticsDatabase {
    try AnalyticsDatabase(url: try await url(), schema: schema)
  }

  /// The URL to connect to. With `--local`, starts the server if it is not running.
  func url() async throws -> String {
    if local {
      guard databaseURL == nil else {
        throw ValidationError("--local and --database-url name two databases; give one of them")
      }
      return try await LocalDatabase.start(in: localDirectory)
    }
    guard let url = databaseURL ?? Self.fromEnvironment(ProcessInfo.processInfo.environment) else {
      throw CommandError(
        "no database: set DATABASE_URL or PLATFORM_DATABASE_URL, or give --database-url or --local")
    }
    return url
  }

  /// The options with which another command finds the database of `--local`. For a database given
  /// by its URL they are empty, since the URL may contain a password.
  var optionsOfLocal: [String] {
    guard local else { return [] }
    return ["--local"]
      + (localDirectory == LocalDatabase.defaultDirectory
        ? [] : ["--local-directory", localDirectory])
  }

  /// Whether a database is given by options or the environment.
  var isGiven: Bool {
    local || databaseURL != nil || Self.fromEnvironment(ProcessInfo.processInfo.environment) != nil
  }

  /// Reads the variables that deployments of the platform set. An empty variable counts as missing.
  static func fromEnvironment(_ environment: [String: String]) -> String? {
    ["DATABASE_URL", "PLATFORM_DATABASE_URL"].lazy
      .compactMap { environment[$0] }.first { !$0.isEmpty }
  }
}

/// The private database of `--local`: a cluster in a directory, with one database.
enum LocalDatabase {
  static let defaultDirectory = ".local/postgres"
  private static let name = "analytics"

  /// Starts the cluster if it is not running, and returns the database's URL.
  static func start(in directory: String) async throws -> String {
    let cluster = try await LocalPostgres.start(in: directory)
    try await cluster.createDatabase(name: name)
    return cluster.url(database: name)
  }

  /// Stops the cluster if it is running.
  static func stop(in directory: String) async throws {
    guard FileManager.default.fileExists(atPath: directory + "/data/postmaster.pid") else { return }
    try await LocalPostgres.start(in: directory).stop()
  }
}
