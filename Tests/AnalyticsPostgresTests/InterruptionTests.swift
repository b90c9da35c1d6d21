import AnalyticsPostgres
import AnalyticsTestSupport
import LocalPostgres
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Deadlines, cancellation and lost connections", .timeLimit(.minutes(60)))
struct InterruptionTests {
  @Test("a statement that takes too long ends at its deadline, and the connection stays usable")
  func deadline() async throws {
    try await withConnection { connection in
      let start = ContinuousClock.now
      let error = await postgresError {
        _ = try await connection.query("SELECT pg_sleep(60)", deadline: .milliseconds(100))
      }
      #expect(error?.code == .timedOut)
      #expect(error?.isTransient == true)
      #expect(ContinuousClock.now - start < .seconds(50))
      let row = try await connection.query("SELECT 1 AS one").only()
      #expect(try row.decode(Int.self, "one") == 1)
    }
  }

  @Test("the configuration's deadline applies to every call without a deadline of its own")
  func configuredDeadline() async throws {
    try await withConnection({ $0.statementTimeout = .milliseconds(100) }) { connection in
      let error = await postgresError { try await connection.execute("SELECT pg_sleep(60)") }
      #expect(error?.code == .timedOut)
      try await connection.execute("SELECT pg_sleep(0.3)", deadline: .seconds(120))
    }
  }

  @Test("a call whose deadline has passed sends nothing")
  func passedDeadline() async throws {
    try await withConnection { connection in
      let error = await postgresError {
        try await connection.execute("CREATE TABLE t ()", deadline: .zero)
      }
      #expect(error?.code == .timedOut)
      #expect(error?.outcomeUnknown == false)
      try await connection.execute("CREATE TABLE t ()")
    }
  }

  @Test("a cancelled task gets its error at once, and the connection stays usable")
  func cancellation() async throws {
    try await withConnection { connection in
      let task = Task { try await connection.query("SELECT pg_sleep(60)") }
      task.cancel()
      let error = await postgresError { _ = try await task.value }
      #expect(error?.code == .cancelled)
      #expect(error?.isTransient == false)
      let rows = try await connection.query("SELECT 1")
      #expect(rows.count == 1)
    }
  }

  @Test("a task that is cancelled while the server executes its statement gets an error at once")
  func cancellationUnderWay() async throws {
    try await withTestDatabase { url in
      let configuration = try PostgresConfiguration(url: url)
      let connection = try await PostgresConnection.connect(configuration)
      let observer = try await PostgresConnection.connect(configuration)
      let task = Task { try await connection.query("SELECT pg_sleep(60) /* cancel me */") }
      try await observer.waitUntilActive("cancel me")
      task.cancel()
      #expect(await postgresError { _ = try await task.value }?.code == .cancelled)
      #expect(await !connection.isBroken)
      await connection.close()
      await observer.close()
    }
  }

  @Test("if the server does not react to a cancel request, the connection is closed")
  func frozenServer() async throws {
    try await withConnection { connection in
      let process = await connection.serverProcessID
      kill(process, SIGSTOP)
      let error = await postgresError {
        try await connection.execute("CREATE TABLE t ()", deadline: .milliseconds(100))
      }
      kill(process, SIGCONT)
      #expect(error?.code == .timedOut)
      #expect(error?.outcomeUnknown == true)
      #expect(error?.description.contains("did not react") == true)
      #expect(await connection.isBroken)
      #expect(
        await postgresError { _ = try await connection.query("SELECT 1") }?.code
          == .connectionClosed)
    }
  }

  @Test("a connection that the server ends is lost, with the server's reason")
  func terminated() async throws {
    try await withConnection { connection in
      let error = await postgresError {
        _ = try await connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
      }
      #expect(error?.sqlState == .adminShutdown)
      #expect(error?.isTransient == true)
      #expect(error?.outcomeUnknown == true)
      #expect(await connection.isBroken)
    }
  }

  @Test("a connection whose server process is killed is lost")
  func killed() async throws {
    let cluster = try await LocalPostgres.startTemporary()
    let connection = try await PostgresConnection.connect(
      PostgresConfiguration(url: cluster.url(database: "postgres")))
    kill(await connection.serverProcessID, SIGKILL)
    let error = await postgresError { _ = try await connection.query("SELECT pg_sleep(60)") }
    #expect(error?.isTransient == true)
    #expect(await connection.isBroken)
    try await cluster.stop(.immediate)
  }
}

extension PostgresConnection {
  /// Returns when another session executes a statement with this text.
  func waitUntilActive(_ text: String) async throws {
    let sql = """
      SELECT 1 FROM pg_stat_activity
      WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%' || $1 || '%'
      """
    while try await query(sql, [.text(text)]).isEmpty { await Task.yield() }
  }
}
