import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Synchronization

/// A row of `boundary_usage_summary`.
struct BoundarySummary: Equatable {
  var workspaces = 0
  var users = 0
  var allowed = 0
  var denied = 0
}

extension StoreFixture {
  /// The summaries of all periods in order, the open period last.
  func boundarySummaries() async throws -> [BoundarySummary] {
    try await connection.query(
      """
      SELECT unique_workspaces, unique_users, allowed_requests, denied_requests
      FROM boundary_usage_summary ORDER BY period_id
      """
    ).map { row in
      BoundarySummary(
        workspaces: try row.decode(at: 0), users: try row.decode(at: 1),
        allowed: try row.decode(at: 2), denied: try row.decode(at: 3))
    }
  }

  /// The actual starts and ends of the periods. The end of the open period is `nil`.
  func usagePeriods() async throws -> [(start: Date, end: Date?)] {
    try await connection.query(
      "SELECT started_at, ended_at FROM analytics_usage_periods ORDER BY id"
    ).map { row in (try row.decode(Date.self, at: 0), try row.decode(Date?.self, at: 1)) }
  }

  /// Runs `body` with periods that the test closes at instants of its choice.
  func withPeriods(
    length: Duration = .seconds(1800), _ body: (UsagePeriods) async throws -> Void
  ) async throws {
    try await body(UsagePeriods(AnalyticsDatabase(configuration), length: length))
  }
}

/// Passes each delta on twice, and records it.
final class RepeatingUsageSink: UsageSink {
  private let sink: any UsageSink
  private let kept = Mutex<[UsageDelta]>([])

  init(_ sink: any UsageSink) { self.sink = sink }

  var deltas: [UsageDelta] { kept.withLock { $0 } }

  func write(_ delta: UsageDelta) async throws(EventSinkError) {
    kept.withLock { $0.append(delta) }
    try await sink.write(delta)
    try await sink.write(delta)
  }
}

extension Date {
  /// The start of the half hour that contains this date.
  var halfHour: Date {
    Date(timeIntervalSince1970: (timeIntervalSince1970 / 1800).rounded(.down) * 1800)
  }
}
