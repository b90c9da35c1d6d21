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
    // For its notes alone: most of it is read from `analytics_users`.
    _ = cover([Self.range(starts.min() ?? today, end)], of: .activity)
    if let counts = try await usersNowOfKept(end, starts) { return counts }
    let todaysRange = [Self.range(today, end)]
    let seenToday = try await members("users", of: .activity, in: todaysRange)[[], 0]
    let (sinceToday, sinceEdges) = try await lastSeen(since: starts, today)
    var counts = sinceEdges.map { $0 - sinceToday + seenToday }
    guard sinceToday > seenToday else { return counts }
    let ahead = try await seenAhead(todaysRange, today)
    let ranges = starts.map { Self.range($0, today) }
    let seen = seen("users", of: .activity, in: ranges, amongst: ahead)
    for row in try await connection.query(seen.counts) {
      counts[try row.decode(Int.self, "range")] += try row.decode(Int.self, "count")
    }
    return counts
  }

  /// How many users were last seen today or later, and how many at or behind each of some instants.
  private mutating func lastSeen(
    since starts: [Int64], _ today: Int64
  ) async throws(PostgresError) -> (today: Int, starts: [Int]) {
    let edges = starts.map { $0.floored(to: RangeCover.day) }
    let windows = zip(starts, edges).map { start, edge in
      let rest = Self.range(start, edge + RangeCover.day)
      let parts = MemberParts(cover([rest], of: .activity, onlyAdds: true))
      return ", count(*) FILTER (WHERE \(Self.wasLastSeen(behind: edge, or: parts)))" as SQL
    }
    let oldest = PostgresTimestamp(microseconds: min(edges.min() ?? today, today))
    // One look at each user, for all windows. OFFSET 0 keeps this in one process: each would make the sets of
    // who was seen for itself.
    let row = try await connection.query(
      """
      SELECT count(*) FILTER (WHERE u.last_day >= \(PostgresTimestamp(microseconds: today)))
          \(windows.joined(separator: ""))
      FROM (SELECT user_id, last_day FROM analytics_users WHERE last_day >= \(oldest) OFFSET 0) AS u
      """
    ).only()
    var counts: [Int] = []
    for position in starts.indices { counts.append(try row.decode(at: 1 + position)) }
    return (try row.decode(at: 0), counts)
  }

  /// Whether the user `u` was last seen behind a day, or on that day in its rest. The set is made where there
  /// is anybody to look for.
  private static func wasLastSeen(behind edge: Int64, or rest: MemberParts) -> SQL {
    let day = PostgresTimestamp(microseconds: edge)
    let raw = RawParts(rest.raw.map(\.piece)).branches.map { branch in
      """

      UNION ALL
      SELECT e.user_id FROM analytics_events AS e
      WHERE \(branch.isInBounds) AND e.user_id IS NOT NULL
      """ as SQL
    }
    return """
      u.last_day > \(day) OR u.last_day = \(day) AND u.user_id IN (
          SELECT f.member FROM \(users) AS f
          WHERE f.day = \(day) AND (f.quarters & \(rest.mask.text)::bit(96)) <> 0::bit(96)
          \(raw.joined(separator: "")))
      """
  }

  /// How many users were seen on one UTC day up to an instant within a quarter of an hour, which is how
  /// a range until now ends.
  ///
  /// - Returns: `nil` if the range is another.
  mutating func usersUntil(_ range: Range<Date>) async throws(PostgresError) -> Int? {
    let parts = MemberParts(cover([range], of: .activity, onlyAdds: true))
    guard parts.raw.count == 1, let piece = parts.raw.first?.piece, parts.days.count <= 1 else {
      return nil
    }
    let day = piece.lower.floored(to: RangeCover.day)
    guard parts.days.allSatisfy({ $0.day == day }) else { return nil }
    let bounds = [range.lowerBound, range.upperBound].map { PostgresTimestamp($0).microseconds }
    if let known = usersUntil[bounds] { return known }
    // Who is seen in whole quarters and behind them counts once.
    let (lower, upper) = (
      PostgresTimestamp(microseconds: piece.lower), PostgresTimestamp(microseconds: piece.upper)
    )
    let events = Rollup.activity.events(
      from: "analytics_events", where: "e.timestamp >= \(lower) AND e.timestamp < \(upper)",
      membersOf: Rollup.activity.measures[0])
    let isSeen: SQL = """
      f.day = \(PostgresTimestamp(microseconds: day))
          AND (f.quarters & \(parts.mask.text)::bit(96)) <> 0::bit(96)
      """
    let count: Int = try await connection.query(
      """
      SELECT (SELECT count(*) FROM \(Self.users) AS f WHERE \(isSeen))
           + (SELECT count(DISTINCT r.member)
              FROM (SELECT \(Source.userID.member) AS member FROM \(events) OFFSET 0) AS r
              WHERE NOT EXISTS (SELECT FROM \(Self.users) AS f
                                WHERE f.member = r.member AND \(isSeen)))
      """
    ).value()
    usersUntil[bounds] = count
    return count
  }

  /// Whose last day is today or later, without anything today so far.
  private mutating func seenAhead(
    _ today: [Range<Date>], _ day: Int64
  ) async throws(PostgresError) -> [UUID] {
    let seen = seen("users", of: .activity, in: today)
    return try await connection.query(
      """
      SELECT u.user_id FROM analytics_users AS u
      WHERE u.last_day >= \(PostgresTimestamp(microseconds: day))
        AND u.user_id NOT IN (SELECT s.member FROM (\(seen.sql)) AS s)
      """
    ).values()
  }

  static func range(_ lower: Int64, _ upper: Int64) -> Range<Date> {
    let date = { (instant: Int64) in
      PostgresTimestamp(microseconds: instant).date ?? .distantFuture
    }
    return date(lower)..<date(upper)
  }
}
