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

  /// How many users were seen for the first time ever.
  ///
  /// - Returns: By piece.
  mutating func newUsers(_ frame: TimeFrame) async throws(PostgresError) -> [Int] {
    let cover = cover(frame.ranges, of: .activity)
    lookForPending(.activity, before: frame.range.upperBound)
    var counts = frame.buckets.map { _ in 0 }
    // Pieces begin with a quarter, as far as quarters are all that is known.
    var starts = frame.ranges.map {
      PostgresTimestamp($0.lowerBound).microseconds.floored(to: RangeCover.quarter)
    }
    let end = PostgresTimestamp(frame.range.upperBound).microseconds
    let rawPieces = cover.pieces.filter { $0.level == .raw }
    let cut = Set(rawPieces.map { $0.lower.floored(to: RangeCover.quarter) })
    let statement: ReportStatement = frame.isWholeDays ? .firstDays : .firstQuarters
    let bounds: [PostgresParameter] = [
      .timestamptz(microseconds: starts[0].floored(to: RangeCover.day)),
      .timestamptz(microseconds: end),
    ]
    let lastWhole = end.floored(to: RangeCover.quarter)
    for row in try await connection.query(statement.text(Self.activity), bounds) {
      let quarter = try row.decode(PostgresTimestamp.self, at: 0).microseconds
      guard quarter < lastWhole, !cut.contains(quarter) else { continue }
      if let piece = starts.lastIndex(startingBefore: quarter) {
        counts[piece] += try row.decode(Int.self, at: 1)
      }
    }
    guard !cut.isEmpty else { return counts }
    starts = frame.ranges.map { PostgresTimestamp($0.lowerBound).microseconds }
    let rows = try await connection.query(
      ReportStatement.firstInstants.text(Self.activity),
      [
        .timestamptzArray(microseconds: cut.sorted()),
        .timestamptz(microseconds: cut.min() ?? 0),
        .timestamptz(microseconds: (cut.max() ?? 0) + RangeCover.quarter),
      ])
    for row in rows {
      let instant = try row.decode(PostgresTimestamp.self, at: 0).microseconds
      guard instant < end, let piece = starts.lastIndex(startingBefore: instant) else { continue }
      counts[piece] += 1
    }
    return counts
  }

  private static let activity = [
    "relation": Rollup.activity.memberRelation(Rollup.activity.measures[0])
  ]
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

extension [Int64] {
  /// Of numbers in order, the last one that is not above another.
  fileprivate func lastIndex(startingBefore number: Int64) -> Int? {
    var (lower, upper) = (0, count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if self[middle] <= number { lower = middle + 1 } else { upper = middle }
    }
    return lower > 0 ? lower - 1 : nil
  }
}
