import AnalyticsPostgres
import AnalyticsTestSupport
import LocalPostgres
import Synchronization
import Testing

/// How an administrator ends a COMMIT's wait for the standby.
enum WaitEnding: String, CaseIterable, Sendable {
  case cancel = "pg_cancel_backend"
  case terminate = "pg_terminate_backend"
}

/// A primary whose synchronous standby is disconnected. Each COMMIT waits until an administrator ends its wait.
struct WaitingPrimary: Sendable {
  let primary: LocalPostgres
  let standby: LocalPostgres
  /// The standby's setting `primary_conninfo`, which connects it to the primary.
  private let source: String

  /// Returns once the standby is disconnected.
  init(_ primary: LocalPostgres, _ standby: LocalPostgres) async throws {
    self.primary = primary
    self.standby = standby
    source = try await withConnection(standby.url(database: "postgres")) {
      try await $0.query("SHOW primary_conninfo").only().decode(at: 0)
    }
    try await alter(standby.url(database: "postgres"), ["primary_conninfo": ""])
    try await withConnection(primary.url(database: "postgres")) { connection in
      while try await !connection.query("SELECT FROM pg_stat_replication").isEmpty {
        await Task.yield()
      }
    }
  }

  var url: String { primary.url(database: "postgres") }

  /// Connects the standby to the primary again.
  func bringBack() async throws {
    try await alter(
      standby.url(database: "postgres"),
      ["primary_conninfo": source.replacing("'", with: "''")])
  }

  /// Makes the standby the primary. Rows that it has not received are lost.
  func failOver() async throws {
    try await primary.stop(.immediate)
    try await standby.promote()
  }

  /// Ends the wait of a number of COMMITs, one after the other.
  ///
  /// - Parameter isOver: Whether no other COMMIT will wait.
  func end(
    _ count: Int, by ending: WaitEnding, unless isOver: @Sendable () -> Bool = { false }
  ) async throws {
    try await withConnection(url) { connection in
      var left = count
      while left > 0, !isOver() {
        left -= try await connection.query(
          """
          SELECT \(ending.rawValue)(pid) FROM pg_stat_activity
          WHERE wait_event = 'SyncRep' AND pid <> pg_backend_pid() LIMIT 1
          """
        ).count
        while left > 0, !isOver(), try await waiting(connection) == 0 { await Task.yield() }
      }
    }
  }

  /// Runs `body`, and ends the wait of its first COMMIT. `body` must report that the outcome is unknown.
  func expectUnknown(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: @Sendable () async throws -> Void
  ) async throws {
    let isOver = Atomic(false)
    async let ended: Void = end(1, by: .cancel, unless: { isOver.load(ordering: .relaxed) })
    do {
      try await body()
      Issue.record("\(what) is reported as done", sourceLocation: sourceLocation)
    } catch {
      #expect(
        "\(error)".contains("stopped waiting for its synchronous standby"), "\(what): \(error)",
        sourceLocation: sourceLocation)
    }
    isOver.store(true, ordering: .relaxed)
    try await ended
  }

  private func waiting(_ connection: PostgresConnection) async throws -> Int {
    try await connection.query(
      "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    ).count
  }
}
