import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Testing

@Suite(
  "Commands behind PgBouncer",
  .enabled(if: LocalPgBouncer.isInstalled, "\(LocalPgBouncer.absence)"), .serialized,
  .timeLimit(.minutes(60)))
struct PgBouncerCommandTests {
  @Test(
    "that write and read events work in transaction mode, in any schema",
    arguments: [nil, #"odd "na'me""#])
  func readsAndWrites(schema: String?) async throws {
    let schema = schema.map { ["--schema", $0] } ?? []
    try await withPgBouncer(poolSize: 1) { bouncer, server in
      try await succeed(["migrate"] + schema, on: server)
      let lines = (1...500).map(goodLine)
      try await withFile(lines.joined().utf8) { path in
        // Two imports run at the same time with the same events. Then all events are imported once more.
        async let first = succeed(["import", "--json", path] + schema, on: bouncer)
        async let second = succeed(["import", "--json", path] + schema, on: bouncer)
        let summaries = try await [Summary(first), Summary(second)]
        #expect(summaries.map(\.stored).reduce(0, +) == 500)
        #expect(summaries.map(\.duplicates).reduce(0, +) == 500)
        let again = try Summary(
          try await succeed(["import", "--json", path] + schema, on: bouncer))
        #expect(again == Summary(lines: 500, stored: 0, duplicates: 500))
      }
      try await succeed(["track", "one_more", "number:=1"] + schema, on: bouncer)
      let stored = try await succeed(["stored"] + schema, on: bouncer)
      #expect(stored.output.contains("500  task_started"))
      let exported = try await succeed(["export"] + schema, on: bouncer)
      #expect(exported.output.split(separator: "\n").count == 501)
      let doctor = try await CommandRun(
        ["doctor"] + schema, environment: ["DATABASE_URL": bouncer]
      ).outcome()
      #expect(doctor.output.contains("ok    migrations: all applied"))
      #expect(doctor.output.contains("ok    partitions: "))
      for command in [["migrate", "status"], ["migrate", "dry-run"], ["dead-letters"]] {
        try await succeed(command + schema, on: bouncer)
      }
      try await follow(["tail", "-n", "3"] + schema, on: bouncer)
    }
  }

  @Test(
    "that need a session of their own report this in one line, and leave no lock")
  func needsTheServer() async throws {
    for poolSize in [1, 2] {
      try await withPgBouncer(poolSize: poolSize, settings: ["server_round_robin": "1"]) {
        bouncer, server in
        try await succeed(["migrate"], on: server)
        let commands = [
          ["migrate"], ["migrate", "pre"], ["maintain"], ["erase-user", UUID().uuidString],
          ["rollups", "verify"],
          ["rollups", "recompute", "--from", "2026-01-01", "--to", "2026-01-02"],
        ]
        for command in commands {
          let outcome = try await CommandRun(
            command, environment: ["DATABASE_URL": bouncer]
          ).outcome()
          #expect(outcome.exitCode == 1)
          #expect(outcome.output == "")
          #expect(outcome.errorLines.count == 1, "\(outcome.error)")
          #expect(outcome.error.contains("this needs the server itself"), "\(command)")
        }
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url: server))
        let locks = try await connection.query(
          "SELECT FROM pg_locks WHERE locktype = 'advisory'")
        #expect(locks.isEmpty)
        await connection.close()
        for command in [["rollups"], ["rollups", "refresh"]] {
          try await succeed(command, on: bouncer)
        }
        for command in ["migrate", "maintain"] { try await succeed([command], on: server) }
      }
    }
  }

  @Test("work in session mode, one after the other")
  func sessionMode() async throws {
    try await withPgBouncer(poolSize: 3, settings: ["pool_mode": "session"]) { bouncer, _ in
      for command in ["migrate", "maintain", "migrate", "maintain"] {
        let outcome = try await succeed([command], on: bouncer)
        #expect(!outcome.output.contains("another"), "\(outcome.output)")
      }
    }
  }

  private func withPgBouncer(
    poolSize: Int, settings: [String: String] = [:],
    _ body: (_ bouncer: String, _ server: String) async throws -> Void
  ) async throws {
    let server = try await LocalPostgres.startTemporary()
    let bouncer = try await LocalPgBouncer.start(
      before: server.socketDirectory, poolSize: poolSize, settings: settings)
    try await body(bouncer.url(database: "postgres"), server.url(database: "postgres"))
    await bouncer.stop()
    try await server.stop(.immediate)
  }

  @discardableResult
  private func succeed(
    _ arguments: [String], on url: String
  ) async throws -> CommandRun.Outcome {
    let outcome = try await CommandRun(arguments, environment: ["DATABASE_URL": url]).outcome()
    #expect(outcome.exitCode == 0, "\(arguments): \(outcome.error)")
    return outcome
  }

  /// Runs `tail` until it has shown three lines.
  private func follow(_ arguments: [String], on url: String) async throws {
    let tail = try CommandRun(arguments, environment: ["DATABASE_URL": url])
    let deadline = ContinuousClock.now + .seconds(300)
    while try tail.outputSoFar().split(separator: "\n").count < 3 {
      try #require(ContinuousClock.now < deadline)
      await Task.yield()
    }
    tail.signal(SIGINT)
    #expect(try await tail.outcome().exitCode == 0)
  }
}
