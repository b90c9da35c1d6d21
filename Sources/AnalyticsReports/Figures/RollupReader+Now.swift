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
    let seen = seen("users", of: .activity, in: ranges, amongst: "$\(Seen.next)")
    for row in try await connection.query(
      ReportStatement.members.text(["seen": seen.text, "keys": ""]),
      seen.parameters + [.uuidArray(ahead)])
    {
      counts[try row.decode(Int.self, at: 0)] += try row.decode(Int.self, at: 1)
    }
    return counts
  }

  /// How many users were last seen today or later, and how many at or behind each of some instants.
  private mutating func lastSeen(
    since starts: [Int64], _ today: Int64
  ) async throws(PostgresError) -> (today: Int, starts: [Int]) {
    let edges = starts.map { $0.floored(to: RangeCover.day) }
    var windows = ""
    var masks: [String] = []
    var raw: [Range<Int64>] = []
    for (index, (start, edge)) in zip(starts, edges).enumerated() {
      let rest = Self.range(start, edge + RangeCover.day)
      let parts = MemberParts(cover([rest], of: .activity, onlyAdds: true))
      masks.append(parts.mask.text)
      let piece = parts.raw.first?.piece
      raw.append(piece.map { $0.lower..<$0.upper } ?? start..<start)
      let words = ["window": "\(index + 1)"].merging(Self.users) { $1 }
      windows += ReportStatement.usersSince.text(
        words.merging(["raw": piece == nil ? "" : ReportStatement.usersSinceRaw.text(words)]) { $1 }
      )
    }
    let row = try await connection.query(
      ReportStatement.usersNow.text(["windows": windows]),
      [
        .timestamptz(microseconds: today),
        .timestamptz(microseconds: min(edges.min() ?? today, today)),
        .timestamptzArray(microseconds: edges), .textArray(masks),
        .timestamptzArray(microseconds: raw.map(\.lowerBound)),
        .timestamptzArray(microseconds: raw.map(\.upperBound)),
      ]
    ).only()
    var counts: [Int] = []
    for position in starts.indices { counts.append(try row.decode(at: 1 + position)) }
    return (try row.decode(at: 0), counts)
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
    let events = Rollup.activity.events(
      from: "analytics_events", where: "e.timestamp >= $3 AND e.timestamp < $4",
      membersOf: Rollup.activity.measures[0])
    let count: Int = try await connection.query(
      ReportStatement.membersUntil.text(
        ["member": Source.userID.member, "events": events].merging(Self.users) { $1 }),
      [
        .timestamptz(microseconds: day), .text(parts.mask.text),
        .timestamptz(microseconds: piece.lower), .timestamptz(microseconds: piece.upper),
      ]
    ).only().decode(at: 0)
    usersUntil[bounds] = count
    return count
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

  static func range(_ lower: Int64, _ upper: Int64) -> Range<Date> {
    let date = { (instant: Int64) in
      PostgresTimestamp(microseconds: instant).date ?? .distantFuture
    }
    return date(lower)..<date(upper)
  }
}
