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
  /// Every period in its order, the open one last.
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

  /// True starts and ends, the open one's end `nil`.
  func usagePeriods() async throws -> [(start: Date, end: Date?)] {
    try await connection.query(
      "SELECT started_at, ended_at FROM analytics_usage_periods ORDER BY id"
    ).map { row in (try row.decode(Date.self, at: 0), try row.decode(Date?.self, at: 1)) }
  }

  /// Runs `body` with periods that are closed at instants of the test's own.
  func withPeriods(
    length: Duration = .seconds(1800), _ body: (UsagePeriods) async throws -> Void
  ) async throws {
    try await body(UsagePeriods(AnalyticsDatabase(configuration), length: length))
  }
}

/// Hands deltas on, twice if asked, and keeps them.
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
  /// The half hour that it lies in.
  var halfHour: Date {
    Date(timeIntervalSince1970: (timeIntervalSince1970 / 1800).rounded(.down) * 1800)
  }
}
