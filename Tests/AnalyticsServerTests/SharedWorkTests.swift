import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsTestSupport
import AnalyticsText
import Foundation
import HTTPTypes
import HummingbirdTesting
import Synchronization
import Testing

@testable import AnalyticsServer

@Suite("Work that many ask for at once", .timeLimit(.minutes(60)))
struct SharedWorkTests {
  /// Work that ends when the test says so, and counts how often it was begun.
  private final class GatedWork: Sendable {
    private let state = Mutex(
      (begun: 0, cancelled: 0, gates: [Int: CheckedContinuation<Void, Never>](), isOpen: false))

    var begun: Int { state.withLock { $0.begun } }
    var cancelled: Int { state.withLock { $0.cancelled } }

    func open() {
      let gates = state.withLock { state in
        state.isOpen = true
        defer { state.gates = [:] }
        return state.gates
      }
      for gate in gates.values { gate.resume() }
    }

    func close() { state.withLock { $0.isOpen = false } }

    /// Returns which run it was.
    func run() async -> Int {
      let run = state.withLock { state in
        state.begun += 1
        return state.begun
      }
      await withTaskCancellationHandler {
        await withCheckedContinuation { gate in
          let isOpen = state.withLock { state in
            if !state.isOpen { state.gates[run] = gate }
            return state.isOpen
          }
          if isOpen { gate.resume() }
        }
      } onCancel: {
        state.withLock { $0.cancelled += 1 }
      }
      return run
    }
  }

  private struct Failure: Error, Equatable { var run: Int }

  @Test("is begun once for the first, and once more for all who came meanwhile")
  func once() async throws {
    let (work, gate) = (SharedWork<Int>(), GatedWork())
    let first = Task { try await work.value("a") { await gate.run() } }
    try await until { gate.begun == 1 }
    let others = (0..<50).map { _ in Task { try await work.value("a") { await gate.run() } } }
    try await until { work.waiting(for: "a") == 51 }
    // Another question is not kept waiting.
    gate.open()
    #expect(try await work.value("b") { 99 } == 99)
    #expect(try await first.value == 1)
    for other in others { #expect(try await other.value == 2, "read after it had asked") }
    #expect(gate.begun == 2 && work.waiting(for: "a") == 0)
    #expect(try await work.value("a") { await gate.run() } == 3, "nothing is kept")
  }

  @Test("shares an error with those who wait, and with nobody later")
  func errors() async throws {
    let (work, gate) = (SharedWork<Int>(), GatedWork())
    let failing: @Sendable () async throws -> Int = { throw Failure(run: await gate.run()) }
    let first = Task { try await work.value("a", failing) }
    try await until { gate.begun == 1 }
    let others = (0..<5).map { _ in Task { try await work.value("a", failing) } }
    try await until { work.waiting(for: "a") == 6 }
    gate.open()
    await #expect(throws: Failure(run: 1)) { try await first.value }
    for other in others { await #expect(throws: Failure(run: 2)) { try await other.value } }
    #expect(try await work.value("a") { 7 } == 7)
  }

  @Test("goes on while anybody waits, and is cancelled when nobody does")
  func cancelled() async throws {
    let (work, gate) = (SharedWork<Int>(), GatedWork())
    let first = Task { try await work.value("a") { await gate.run() } }
    try await until { gate.begun == 1 }
    let second = Task { try await work.value("a") { await gate.run() } }
    let third = Task { try await work.value("a") { await gate.run() } }
    try await until { work.waiting(for: "a") == 3 }
    // Who asked first for the next run leaves: it is still begun, for the other.
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    #expect(gate.cancelled == 0)
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    try await until { gate.cancelled == 1 }
    gate.open()
    #expect(try await third.value == 2)
    // Who was cancelled before asking gets nothing, and nothing is begun.
    let late = Task {
      try await until { Task.isCancelled }
      return try await work.value("a") { await gate.run() }
    }
    late.cancel()
    await #expect(throws: CancellationError.self) { try await late.value }
    #expect(gate.begun == 2 && work.waiting(for: "a") == 0)
  }

  @Test("nobody waits for what was given up")
  func givenUp() async throws {
    let (work, gate) = (SharedWork<Int>(), GatedWork())
    let first = Task { try await work.value("a") { await gate.run() } }
    try await until { gate.begun == 1 }
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    // The first run has not ended yet.
    #expect(try await work.value("a") { 7 } == 7)
    gate.open()
    #expect(work.waiting(for: "a") == 0)
  }

  @Test("identical requests at one time ask the database twice at most, others once each")
  func requests() async throws {
    try await ServerFixture.with { fixture in
      let path = "/api/v1/reports/client-applications"
      let scans = try await fixture.scans()
      // Nobody reads the table until all have asked.
      let blocker = try await PostgresConnection.connect(
        try PostgresConfiguration(url: fixture.url))
      try await blocker.execute(
        "BEGIN; LOCK TABLE analytics_client_applications IN ACCESS EXCLUSIVE MODE")
      let database = try AnalyticsDatabase(url: fixture.url)
      let server = ReportServer(
        database, ReportServerConfiguration(), logger: silentLogger,
        clock: fixture.clock.serverClock)
      let shared = server.core.shared
      try await server.application().test(.router) { client in
        let client = ServerClient(client: client)
        try await withThrowingTaskGroup(of: String.self) { group in
          for _ in 0..<40 { group.addTask { try await client.get(path).text } }
          for number in 1...3 {
            group.addTask { try await client.get("\(path)?limit=\(number)").text }
          }
          try await until {
            shared.waiting(for: "json \(path)") == 40
              && (1...3).allSatisfy { shared.waiting(for: "json \(path)?limit=\($0)") == 1 }
          }
          try await blocker.execute("COMMIT")
          for try await text in group { #expect(text.contains("\"total_rows\":0")) }
        }
      }
      await blocker.close()
      await database.shutDown()
      #expect(try await fixture.scans() - scans == 2 + 3)
    }
  }
}

extension ServerFixture {
  /// How often a query has read the table of applications. Each process of the database says it when it
  /// ends, so this waits until all others have.
  fileprivate func scans() async throws -> Int {
    while true {
      let others: Int = try await connection.query(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND backend_type = 'client backend'
        """
      ).only().decode(at: 0)
      if others == 0 { break }
      try Task.checkCancellation()
    }
    try await connection.execute("SELECT pg_stat_clear_snapshot()")
    return try await connection.query(
      """
      SELECT (seq_scan + coalesce(idx_scan, 0))::bigint FROM pg_stat_user_tables
      WHERE relname = 'analytics_client_applications'
      """
    ).only().decode(at: 0)
  }
}
