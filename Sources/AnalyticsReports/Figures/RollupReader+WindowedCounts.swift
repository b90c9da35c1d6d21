internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import Foundation

/// The number of distinct members in each bucket of a frame, and in windows of whole days that end
/// with it.
struct WindowedCounts {
  /// For each bucket its own number, then those of its windows.
  let members: MemberCounts
  let windowCount: Int

  /// Returns the ranges to count members in. Each bucket comes with its windows, so that ranges
  /// with common days are read at the same time.
  static func ranges(of frame: TimeFrame, windows: [Int]) -> [Range<Date>] {
    let lead = (windows.max() ?? 1) - 1
    let days = windows.isEmpty ? [] : frame.wholeDays(before: lead)
    return frame.ranges.enumerated().flatMap { bucket, range in
      [range]
        + windows.map { days[lead + bucket - $0 + 1].lowerBound..<days[lead + bucket].upperBound }
    }
  }

  /// The groups that have members anywhere, in any order.
  var groups: [Group] { members.groups }

  func counts(_ group: Group, _ bucket: Int) -> (bucket: Int, windows: [Int]) {
    let first = bucket * (1 + windowCount)
    return (members[group, first], (0..<windowCount).map { members[group, first + 1 + $0] })
  }
}

extension RollupReader {
  /// Counts members, each once in a bucket or window.
  ///
  /// - Parameters:
  ///   - measure: The name of the distinct measure.
  ///   - windows: The lengths of the windows in local days; only for frames by day.
  mutating func windowedCounts(
    _ measure: String, of rollup: Rollup, in frame: TimeFrame, windows: [Int] = [],
    by dimensions: [String] = [], where filter: DimensionFilter = []
  ) async throws(PostgresError) -> WindowedCounts {
    let members = try await members(
      measure, of: rollup, in: WindowedCounts.ranges(of: frame, windows: windows), by: dimensions,
      where: filter)
    return WindowedCounts(members: members, windowCount: windows.count)
  }
}

extension TimeFrame {
  /// Returns the whole days of a frame by day, and before them as many more as `count`.
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
