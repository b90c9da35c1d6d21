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
    for start in stride(from: 0, to: days.count, by: Self.daysAtOnce) {
      let chunk = Array(days[start..<min(start + Self.daysAtOnce, days.count)])
      for (index, users) in try await users(in: chunk).enumerated() {
        sliding.add(users, on: start + index)
      }
    }
    return sliding.counts.map { Array($0.dropFirst(lead)) }
  }

  private static let daysAtOnce = 100

  /// Who was there in each of some ranges; a user may come twice.
  private mutating func users(in ranges: [Range<Date>]) async throws(PostgresError) -> [[UInt32]] {
    try await readVersions(ranges)
    let asked = "users"
    let bounds = ranges.map { range in
      [range.lowerBound, range.upperBound].map { PostgresTimestamp($0).microseconds }
    }
    var result = ranges.map { _ in [UInt32]() }
    var missing: [Int] = []
    for (index, bounds) in bounds.enumerated() {
      if case .users(let users)? = keptContent(asked, bounds[0], bounds[1]) {
        result[index] = users
      } else {
        missing.append(index)
      }
    }
    guard !missing.isEmpty else { return result }
    let seen = seen("users", of: .activity, in: missing.map { ranges[$0] })
    let text =
      seen.isOfDays
      ? ReportStatement.usersOfDays.text(seen.words)
      : ReportStatement.usersSeen.text(["seen": seen.text])
    for row in try await connection.query(text, seen.parameters) {
      let index = missing[try row.decode(Int.self, at: 0)]
      result[index] += row.withBytes(at: 1) { $0.map { kept.users.numbers(of: $0) } ?? [] }
    }
    for index in missing {
      keep(.users(result[index]), asked, bounds[index][0], bounds[index][1])
    }
    return result
  }
}

extension TimeFrame {
  /// The days of a frame by day, not cut off at its ends, and so many before them.
  fileprivate func wholeDays(before count: Int) -> [Range<Date>] {
    let calendar = Calendar.analytics(in: zone)
    var starts = buckets.map(\.start)
    starts.append(calendar.start(after: starts[starts.count - 1], .day))
    for _ in 0..<count {
      // Noon of the day before, since a day may begin at one o'clock.
      let before = starts[0].addingTimeInterval(-43_200)
      starts.insert(calendar.startOfDay(for: before), at: 0)
    }
    return zip(starts, starts.dropFirst()).map { $0..<$1 }
  }
}
