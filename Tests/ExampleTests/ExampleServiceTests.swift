import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite("The example services", .timeLimit(.minutes(60)))
struct ExampleServiceTests {
  @Test("store all events that TaskService reports as tracked, and leave nothing in its spool")
  func storesItsTraffic() async throws {
    try await withTestDatabase { url in
      try await Migrator(AnalyticsDatabase(url: url)).apply()
      let spool = NSTemporaryDirectory() + "example-spool-" + UUID().uuidString
      defer { try? FileManager.default.removeItem(atPath: spool) }
      let (ending, output) = try await run(
        ["1"], environment: ["DATABASE_URL": url, "SPOOL_DIRECTORY": spool])
      #expect(ending == .exited(0))

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
      expectEmpty(spool)
    }
  }

  @Test("track the requests of a Hummingbird service and its tasks")
  func hummingbird() async throws {
    try await withTestDatabase { url in
      try await Migrator(AnalyticsDatabase(url: url)).apply()
      try await withTemporaryDirectory { directory in
        let output = directory + "/output"
        let service = try ChildProcess(
          product("HummingbirdService").path,
          environment: ["DATABASE_URL": url, "SPOOL_DIRECTORY": directory + "/spool", "PORT": "0"],
          output: .file(output))
        defer { service.signal(SIGKILL) }
        func said() -> String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }
        try await until { said().contains("\n") || !service.isRunning }
        let address = try #require(said().firstMatch(of: /listening on ([0-9.:]+)\n/)?.1)

        let tasks = try #require(URL(string: "http://\(address)/tasks"))
        var request = URLRequest(url: tasks)
        request.httpMethod = "POST"
        request.httpBody = Data("make all".utf8)
        let (task, _) = try await URLSession.shared.data(for: request)
        let known = tasks.appending(path: String(decoding: task, as: UTF8.self))
        let (command, _) = try await URLSession.shared.data(from: known)
        #expect(String(decoding: command, as: UTF8.self) == "make all")
        _ = try await URLSession.shared.data(from: tasks.appending(path: UUID().uuidString))

        service.signal(SIGTERM)
        #expect(await service.ended() == .exited(0))
        #expect(said().contains("stored 4 of 4"))
        expectEmpty(directory + "/spool")
      }
      #expect(
        try await stored(in: url) == [
          "api_request GET /tasks/{id} 200", "api_request GET /tasks/{id} 404",
          "api_request POST /tasks 201", "task_created",
        ])
    }
  }

  @Test("track the calls of a gRPC service")
  func grpc() async throws {
    try await withTestDatabase { url in
      try await Migrator(AnalyticsDatabase(url: url)).apply()
      try await withTemporaryDirectory { directory in
        let spool = directory + "/spool"
        let (ending, output) = try await run(
          [], of: "GRPCService", environment: ["DATABASE_URL": url, "SPOOL_DIRECTORY": spool])
        #expect(ending == .exited(0))
        #expect(output.contains("stored 10 of 10"), "the service said: \(output)")
        expectEmpty(spool)
      }
      let calls = [
        "api_request gRPC /tasks.Tasks/Run 200", "api_request gRPC /tasks.Tasks/Run 400",
      ]
      #expect(try await stored(in: url) == calls.flatMap { [String](repeating: $0, count: 5) })
    }
  }

  @Test(
    "name missing settings in one line",
    arguments: ["TaskService", "HummingbirdService", "GRPCService"])
  func saysWhatItNeeds(example: String) async throws {
    let (ending, output) = try await run([], of: example, environment: [:])
    #expect(ending == .exited(1))
    #expect(
      output
        == "DATABASE_URL is not set in the environment; set it to the URL of the events' database\n"
    )
  }

  /// The stored events. A line has the event's type, and for a request also what was requested and its status.
  private func stored(in url: String) async throws -> [String] {
    let connection = try await PostgresConnection.connect(try PostgresConfiguration(url: url))
    let rows = try await connection.query(
      """
      SELECT concat_ws(' ', event_type, data->>'method', data->>'endpoint', data->>'status_code') AS line
      FROM analytics_events
      """)
    await connection.close()
    return try rows.map { try $0.decode(String.self, "line") }.sorted()
  }

  /// Checks that a service made its spool, and left it empty.
  private func expectEmpty(_ spool: String) {
    #expect(FileManager.default.fileExists(atPath: spool), "SPOOL_DIRECTORY was ignored")
    #expect(contents(of: spool) == [])
  }

  /// Runs an example that was built beside these tests. Returns how it ended, and its output.
  private func run(
    _ arguments: [String], of example: String = "TaskService", environment: [String: String]
  ) async throws -> (ending: ChildProcess.Ending, output: String) {
    // The output has only a few lines, which fit into the pipe's buffer until it is read.
    let output = Pipe()
    let ending = try await ChildProcess(
      product(example).path, arguments, environment: environment, output: .pipe(output),
      error: .output
    ).ended()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    return (ending, String(decoding: said, as: UTF8.self))
  }
}
