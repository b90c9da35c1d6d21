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

@Suite("Work shared by concurrent callers", .timeLimit(.minutes(60)))
struct SharedWorkTests {
  /// Work that ends when the test opens its gate. It counts how often it was begun.
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

    /// Returns the number of the run.
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

  @Test("runs once for the first caller, and once more for all callers that arrive meanwhile")
  func once() async throws {
    let (work, gate) = (SharedWork<ExactString, Int>(), GatedWork())
    let first = Task { try await work.value("a") { await gate.run() } }
    try await until { gate.begun == 1 }
    let others = (0..<50).map { _ in Task { try await work.value("a") { await gate.run() } } }
    try await until { work.waiting(for: "a") == 51 }
    // Work with another key does not wait.
    gate.open()
    #expect(try await work.value("b") { 99 } == 99)
    #expect(try await first.value == 1)
    for other in others { #expect(try await other.value == 2, "begun after the call") }
    #expect(gate.begun == 2 && work.waiting(for: "a") == 0)
    #expect(try await work.value("a") { await gate.run() } == 3, "no result is kept")
  }

  @Test("gives an error to all waiting callers, and to no later caller")
  func errors() async throws {
    let (work, gate) = (SharedWork<ExactString, Int>(), GatedWork())
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

  @Test("continues while any caller waits, and is cancelled when no caller waits")
  func cancelled() async throws {
    let (work, gate) = (SharedWork<ExactString, Int>(), GatedWork())
    let first = Task { try await work.value("a") { await gate.run() } }
    try await until { gate.begun == 1 }
    let second = Task { try await work.value("a") { await gate.run() } }
    let third = Task { try await work.value("a") { await gate.run() } }
    try await until { work.waiting(for: "a") == 3 }
    // The first caller of the next run is cancelled. The run still begins for the other caller.
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    #expect(gate.cancelled == 0)
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    try await until { gate.cancelled == 1 }
    gate.open()
    #expect(try await third.value == 2)
    // A caller that is cancelled before its call gets no value, and no work begins.
    let late = Task {
      try await until { Task.isCancelled }
      return try await work.value("a") { await gate.run() }
    }
    late.cancel()
    await #expect(throws: CancellationError.self) { try await late.value }
    #expect(gate.begun == 2 && work.waiting(for: "a") == 0)
  }

  @Test("no caller waits for cancelled work to end")
  func givenUp() async throws {
    let (work, gate) = (SharedWork<ExactString, Int>(), GatedWork())
    let first = Task { try await work.value("a") { await gate.run() } }
    try await until { gate.begun == 1 }
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    // The first run has not ended yet.
    #expect(try await work.value("a") { 7 } == 7)
    gate.open()
    #expect(work.waiting(for: "a") == 0)
  }

  @Test("identical concurrent requests query the database twice at most, others once each")
  func requests() async throws {
    try await ServerFixture.with { fixture in
      let path = "/api/v1/reports/client-applications"
      let scans = try await fixture.scans()
      // The lock blocks all readers of the table until all requests have arrived.
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
  /// How often queries have read the table of applications. Sessions report this when they end, so this waits until all
  /// other sessions have ended.
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
