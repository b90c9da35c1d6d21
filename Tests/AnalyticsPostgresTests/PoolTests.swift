import AnalyticsTestSupport
import LocalPostgres
import Testing

@testable import AnalyticsPostgres

@Suite("The pool", .timeLimit(.minutes(60)))
struct PoolTests {
  @Test("many callers share few connections")
  func sharing() async throws {
    try await withPool(.init(maximum: 3, waitTimeout: .seconds(300))) { pool in
      let processes = try await withThrowingTaskGroup(of: Int32.self) { group in
        for _ in 0..<50 {
          group.addTask {
            try await pool.withConnection { connection in
              _ = try await connection.query("SELECT 1")
              return await connection.serverProcessID
            }
          }
        }
        return try await group.reduce(into: Set<Int32>()) { $0.insert($1) }
      }
      #expect((1...3).contains(processes.count))
      #expect(pool.occupancy == .init(idle: processes.count, leased: 0, waiting: 0))
    }
  }

  @Test("a caller that waits too long gets an error with the number of connections")
  func exhaustion() async throws {
    let limits = PostgresPool.Limits(maximum: 1, waitTimeout: .milliseconds(20))
    try await withPool(limits) { pool in
      try await pool.withConnection { connection in
        let error = await postgresError { try await pool.withConnection { _ in } }
        #expect(error?.code == .poolExhausted)
        #expect(error?.isTransient == true)
        #expect(error?.description.contains("1 connection") == true)
        _ = try await connection.query("SELECT 1")
      }
      try await pool.withConnection { _ in }
    }
  }

  @Test("a cancelled task stops waiting")
  func cancellation() async throws {
    try await withPool(.init(maximum: 1, waitTimeout: .seconds(3600))) { pool in
      try await pool.withConnection { _ in
        let task = Task { try await pool.withConnection { _ in } }
        while pool.occupancy.waiting == 0 { await Task.yield() }
        task.cancel()
        #expect(await postgresError { try await task.value }?.code == .cancelled)
        #expect(pool.occupancy.waiting == 0)
      }
      try await pool.withConnection { _ in }
    }
  }

  @Test("a connection that the server closed while idle is replaced", arguments: [false, true])
  func health(pingsAlways: Bool) async throws {
    let limits = PostgresPool.Limits(
      maximum: 1, pingAfterIdle: pingsAlways ? .zero : .seconds(3600))
    try await withPool(limits) { pool in
      let first = try await pool.withConnection { await $0.serverProcessID }
      let admin = try await PostgresConnection.connect(pool.configuration)
      _ = try await admin.query("SELECT pg_terminate_backend($1, 10000)", [.int4(first)])
      await admin.close()
      let second = try await pool.withConnection { connection in
        _ = try await connection.query("SELECT 1")
        return await connection.serverProcessID
      }
      #expect(first != second)
    }
  }

  @Test("a connection returned inside a transaction is not lent again")
  func openTransaction() async throws {
    try await withPool(.init(maximum: 1)) { pool in
      let first = try await pool.withConnection { connection in
        try await connection.execute("BEGIN")
        return await connection.serverProcessID
      }
      let second = try await pool.withConnection { await $0.serverProcessID }
      #expect(first != second)
    }
  }

  @Test("the pool survives a restart and a crash of the server")
  func restart() async throws {
    let cluster = try await LocalPostgres.startTemporary()
    let pool = PostgresPool(
      try PostgresConfiguration(url: cluster.url(database: "postgres")), maximum: 2)
    for mode in [LocalPostgres.StopMode.fast, .immediate] {
      try await pool.withConnection { connection in
        _ = try await connection.query("SELECT 1")
        try await cluster.restart(mode)
        // The caller that holds a connection during the restart gets an error.
        let error = await postgresError { _ = try await connection.query("SELECT 1") }
        #expect(error?.isTransient == true)
      }
      try await pool.withConnection { _ = try await $0.query("SELECT 1") }
      // The connection is idle in the pool during the restart.
      try await cluster.restart(mode)
      try await pool.withConnection { _ = try await $0.query("SELECT 1") }
    }
    await pool.shutDown()
    try await cluster.stop()
  }

  @Test("an unreachable server causes an error, and uses up no slot")
  func away() async throws {
    let configuration = try PostgresConfiguration(url: "postgres:///db?host=/no/such/directory")
    let pool = PostgresPool(configuration, maximum: 1)
    for _ in 0..<3 {
      let error = await postgresError { try await pool.withConnection { _ in } }
      #expect(error?.code == .connectionFailed)
    }
    #expect(pool.occupancy == .init(idle: 0, leased: 0, waiting: 0))
    await pool.shutDown()
  }

  @Test("a shutdown waits for lent connections, and fails the waiters")
  func shutdown() async throws {
    try await withPool(.init(maximum: 1, waitTimeout: .seconds(3600))) { pool in
      let (mayReturn, signal) = AsyncStream.makeStream(of: Void.self)
      let (lent, lentSignal) = AsyncStream.makeStream(of: Void.self)
      let holder = Task {
        try await pool.withConnection { connection in
          lentSignal.yield()
          _ = await mayReturn.first { true }
          return try await connection.query("SELECT 1").count
        }
      }
      _ = await lent.first { true }
      let waiter = Task { try await pool.withConnection { _ in } }
      while pool.occupancy.waiting == 0 { await Task.yield() }
      let shutdown = Task { await pool.shutDown() }
      #expect(await postgresError { try await waiter.value }?.code == .poolClosed)
      signal.yield()
      let answer = try await holder.value
      #expect(answer == 1)
      await shutdown.value
      #expect(await postgresError { try await pool.withConnection { _ in } }?.code == .poolClosed)
      #expect(pool.occupancy == .init(idle: 0, leased: 0, waiting: 0))
    }
  }

  private func withPool(
    _ limits: PostgresPool.Limits, _ body: (PostgresPool) async throws -> Void
  ) async throws {
    try await withTestDatabase { url in
      let pool = PostgresPool(try PostgresConfiguration(url: url), limits: limits)
      try await body(pool)
      await pool.shutDown()
    }
  }
}
