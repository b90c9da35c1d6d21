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
    _ frame: TimeFrame, windows: [Int]
  ) async throws(PostgresError) -> [[Int]] {
    let lead = (windows.max() ?? 1) - 1
    let days = frame.wholeDays(before: lead)
    var sliding = SlidingDistinct(days: days.count, windows: windows)
    // Not the users of decades at once.
    var day = 0
    for some in days.chunks(of: Self.daysAtOnce) {
      for users in try await users(in: some) {
        sliding.add(users, on: day)
        day += 1
      }
    }
    return sliding.counts.map { Array($0.dropFirst(lead)) }
  }

  static let daysAtOnce = 100

  /// Who was there in each of some ranges; a user may come twice.
  private mutating func users(in ranges: [Range<Date>]) async throws(PostgresError) -> [[UInt32]] {
    let parts = MemberParts(cover(ranges, of: .activity, onlyAdds: true))
    var result = ranges.map { _ in [UInt32]() }
    guard parts.raw.isEmpty else { return try await usersSeen(in: ranges) }
    let activity = try await activity(on: Set(parts.days.map(\.day)).sorted())
    for part in parts.days { result[part.range] += activity[part.day]?.users(in: part.mask) ?? [] }
    return result
  }

  /// The same where ranges end within a quarter of an hour.
  mutating func usersSeen(in ranges: [Range<Date>]) async throws(PostgresError) -> [[UInt32]] {
    var result = ranges.map { _ in [UInt32]() }
    guard !ranges.isEmpty else { return result }
    let seen = seen("users", of: .activity, in: ranges)
    let rows = try await connection.query(
      """
      SELECT s.range, string_agg(uuid_send(s.member), '') AS users FROM (\(seen.sql)) AS s
      GROUP BY s.range
      """)
    for row in rows { result[try row.decode(Int.self, "range")] = try userNumbers(row) }
    return result
  }

  /// Of the ids in a row's column `users`, one behind the other.
  func userNumbers(_ row: PostgresRow) throws(PostgresError) -> [UInt32] {
    try row.withBytes("users") { $0.map { kept.users.numbers(of: $0, every: 16) } ?? [] }
  }

  /// Whether a day need not be read. Its versions have been.
  func isActivityKept(on day: Int64) -> Bool {
    keptContent(Self.activityOfDay, day, day + RangeCover.day) != nil
  }

  private static let activityOfDay = "activity"

  /// Who was there on some UTC days, and when.
  ///
  /// - Parameter days: In order.
  mutating func activity(on days: [Int64]) async throws(PostgresError) -> [Int64: DayActivity] {
    guard let first = days.first, let last = days.last else { return [:] }
    try await readVersions(of: first..<last + RangeCover.day)
    var activity: [Int64: DayActivity] = [:]
    var missing: [Int64] = []
    for day in days {
      if case .activity(let known)? = keptContent(Self.activityOfDay, day, day + RangeCover.day) {
        activity[day] = known
      } else {
        missing.append(day)
      }
    }
    for some in missing.chunks(of: Self.daysInAnAnswer) {
      // Of each user of each day the id and the quarters of an hour, one behind the other.
      let rows = try await connection.query(
        """
        SELECT p.day, a.activity
        FROM unnest(\(some.instants)) AS p (day)
        CROSS JOIN LATERAL (
            SELECT string_agg(uuid_send(f.member) || bit_send(f.quarters), '') AS activity
            FROM \(Self.users) AS f WHERE f.day = p.day) AS a
        """)
      for row in rows {
        let day = try row.decode(PostgresTimestamp.self, "day").microseconds
        let read = try row.withBytes("activity") { $0.map { DayActivity($0, kept.users) } }
        activity[day] = read
        keep(
          .activity(read ?? DayActivity([])), Self.activityOfDay, day, day + RangeCover.day)
      }
    }
    return activity
  }

  /// Where statements look for users by day.
  static let users = SQL.identifier(Rollup.activity.memberRelation(Rollup.activity.measures[0]))

  /// What libpq holds at one time: at 100,000 users a day 3 MB each.
  private static let daysInAnAnswer = 10
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

extension Array {
  /// In pieces of so many elements; the last may be shorter.
  func chunks(of count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map {
      Array(self[$0..<Swift.min($0 + count, self.count)])
    }
  }
}

extension [Int64] {
  /// Microseconds since 2000, as the server takes instants.
  var instants: [PostgresTimestamp] { map(PostgresTimestamp.init(microseconds:)) }
}
