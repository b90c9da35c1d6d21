import AnalyticsConnections
import ArgumentParser
import LocalPostgres

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Which database a command works on.
struct DatabaseOptions: ParsableArguments {
  @Option(
    name: .customLong("database-url"),
    help: ArgumentHelp(
      "postgres://user:password@host:port/database. Others on this machine can see it: prefer the environment variables DATABASE_URL or PLATFORM_DATABASE_URL.",
      valueName: "url"))
  var databaseURL: String?

  @Flag(help: "Use the private database in the local folder; start it if it is not running.")
  var local = false

  @Option(help: ArgumentHelp("Where the private database is.", valueName: "folder"))
  var localFolder = LocalDatabase.defaultFolder

  @Option(
    help: ArgumentHelp(
      "The schema of the tables; `migrate` makes it. By default the first of search_path.",
      valueName: "name"))
  var schema: String?

  /// With `--local` the server is running when this returns.
  func database() async throws -> AnalyticsDatabase {
    try AnalyticsDatabase(url: try await url(), schema: schema)
  }

  /// The URL to connect to. With `--local` the server is running when this returns.
  func url() async throws -> String {
    if local {
      guard databaseURL == nil else {
        throw ValidationError("--local and --database-url name two databases; give one of them")
      }
      return try await LocalDatabase.start(in: localFolder)
    }
    guard let url = databaseURL ?? Self.fromEnvironment(ProcessInfo.processInfo.environment) else {
      throw CommandError(
        "no database: set DATABASE_URL or PLATFORM_DATABASE_URL, or give --database-url or --local")
    }
    return url
  }

  /// The options with which another command finds the database of `--local`. A database that is given by its URL has
  /// none: the URL may hold a password.
  var optionsOfLocal: [String] {
    guard local else { return [] }
    return ["--local"]
      + (localFolder == LocalDatabase.defaultFolder ? [] : ["--local-folder", localFolder])
  }

  /// Whether there is any database to ask.
  var isGiven: Bool {
    local || databaseURL != nil || Self.fromEnvironment(ProcessInfo.processInfo.environment) != nil
  }

  /// What deployments of the platform set; an empty variable is as good as none.
  static func fromEnvironment(_ environment: [String: String]) -> String? {
    ["DATABASE_URL", "PLATFORM_DATABASE_URL"].lazy
      .compactMap { environment[$0] }.first { !$0.isEmpty }
  }
}

/// The private database of `--local`: one cluster in a folder, one database in it.
enum LocalDatabase {
  static let defaultFolder = ".local/postgres"
  private static let name = "analytics"

  /// Starts the cluster if it is not running; returns the database's URL.
  static func start(in folder: String) async throws -> String {
    let cluster = try await LocalPostgres.start(in: folder)
    try await cluster.createDatabase(name: name)
    return cluster.url(database: name)
  }

  /// Stops the cluster if it is running.
  static func stop(in folder: String) async throws {
    guard FileManager.default.fileExists(atPath: folder + "/data/postmaster.pid") else { return }
    try await LocalPostgres.start(in: folder).stop()
  }
}
