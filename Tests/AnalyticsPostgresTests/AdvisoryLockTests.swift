import AnalyticsPostgres
import AnalyticsTestSupport
import Testing

@Suite("Advisory locks", .timeLimit(.minutes(60)))
struct AdvisoryLockTests {
  @Test("one session has the lock, and others get it when it is released")
  func exclusion() async throws {
    try await withTwoConnections { first, second in
      let answers = try await [
        first.tryAdvisoryLock(7), second.tryAdvisoryLock(7), second.tryAdvisoryLock(8),
      ]
      #expect(answers == [true, false, true])
      #expect(try await first.query("SELECT pg_advisory_unlock(7)").value(Bool.self))
      let isFree = try await second.tryAdvisoryLock(7)
      #expect(isFree)
    }
  }

  @Test("no two bodies run at the same time")
  func bodies() async throws {
    try await withTestDatabase { url in
      let pool = PostgresPool(try PostgresConfiguration(url: url), maximum: 5)
      try await pool.withConnection { connection in
        try await connection.execute("CREATE TABLE t (n int8); INSERT INTO t VALUES (0)")
      }
      try await withThrowingTaskGroup { group in
        for _ in 0..<5 {
          group.addTask {
            try await pool.withConnection { connection in
              try await connection.withAdvisoryLock(
                1, pollEvery: .milliseconds(5), timeout: .seconds(300)
              ) {
                let number = try await connection.numbers()[0]
                _ = try await connection.query("UPDATE t SET n = $1", [.int8(number + 1)])
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await pool.withConnection { try await $0.numbers() } == [5])
      await pool.shutDown()
    }
  }

  @Test("waiting too long is an error, and a body that throws releases the lock")
  func timeoutAndRelease() async throws {
    struct Refusal: Error {}
    try await withTwoConnections { first, second in
      await #expect(throws: Refusal.self) {
        try await first.withAdvisoryLock(1, timeout: .zero) {
          let error = await postgresError {
            try await second.withAdvisoryLock(
              1, pollEvery: .milliseconds(5), timeout: .milliseconds(20)
            ) {}
          }
          #expect(error?.code == .lockUnavailable)
          #expect(error?.isTransient == true)
          throw Refusal()
        }
      }
      let isFree = try await second.tryAdvisoryLock(1)
      #expect(isFree)
    }
  }

  private func withTwoConnections(
    _ body: (PostgresConnection, PostgresConnection) async throws -> Void
  ) async throws {
    try await withTestDatabase { url in
      let configuration = try PostgresConfiguration(url: url)
      let first = try await PostgresConnection.connect(configuration)
      let second = try await PostgresConnection.connect(configuration)
      try await body(first, second)
      await first.close()
      await second.close()
    }
  }
}
