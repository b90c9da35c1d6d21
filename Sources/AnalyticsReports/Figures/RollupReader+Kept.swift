internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// Reading what was read before: see ``KeptReads``.
extension RollupReader {
  /// What was kept of a range, if nothing happened on its days since.
  func keptRows(_ query: String, _ lower: Int64, _ upper: Int64) -> [Figures.Row]? {
    versionsOfDays(lower, upper).flatMap {
      kept.rows(.init(query: ExactString(query), lower: lower, upper: upper), $0)
    }
  }

  /// Keeps what was read of a range, where its days' versions are known.
  func keep(_ rows: [Figures.Row], _ query: String, _ lower: Int64, _ upper: Int64) {
    guard let versions = versionsOfDays(lower, upper) else { return }
    kept.keep(rows, as: .init(query: ExactString(query), lower: lower, upper: upper), versions)
  }

  /// By UTC day; `nil` where they are not known, and for parts of a quarter of an hour, which are
  /// read from raw events.
  private func versionsOfDays(_ lower: Int64, _ upper: Int64) -> [Int64]? {
    guard let versions, lower < upper, lower % RangeCover.quarter == 0,
      upper % RangeCover.quarter == 0
    else { return nil }
    guard lower >= versionedDays.lowerBound, upper <= versionedDays.upperBound else { return nil }
    return stride(from: lower.floored(to: RangeCover.day), to: upper, by: Int(RangeCover.day))
      .map { versions[$0] ?? 0 }
  }

  /// Reads the versions of the days of some ranges, unless they are so many that it does not pay.
  mutating func readVersions(_ ranges: [Range<Date>]) async throws(PostgresError) {
    let lower = ranges.map { PostgresTimestamp($0.lowerBound).microseconds }.min() ?? 0
    let upper = ranges.map { PostgresTimestamp($0.upperBound).microseconds }.max() ?? 0
    // Days that a piece reaches beyond its range are needed, too.
    let days =
      (lower - RangeCover.day).floored(
        to: RangeCover.day)..<(upper + 2 * RangeCover.day).floored(
        to: RangeCover.day)
    guard isEverythingComputed, days.count <= Self.versionedDaysMax * Int(RangeCover.day) else {
      return
    }
    guard versions == nil || days.clamped(to: versionedDays) != days else { return }
    var read: [Int64: Int64] = [:]
    // How many events of each UTC day are rolled up.
    let rows = try await connection.query(
      """
      SELECT day, sum(events)::bigint AS version FROM analytics_rollup_events_daily
      WHERE day >= \(PostgresTimestamp(microseconds: days.lowerBound))
        AND day < \(PostgresTimestamp(microseconds: days.upperBound)) AND NOT \(identifier: Rollup.isPending)
      GROUP BY day
      """)
    for row in rows {
      let day = try row.decode(PostgresTimestamp.self, "day").microseconds
      read[day] = try row.decode(Int64.self, "version")
    }
    versions = read
    versionedDays = days
  }

  private static let versionedDaysMax = 500
}
