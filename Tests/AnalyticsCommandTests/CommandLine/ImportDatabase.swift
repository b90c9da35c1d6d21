import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

/// A migrated database for one test, with queries of its contents.
struct ImportDatabase: Sendable {
  let url: String
  let connection: PostgresConnection

  /// - Parameter engine: The value of the option of `migrate`.
  static func with<Result>(
    on server: SharedTestServer = .shared, engine: String = "auto",
    _ body: (ImportDatabase) async throws -> Result
  ) async throws -> Result {
    try await withTestDatabase(on: server) { url in
      let migrated = try await analytics(
        "migrate", "all", "--engine", engine, environment: ["DATABASE_URL": url])
      try #require(migrated.exitCode == 0, "\(migrated.error)")
      let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      // If the test throws, dropping the database ends the connection.
      let result = try await body(ImportDatabase(url: url, connection: connection))
      await connection.close()
      return result
    }
  }

  /// The URL of the same database with another parameter.
  func url(adding parameter: String) -> String {
    url + (url.contains("?") ? "&" : "?") + parameter
  }

  /// Imports, and reads the summary of the import.
  func importing(
    _ arguments: String..., input: String? = nil
  ) async throws -> (summary: Summary, outcome: CommandRun.Outcome) {
    let run = try CommandRun(
      ["import", "--json"] + arguments, environment: ["DATABASE_URL": url],
      takesInput: input != nil)
    if let input {
      try run.send(input)
      try run.closeInput()
    }
    let outcome = try await run.outcome()
    return (try Summary(outcome), outcome)
  }

  /// Stores the events that `analytics demo` generates for some days until now.
  func storeDemo(days: Int) async throws {
    let demo = try await analytics(
      "demo", "--seed", "1", "--history", String(days), "--for", "2",
      environment: ["DATABASE_URL": url])
    #expect(demo.exitCode == 0, "\(demo.error)")
  }

  /// The first column of the first row.
  func number(_ sql: String) async throws -> Int {
    Int(try await connection.query(sql).only().decode(Int64.self, at: 0))
  }

  func text(_ sql: String) async throws -> String? {
    try await connection.query(sql).only().decode(String?.self, at: 0)
  }

  func query(_ sql: String) async throws -> PostgresRows { try await connection.query(sql) }
  func execute(_ script: String) async throws { try await connection.execute(script) }

  var eventCount: Int {
    get async throws { try await number("SELECT count(*) FROM analytics_events") }
  }

  /// The number of events of each type.
  var countsByType: [String: Int] {
    get async throws {
      let rows = try await connection.query(
        "SELECT event_type, count(*) FROM analytics_events GROUP BY 1")
      var counts: [String: Int] = [:]
      for row in rows {
        counts[try row.decode(String.self, at: 0)] = Int(try row.decode(Int64.self, at: 1))
      }
      return counts
    }
  }

  /// Waits until this many events are stored. It polls the database, because nothing signals that events are stored.
  func waitForEvents(_ count: Int) async throws {
    let deadline = ContinuousClock.now + .seconds(300)
    while try await eventCount < count {
      try #require(ContinuousClock.now < deadline, "\(count) events were not stored in a minute")
    }
  }
}

extension ImportDatabase {
  /// The number of events, once the server has noticed that its client was killed, and has committed or rolled back the
  /// client's last transaction.
  func settledEventCount() async throws -> Int {
    let deadline = ContinuousClock.now + .seconds(300)
    let others = """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
      """
    while try await number(others) > 0 {
      try #require(ContinuousClock.now < deadline, "the killed client's sessions stay")
    }
    return try await eventCount
  }
}

/// The output of `import --json`.
struct Summary: Decodable, Equatable {
  var lines: Int
  var stored: Int
  var duplicates: Int
  var rejected: Int
  var bad: Int
  var ending: String

  init(lines: Int, stored: Int, duplicates: Int = 0, bad: Int = 0, ending: String = "complete") {
    (self.lines, self.stored, self.duplicates) = (lines, stored, duplicates)
    (self.rejected, self.bad, self.ending) = (0, bad, ending)
  }

  init(_ outcome: CommandRun.Outcome) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(outcome.output.utf8))
    } catch {
      Issue.record("no summary, but: \(outcome.output)\(outcome.error)")
      throw error
    }
  }
}

/// A valid line. Each number gives a different line.
func goodLine(_ number: Int) -> String {
  let digits = String(number)
  let id = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
  return #"{"timestamp":"2026-11-01T08:09:10.123456Z","event":{"type":"task_started","#
    + #""task_id":"\#(id)","user_id":"\#(someUUID)"}}"# + "\n"
}

/// The same line at another time, to the second.
func goodLine(_ number: Int, at time: Date) -> String {
  goodLine(number).replacing("2026-11-01T08:09:10.123456Z", with: time.ISO8601Format())
}
