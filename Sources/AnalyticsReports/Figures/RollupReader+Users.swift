internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

extension RollupReader {
  /// How many users were active in the local days that end with each of some days.
  ///
  /// - Parameters:
  ///   - frame: By day.
  ///   - windows: Their lengths in days.
  /// - Returns: By window, then day.
  mutating func slidingUsers(
    _ frame: TimeFrame, windows: [Int], where filter: DimensionFilter = []
  ) async throws(PostgresError) -> [[Int]] {
    let lead = (windows.max() ?? 1) - 1
    let days = frame.wholeDays(before: lead)
    // Day by day, so that what is read at one time is what the windows share.
    let ranges = days.indices.dropFirst(lead).flatMap { day in
      windows.map { days[day - $0 + 1].lowerBound..<days[day].upperBound }
    }
    let users = try await members("users", of: .activity, in: ranges, where: filter)
    return windows.indices.map { window in
      frame.buckets.indices.map { users[[], $0 * windows.count + window] }
    }
  }

  /// How many users had an event in the last hours, for windows of whole days of 24 hours that end at
  /// one instant.
  mutating func usersNow(
    _ now: Date, days: [Int], where filter: DimensionFilter = []
  ) async throws(PostgresError) -> [Int] {
    let users = try await members(
      "users", of: .activity,
      in: days.map { now.addingTimeInterval(-Double($0) * 86_400)..<now }, where: filter)
    return days.indices.map { users[[], $0] }
  }

  /// How many users there ever were; with a filter, how many ever had such an event.
  func usersEver(where filter: DimensionFilter = []) async throws(PostgresError) -> Int {
    guard filter.isEmpty else {
      return try await connection.query(
        """
        SELECT coalesce(sum(bit_count(u._members)), 0)::bigint
        FROM (SELECT bit_or(_members) AS _members
              FROM analytics_rollup_activity_users_daily\(filter.condition) GROUP BY _chunk) AS u
        """
      ).value()
    }
    return try await connection.query(
      """
      SELECT coalesce(sum(upper(r.numbers) - lower(r.numbers)), 0)::bigint
      FROM analytics_users_by_first_day AS d CROSS JOIN unnest(d.numbers) AS r (numbers)
      """
    ).value()
  }
}

extension TimeFrame {
  /// The days of a frame by day, not cut off at its ends, and so many before them.
  fileprivate func wholeDays(before count: Int) -> [Range<Date>] {
    let calendar = ZoneCalendar(zone)
    var starts = buckets.map(\.start)
    starts.append(calendar.start(after: starts[starts.count - 1], .day))
    for _ in 0..<count {
      let before = starts[0].addingTimeInterval(-1)
      starts.insert(calendar.start(of: .day, containing: before), at: 0)
    }
    return zip(starts, starts.dropFirst()).map { $0..<$1 }
  }
}
