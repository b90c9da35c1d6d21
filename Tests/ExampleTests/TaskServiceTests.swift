import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Testing

@Suite("The example service")
struct TaskServiceTests {
  @Test("stores all events that it reports as tracked, and leaves nothing in the spool")
  func storesItsTraffic() async throws {
    try await withTestDatabase { url in
      try await Migrator(AnalyticsDatabase(url: url)).apply()
      let spool = NSTemporaryDirectory() + "example-spool-" + UUID().uuidString
      defer { try? FileManager.default.removeItem(atPath: spool) }
      let output = try await run(["1"], environment: ["DATABASE_URL": url, "SPOOL_FOLDER": spool])

      let numbers = output.matches(of: /([a-z]+) ([0-9]+)/)
      let report = Dictionary(
        numbers.map { (String($0.1), Int($0.2) ?? -1) }, uniquingKeysWith: { first, _ in first })
      let tracked = try #require(report["tracked"], "the service said: \(output)")
      #expect(tracked > 0)
      #expect(report["stored"] == tracked)
      #expect(report["dropped"] == 0)

      let connection = try await PostgresConnection.connect(try PostgresConfiguration(url: url))
      let row = try await connection.query(
        """
        SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE event_type = 'task_rated'),
          count(*) FILTER (WHERE event_type = 'task_completed')
        FROM analytics_events
        """
      ).only()
      await connection.close()
      #expect(try row.decode(Int64.self, at: 0) == Int64(tracked))
      #expect(try row.decode(Int64.self, at: 1) == Int64(tracked))
      #expect(try row.decode(Int64.self, at: 2) == row.decode(Int64.self, at: 3))
      let left = FileManager.default.enumerator(atPath: spool)?.compactMap { $0 as? String } ?? []
      #expect(left.filter { $0.hasSuffix(".segment") }.isEmpty)
    }
  }

  @Test("names missing settings in one line")
  func saysWhatItNeeds() async throws {
    let output = try await run([], environment: [:])
    #expect(output.contains("DATABASE_URL is not set"))
  }

  /// Runs the example that was built beside these tests; returns what it said.
  private func run(_ arguments: [String], environment: [String: String]) async throws -> String {
    // A few lines: they fit the pipe until it is read.
    let output = Pipe()
    try await ChildProcess(
      product("TaskService").path, arguments, environment: environment, output: .pipe(output),
      error: .output
    ).ended()
    return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  }
}
