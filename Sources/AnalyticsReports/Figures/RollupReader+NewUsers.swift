internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

extension RollupReader {
  /// How many users were seen for the first time ever, wherever that was.
  ///
  /// - Parameter filter: Those only who were seen in the piece with these values as well.
  /// - Returns: By piece.
  mutating func newUsers(
    _ frame: TimeFrame, where filter: DimensionFilter = []
  ) async throws(PostgresError) -> [Int] {
    let cover = cover(
      frame.ranges, of: .activity, by: filter.dimensions, onlyAdds: true)
    lookForPending(.activity, before: frame.range.upperBound)
    var counts = frame.buckets.map { _ in 0 }
    let ranges = frame.ranges.map {
      PostgresTimestamp($0.lowerBound).microseconds..<PostgresTimestamp($0.upperBound).microseconds
    }
    guard !filter.isEmpty else {
      try await firstSeen(in: ranges) { counts[$0] += $2.count }
      return counts
    }
    // By chunk, then piece.
    var new: [Int: [Int: MemberSet]] = [:]
    try await firstSeen(in: ranges) { piece, chunk, set in
      new[chunk, default: [:]][piece, default: MemberSet()].formUnion(set)
    }
    try await sets(.users(where: filter), cover) { chunk in
      for (piece, set) in new[chunk.number] ?? [:] {
        if let seen = chunk.sets[piece] { counts[piece] += set.sharedCount(with: seen) }
      }
    }
    return counts
  }

  /// Gives who was seen for the first time ever in each of some ranges: a range, a chunk, and members
  /// of that chunk. They may come in several sets, no user in two of them.
  ///
  /// It is known of which UTC day a user is. Where a range begins or ends within that day, it is the part
  /// of the day in which the user was there first.
  ///
  /// - Parameter ranges: One behind the other.
  func firstSeen(
    in ranges: [Range<Int64>], _ body: (Int, Int, MemberSet) -> Void
  ) async throws(PostgresError) {
    guard let first = ranges.first, let last = ranges.last else { return }
    let cut = CutDays(ranges)
    // Of days that are cut: who was not met yet.
    var rest: [ChunkOfDay: MemberSet] = [:]
    for row in try await newUsers(of: first.lowerBound..<last.upperBound) {
      let day = try row.decode(PostgresTimestamp.self, "first_day").microseconds
      let numbers = try row.decode(Int.self, "lower")..<row.decode(Int.self, "upper")
      let range = ranges.index(around: day)
      for (chunk, set) in numbers.memberSets {
        if cut.days.contains(day) {
          rest[ChunkOfDay(chunk: chunk, day: day), default: MemberSet()].formUnion(set)
        } else if let range {
          body(range, chunk, set)
        }
      }
    }
    try await sets(.users(), memberCover(cut.parts.map(\.bounds))) { members in
      // In order of time.
      for (part, set) in members.sets.sorted(by: { $0.key < $1.key }) {
        let part = cut.parts[part]
        let place = ChunkOfDay(chunk: members.number, day: part.day)
        guard let new = rest[place]?.intersection(set) else { continue }
        rest[place]?.subtract(new)
        if let range = part.range { body(range, members.number, new) }
      }
    }
  }

  /// The numbers of users by the UTC day on which they were seen first: rows of users whose numbers follow
  /// one another.
  private func newUsers(of range: Range<Int64>) async throws(PostgresError) -> PostgresRows {
    let start = range.lowerBound.floored(to: RangeCover.day)
    return try await connection.query(
      """
      SELECT d.first_day, lower(r.numbers) AS lower, upper(r.numbers) AS upper
      FROM analytics_users_by_first_day AS d CROSS JOIN unnest(d.numbers) AS r (numbers)
      WHERE d.first_day >= \(PostgresTimestamp(microseconds: start))
        AND d.first_day < \(PostgresTimestamp(microseconds: range.upperBound))
      """)
  }
}

private struct ChunkOfDay: Hashable {
  var chunk: Int
  var day: Int64
}

/// The UTC days within which a range begins or ends, in parts.
private struct CutDays {
  struct Part {
    var day: Int64
    var bounds: Range<Int64>
    /// `nil` for what of the day is before all ranges.
    var range: Int?
  }

  private(set) var days: Set<Int64> = []
  /// In order of time.
  private(set) var parts: [Part] = []

  init(_ ranges: [Range<Int64>]) {
    for bound in ranges.flatMap({ [$0.lowerBound, $0.upperBound] })
    where bound % RangeCover.day != 0 {
      days.insert(bound.floored(to: RangeCover.day))
    }
    for (index, range) in ranges.enumerated() {
      let ends = [range.lowerBound, range.upperBound].map { $0.floored(to: RangeCover.day) }
      // No other day of a range is cut.
      for day in ends[0] == ends[1] ? [ends[0]] : ends where days.contains(day) {
        let bounds = range.clamped(to: day..<day + RangeCover.day)
        if parts.last?.day != day, day < bounds.lowerBound {
          parts.append(Part(day: day, bounds: day..<bounds.lowerBound, range: nil))
        }
        if !bounds.isEmpty { parts.append(Part(day: day, bounds: bounds, range: index)) }
      }
    }
  }
}

extension [Range<Int64>] {
  /// Which of some ranges in order holds a number.
  fileprivate func index(around number: Int64) -> Int? {
    var (lower, upper) = (0, count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if self[middle].upperBound <= number { lower = middle + 1 } else { upper = middle }
    }
    return lower < count && self[lower].contains(number) ? lower : nil
  }
}
