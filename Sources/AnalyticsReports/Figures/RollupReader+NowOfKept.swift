internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

extension RollupReader {
  /// How many users had an event from each of some instants until now, one look at each day of each
  /// user, backwards from now.
  ///
  /// - Returns: `nil` unless most of the days are known already: to read them all would take longer than
  ///   to ask for the counts.
  mutating func usersNowOfKept(
    _ end: Int64, _ starts: [Int64]
  ) async throws(PostgresError) -> [Int]? {
    guard let first = starts.min()?.floored(to: RangeCover.day) else { return [] }
    let today = end.floored(to: RangeCover.day)
    let days = Array(stride(from: first, through: today, by: Int(RangeCover.day)))
    guard try await 2 * knownDays(of: days) > days.count else { return nil }
    let activity = try await activity(on: days)
    // What of a day belongs to a window that begins within it, and today's until now.
    let rests = try await users(
      at: starts.map { $0..<min($0.floored(to: RangeCover.day) + RangeCover.day, end) }
        + [today..<end], activity)
    var seen = SeenUsers()
    var counts = starts.map { _ in 0 }
    for day in days.reversed() {
      let windows = starts.indices.filter { starts[$0].floored(to: RangeCover.day) == day }
      for window in windows.sorted(by: { starts[$0] > starts[$1] }) {
        seen.add(rests[window])
        counts[window] = seen.count
      }
      seen.add(day == today ? rests[starts.count] : activity[day]?.users(in: nil) ?? [])
    }
    return counts
  }

  private mutating func knownDays(of days: [Int64]) async throws(PostgresError) -> Int {
    guard let first = days.first, let last = days.last else { return 0 }
    try await readVersions(of: first..<last + RangeCover.day)
    return days.count { isActivityKept(on: $0) }
  }

  /// Who was there in parts of days; a user may come twice.
  private mutating func users(
    at ranges: [Range<Int64>], _ activity: [Int64: DayActivity]
  ) async throws(PostgresError) -> [[UInt32]] {
    let parts = MemberParts(
      cover(ranges.map { Self.range($0.lowerBound, $0.upperBound) }, of: .activity, onlyAdds: true))
    var users = ranges.map { _ in [UInt32]() }
    for part in parts.days { users[part.range] += activity[part.day]?.users(in: part.mask) ?? [] }
    let raw = parts.raw.map { Self.range($0.piece.lower, $0.piece.upper) }
    for (range, ids) in zip(parts.raw.map(\.range), try await usersSeen(in: raw)) {
      users[range] += ids
    }
    return users
  }
}

/// Users, each counted once.
private struct SeenUsers {
  private(set) var count = 0
  private var isSeen: [Bool] = []

  mutating func add(_ users: [UInt32]) {
    guard let largest = users.max() else { return }
    if Int(largest) >= isSeen.count {
      isSeen += repeatElement(false, count: Int(largest) + 1 - isSeen.count)
    }
    for user in users where !isSeen[Int(user)] {
      isSeen[Int(user)] = true
      count += 1
    }
  }
}
