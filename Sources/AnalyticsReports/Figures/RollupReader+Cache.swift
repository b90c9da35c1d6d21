internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText
internal import Foundation

/// Reading through the cache: see ``FigureCache``.
extension RollupReader {
  /// Returns the cached rows of a range, if nothing has happened on its days since.
  func cachedRows(_ query: String, _ lower: Int64, _ upper: Int64) -> [Figures.Row]? {
    versions(lower, upper).flatMap {
      cache.rows(.init(query: ExactString(query), lower: lower, upper: upper), $0)
    }
  }

  /// Caches the rows of a range, if the versions of its days are known.
  func store(_ rows: [Figures.Row], _ query: String, _ lower: Int64, _ upper: Int64) {
    guard let versions = versions(lower, upper) else { return }
    cache.store(rows, as: .init(query: ExactString(query), lower: lower, upper: upper), versions)
  }

  /// Returns the version of each UTC day in a range. `nil` if versions are not known, and for parts
  /// of a quarter of an hour, which are read from raw events.
  private func versions(_ lower: Int64, _ upper: Int64) -> [Int64]? {
    guard let dayVersions, lower < upper, lower % RangeCover.quarter == 0,
      upper % RangeCover.quarter == 0
    else { return nil }
    guard lower >= versionedDays.lowerBound, upper <= versionedDays.upperBound else { return nil }
    return stride(from: lower.floored(to: RangeCover.day), to: upper, by: Int(RangeCover.day))
      .map { dayVersions[$0] ?? 0 }
  }

  /// Reads the versions of the days of some ranges, unless there are too many days for that to pay.
  mutating func readDayVersions(_ ranges: [Range<Date>]) async throws(PostgresError) {
    let lower = ranges.map { PostgresTimestamp($0.lowerBound).microseconds }.min() ?? 0
    let upper = ranges.map { PostgresTimestamp($0.upperBound).microseconds }.max() ?? 0
    // A piece may reach beyond its range, so the days around it are needed, too.
    let days =
      (lower - RangeCover.day).floored(
        to: RangeCover.day)..<(upper + 2 * RangeCover.day).floored(
        to: RangeCover.day)
    guard isEverythingComputed, days.count <= Self.versionedDaysMax * Int(RangeCover.day) else {
      return
    }
    guard dayVersions == nil || days.clamped(to: versionedDays) != days else { return }
    var read: [Int64: Int64] = [:]
    // The version of a UTC day: how many of its events are rolled up.
    let rows = try await connection.query(
      """
      SELECT day, sum(events)::bigint AS version FROM \(identifier: Rollup.events.dailyRelation)
      WHERE day >= \(PostgresTimestamp(microseconds: days.lowerBound))
        AND day < \(PostgresTimestamp(microseconds: days.upperBound)) AND NOT \(identifier: Rollup.isPending)
      GROUP BY day
      """)
    for row in rows {
      let day = try row.decode(PostgresTimestamp.self, "day").microseconds
      read[day] = try row.decode(Int64.self, "version")
    }
    dayVersions = read
    versionedDays = days
  }

  private static let versionedDaysMax = 500
}
