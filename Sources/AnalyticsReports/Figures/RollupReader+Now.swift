internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

extension RollupReader {
  /// How many users had an event in the last hours, for windows of whole days of 24 hours that end at
  /// one instant.
  ///
  /// Each user's last day decides, without a look at the days between: someone last seen on a day
  /// that lies wholly in a window was in it. Looked at are today, the day that a window begins
  /// within, and the few users who have nothing today but events dated ahead.
  mutating func usersNow(_ now: Date, days: [Int]) async throws(PostgresError) -> [Int] {
    let end = PostgresTimestamp(now).microseconds
    let today = end.floored(to: RangeCover.day)
    let starts = days.map { end - Int64($0) * RangeCover.day }
    let edges = starts.map { $0.floored(to: RangeCover.day) }
    // For its notes alone: most of it is read from `analytics_users`.
    _ = cover([Self.range(starts.min() ?? today, end)], of: .activity)
    var byLastDay: [Int64: Int] = [:]
    for row in try await connection.query(
      ReportStatement.lastDays.text(), [.timestamptz(microseconds: edges.min() ?? today)])
    {
      let day = try row.decode(PostgresTimestamp.self, at: 0).microseconds
      byLastDay[day] = try row.decode(Int.self, at: 1)
    }
    let todaysRange = [Self.range(today, end)]
    let seenToday = try await members("users", of: .activity, in: todaysRange)[[], 0]
    var counts = edges.map { edge in
      byLastDay.reduce(seenToday) { $0 + (edge < $1.key && $1.key < today ? $1.value : 0) }
    }
    for (index, count) in try await lastSeenOn(edges, from: starts) { counts[index] += count }
    let sinceToday = byLastDay.reduce(0) { $0 + ($1.key >= today ? $1.value : 0) }
    guard sinceToday > seenToday else { return counts }
    let ahead = try await seenAhead(todaysRange, today)
    let ranges = starts.map { Self.range($0, today) }
    let seen = seen("users", of: .activity, in: ranges, amongst: "$9")
    for row in try await connection.query(
      ReportStatement.members.text(["seen": seen.text, "keys": ""]),
      seen.parameters + [.uuidArray(ahead)])
    {
      counts[try row.decode(Int.self, at: 0)] += try row.decode(Int.self, at: 1)
    }
    return counts
  }

  /// How many users were seen on a day after an instant of it, and never later.
  private mutating func lastSeenOn(
    _ days: [Int64], from starts: [Int64]
  ) async throws(PostgresError) -> [Int: Int] {
    let ranges = zip(starts, days).map { Self.range($0, $1 + RangeCover.day) }
    let seen = seen("users", of: .activity, in: ranges)
    var counts: [Int: Int] = [:]
    for row in try await connection.query(
      ReportStatement.lastSeen.text(["seen": seen.text]),
      seen.parameters + [.timestamptzArray(microseconds: days)])
    {
      counts[try row.decode(Int.self, at: 0)] = try row.decode(Int.self, at: 1)
    }
    return counts
  }

  /// Whose last day is today or later, without anything today so far.
  private mutating func seenAhead(
    _ today: [Range<Date>], _ day: Int64
  ) async throws(PostgresError) -> [UUID] {
    let seen = seen("users", of: .activity, in: today)
    return try await connection.query(
      ReportStatement.seenAhead.text(["seen": seen.text]),
      seen.parameters + [.timestamptz(microseconds: day)]
    ).map { row throws(PostgresError) in try row.decode(at: 0) }
  }

  private static func range(_ lower: Int64, _ upper: Int64) -> Range<Date> {
    let date = { (instant: Int64) in
      PostgresTimestamp(microseconds: instant).date ?? .distantFuture
    }
    return date(lower)..<date(upper)
  }
}
