internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

/// How many distinct members there are in each piece of a frame, and in windows of whole days that end with it.
struct Presence {
  /// Of each piece, behind it its windows.
  let members: MemberCounts
  let windowCount: Int

  /// What ranges members are counted in: day by day, and with its piece, so that what is read at one time is what they
  /// share.
  static func ranges(of frame: TimeFrame, windows: [Int]) -> [Range<Date>] {
    let lead = (windows.max() ?? 1) - 1
    let days = windows.isEmpty ? [] : frame.wholeDays(before: lead)
    return frame.ranges.enumerated().flatMap { piece, range in
      [range]
        + windows.map { days[lead + piece - $0 + 1].lowerBound..<days[lead + piece].upperBound }
    }
  }

  /// The groups that have members anywhere, in any order.
  var groups: [Group] { members.groups }

  func counts(_ group: Group, _ piece: Int) -> (piece: Int, windows: [Int]) {
    let first = piece * (1 + windowCount)
    return (members[group, first], (0..<windowCount).map { members[group, first + 1 + $0] })
  }
}

extension RollupReader {
  /// Counts members, each once in a piece or window.
  ///
  /// - Parameters:
  ///   - measure: The distinct measure's name.
  ///   - windows: Their lengths in local days; for frames by day.
  mutating func presence(
    _ measure: String, of rollup: Rollup, in frame: TimeFrame, windows: [Int] = [],
    by dimensions: [String] = [], where filter: DimensionFilter = []
  ) async throws(PostgresError) -> Presence {
    let members = try await members(
      measure, of: rollup, in: Presence.ranges(of: frame, windows: windows), by: dimensions,
      where: filter)
    return Presence(members: members, windowCount: windows.count)
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
