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
    var counts = windows.map { _ in [Int]() }
    // A bit a day and user is little, but not for decades at once.
    for start in stride(from: 0, to: frame.buckets.count, by: Self.daysAtOnce) {
      let end = min(start + Self.daysAtOnce, frame.buckets.count)
      let chunk = Array(days[start..<end + lead])
      let seen = seen("users", of: .activity, in: chunk)
      var users = SlidingDistinct(days: chunk.count, windows: windows)
      let zeros = PostgresParameter.text(String(repeating: "0", count: chunk.count))
      let rows = try await connection.query(
        ReportStatement.activeDays.text(["seen": seen.text]), seen.parameters + [zeros])
      for row in rows {
        row.withBytes(at: 0) { bytes in
          // Behind the number of bits.
          if let bytes { users.add(bits: UnsafeRawBufferPointer(rebasing: bytes.dropFirst(4))) }
        }
      }
      for (index, window) in users.counts.enumerated() { counts[index] += window.dropFirst(lead) }
    }
    return counts
  }

  private static let daysAtOnce = 400

  /// How many users were seen for the first time ever.
  ///
  /// - Returns: By piece.
  mutating func newUsers(_ frame: TimeFrame) async throws(PostgresError) -> [Int] {
    let cover = cover(frame.ranges, of: .activity)
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
      [.timestamptzArray(microseconds: cut.sorted())])
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
