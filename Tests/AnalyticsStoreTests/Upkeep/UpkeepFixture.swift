import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Logging

extension StoreFixture {
  func maintenance(keepDays: Int?, patience: Duration = .seconds(20)) -> Maintenance {
    Maintenance(
      AnalyticsDatabase(configuration),
      options: MaintenanceOptions(
        keepDays: keepDays, aheadDays: 2, lockTimeout: patience, ingestTimeout: patience),
      logger: silentLogger)
  }

  /// The names of the attached partitions, including those that are partly detached.
  func attachedPartitions() async throws -> Set<String> {
    let names: [String] = try await connection.query(
      "SELECT partition::text FROM analytics_partitions()"
    ).map { row in try row.decode(at: 0) }
    return Set(names)
  }

  /// How many stored events are older than the boundary of retention.
  func expiredCount() async throws -> Int {
    try await scalar(
      """
      SELECT count(*) FROM analytics_events
      WHERE timestamp < (SELECT dropped_before FROM analytics_retention)
      """)
  }
}

extension KeyedEvent {
  /// One event for each number of days before now. Negative numbers are in the future.
  static func daysAgo(_ days: some Sequence<Double>) -> [KeyedEvent] {
    days.map { days in
      let instant = Date(timeIntervalSinceNow: -days * 86_400).timeIntervalSince1970
      return KeyedEvent(
        id: UUID(),
        timestamp: EventTimestamp(microsecondsSinceUnixEpoch: Int64(instant * 1_000_000)))
    }
  }
}
