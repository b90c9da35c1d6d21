import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Following events", .timeLimit(.minutes(60)))
struct TailTests {
  @Test("shows the newest events, then each that arrives, even with an old time; Ctrl-C ends it")
  func follows() async throws {
    try await ImportDatabase.with { database in
      _ = try await database.importing("-", input: (1...5).map { event($0) }.joined())
      let tail = try CommandRun(
        ["tail", "--json", "-n", "2"], environment: ["DATABASE_URL": database.url])
      try await database.wait(for: ["4", "5"], from: tail)
      _ = try await database.importing("-", input: event(6))
      try await database.wait(for: ["4", "5", "6"], from: tail)
      _ = try await database.importing("-", input: event(7, at: "2011-01-01T00:00:00Z"))
      try await database.wait(for: ["4", "5", "6", "7"], from: tail)
      tail.signal(SIGINT)
      let outcome = try await tail.outcome()
      #expect(outcome.exitCode == 0)
      #expect(outcome.error == "")
    }
  }

  @Test("shows an event once that is committed after later events")
  func lateCommit() async throws {
    try await ImportDatabase.with { database in
      _ = try await database.importing("-", input: event(1))
      let slow = try await PostgresConnection.connect(PostgresConfiguration(url: database.url))
      try await slow.execute("BEGIN; \(insert(2))")
      let tail = try CommandRun(
        ["tail", "--json"], environment: ["DATABASE_URL": database.url])
      try await database.wait(for: ["1"], from: tail)
      for number in 3...6 {
        _ = try await database.importing("-", input: event(number))
        try await database.wait(for: ["1"] + (3...number).map(String.init), from: tail)
      }
      try await slow.execute("COMMIT")
      await slow.close()
      try await database.wait(for: ["1", "3", "4", "5", "6", "2"], from: tail)
      tail.signal(SIGTERM)
      #expect(numbers(try await tail.outcome().output) == ["1", "3", "4", "5", "6", "2"])
    }
  }

  @Test(
    "continues while TimescaleDB compresses a chunk, and shows events that arrive in it afterwards",
    .enabled("TimescaleDB is not installed") { try await SharedTestServer.hasTimescale() })
  func compression() async throws {
    try await ImportDatabase.with(on: .timescale) { database in
      _ = try await database.importing("-", input: event(1))
      let tail = try CommandRun(
        ["tail", "--json"], environment: ["DATABASE_URL": database.url])
      try await database.wait(for: ["1"], from: tail)
      try await database.execute(
        "SELECT compress_chunk(partition, if_not_compressed => true) FROM analytics_partitions()")
      _ = try await database.importing("-", input: event(2))
      try await database.wait(for: ["1", "2"], from: tail)
      tail.signal(SIGINT)
      #expect(try await tail.outcome().error == "")
    }
  }

  @Test("shows only the selected events, and no control characters")
  func filters() async throws {
    try await ImportDatabase.with { database in
      let tail = try CommandRun(
        ["tail", "--type", "a,it's", "--service", "jobs", "--user", someUUID],
        environment: ["DATABASE_URL": database.url])
      for (type, service) in [("a", "jobs"), ("b", "jobs"), ("a", "x"), ("it's", "jobs")] {
        _ = try await database.importing(
          "-",
          input: line(
            event: #""type":"\#(type)","user_id":"\#(someUUID)","text":"\u009b2J""#,
            and: #","service":"\#(service)""#) + "\n")
      }
      func isReady(_ output: String) -> Bool { output.contains("it's  jobs") }
      try await database.wait { isReady(try tail.outputSoFar()) }
      tail.signal(SIGINT)
      let output = try await tail.outcome().output
      #expect(output.split(separator: "\n").count == 2)
      #expect(output.contains("Z  a  jobs  {\"text\": \"\u{FFFD}2J\"}\n"))
    }
  }

  private func event(_ number: Int, at time: String? = nil) -> String {
    #"{"timestamp":"\#(time ?? "2026-11-01T00:00:0\(number)Z")","event":{"type":"numbered","number":\#(number)}}"#
      + "\n"
  }

  private func insert(_ number: Int) -> String {
    """
    INSERT INTO analytics_events (id, timestamp, event_type, service, data)
    VALUES (gen_random_uuid(), '2026-11-01T00:00:00Z', 'numbered', 'x', '{"number": \(number)}')
    """
  }
}

/// The numbers of the shown events, in order.
private func numbers(_ output: String) -> [String] {
  output.split(separator: "\n").map { line in
    line.split(separator: "\"number\": ").last.map { String($0.prefix { $0.isNumber }) } ?? ""
  }
}

extension ImportDatabase {
  fileprivate func wait(for expected: [String], from tail: CommandRun) async throws {
    try await wait { numbers(try tail.outputSoFar()) == expected }
  }

  /// Waits until a condition holds. It polls the database, because nothing signals the output.
  fileprivate func wait(until holds: () throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(300)
    while try !holds() {
      try #require(ContinuousClock.now < deadline, "the events were not shown in five minutes")
      _ = try await eventCount
    }
  }
}
