import Foundation

/// The database of the benchmarks. They use it as a person would: through psql and the command `analytics`.
struct Database {
  let url: String
  let analytics: String
  /// The schema of the tables; `nil` for the first schema of `search_path`.
  var schema: String?

  /// Reads `DATABASE_URL` and `ANALYTICS_BIN`, which `scripts/bench` sets.
  static func fromEnvironment() throws -> Database {
    let environment = ProcessInfo.processInfo.environment
    guard let url = environment["DATABASE_URL"], let analytics = environment["ANALYTICS_BIN"] else {
      throw BenchError("set DATABASE_URL and ANALYTICS_BIN, or run `make bench`")
    }
    return Database(url: url, analytics: analytics)
  }

  @discardableResult
  func psql(_ arguments: String...) throws -> String {
    try Self.run(
      "psql", ["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", url] + arguments,
      environment: schema.map { ["PGOPTIONS": "-c search_path=\($0)"] } ?? [:])
  }

  /// Runs scripts at the same time, each in a session of its own.
  func psqlAtOnce(_ files: [String]) throws {
    let sessions = files.map { "psql -X -q -v ON_ERROR_STOP=1 -d \"$0\" -f '\($0)' & pids+=($!)" }
    let all =
      sessions.joined(separator: "\n") + "\nfor pid in ${pids[@]}; do wait $pid || exit 1; done"
    _ = try Self.run("bash", ["-c", all, url])
  }

  @discardableResult
  func analytics(_ arguments: String...) throws -> String { try analytics(arguments) }

  @discardableResult
  func analytics(_ arguments: [String]) throws -> String {
    try Self.run(
      analytics, arguments + (schema.map { ["--schema", $0] } ?? []),
      environment: ["DATABASE_URL": url])
  }

  /// Stops the private server if `command` is `stop`, and starts it again if `command` is `nil`.
  func server(_ command: String?) throws {
    guard let directory = ProcessInfo.processInfo.environment["ANALYTICS_LOCAL_DIRECTORY"] else {
      throw BenchError("set ANALYTICS_LOCAL_DIRECTORY, or run `scripts/bench`")
    }
    try analytics(["local"] + [command].compactMap(\.self) + ["--local-directory", directory])
  }

  /// Empties the events and all rollups, and the table without rollups where it is there. Events whose
  /// figures stay would be refused the next time, as removed by hand.
  func empty() throws {
    try psql(
      "-c",
      """
      DO $do$ BEGIN EXECUTE (
        SELECT 'TRUNCATE analytics_events, analytics_users_kept, analytics_members_kept, '
               || 'analytics_users_by_first_day_kept, analytics_numbers, analytics_pending, '
               || string_agg(oid::regclass::text, ', ')
        FROM pg_class
        WHERE relkind = 'r' AND relname ~ '^analytics_rollup_.*_v[0-9]+$'
          AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'analytics_events'::regclass)
          OR oid = to_regclass('bare.analytics_events')
      ); INSERT INTO analytics_numbers VALUES ('', 0); END $do$
      """)
    // Writes that the last round left to the server must not slow down the next round.
    try psql("-c", "CHECKPOINT")
  }

  static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchError("\(program) failed with code \(process.terminationStatus)")
    }
    return String(decoding: output, as: UTF8.self)
  }
}

struct BenchError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

func seconds(_ body: () async throws -> Void) async rethrows -> Double {
  let start = ContinuousClock.now
  try await body()
  let duration = ContinuousClock.now - start
  return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}
