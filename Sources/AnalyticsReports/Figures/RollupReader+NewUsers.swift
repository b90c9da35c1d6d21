internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

extension RollupReader {
  /// Who was active in each piece of a frame and in windows that end with it, and how many of a piece's users were seen
  /// for the first time ever, wherever that was.
  mutating func activity(
    in frame: TimeFrame, windows: [Int], where filter: DimensionFilter = []
  ) async throws(PostgresError) -> (presence: Presence, new: [Int]) {
    let ranges = Presence.ranges(of: frame, windows: windows)
    let cover = cover(ranges, of: .activity, by: filter.dimensions, onlyAdds: true)
    lookForPending(.activity, before: frame.range.upperBound)
    var first = try await firstDays(of: frame.ranges.map(\.microseconds))
    var counts = MemberCounts()
    var new = frame.buckets.map { _ in 0 }
    if filter.isEmpty {
      // All is read at one time.
      let parts = first.parts
      let both = memberCover(ranges.map(\.microseconds) + parts)
      try await sets(.users(), both) { chunk in
        counts.add(chunk, as: { $0 < ranges.count ? $0 : nil })
        first.meet(chunk, as: { $0 < ranges.count ? nil : $0 - ranges.count })
      }
      for (piece, _, set) in first.found { new[piece] += set.count }
    } else {
      try await sets(.users(), memberCover(first.parts)) { first.meet($0) }
      let found = Dictionary(grouping: first.found) { $0.chunk }
      try await sets(.users(where: filter), cover) { chunk in
        counts.add(chunk)
        for (piece, _, set) in found[chunk.number] ?? [] {
          guard let seen = chunk.sets[piece * (1 + windows.count)] else { continue }
          new[piece] += set.sharedCount(with: seen)
        }
      }
    }
    return (Presence(members: counts, windowCount: windows.count), new)
  }

  /// Gives who was seen for the first time ever in each of some ranges: a range, a chunk, and members
  /// of that chunk. They may come in several sets, no user in two of them.
  ///
  /// - Parameter ranges: One behind the other.
  func firstSeen(
    in ranges: [Range<Int64>], _ body: (Int, Int, MemberSet) -> Void
  ) async throws(PostgresError) {
    var first = try await firstDays(of: ranges)
    try await sets(.users(), memberCover(first.parts)) { first.meet($0) }
    for (range, chunk, set) in first.found { body(range, chunk, set) }
  }

  /// The users by the UTC day on which they were seen first, as far as that has a share in the ranges.
  private func firstDays(of ranges: [Range<Int64>]) async throws(PostgresError) -> FirstSeen {
    var first = FirstSeen(in: ranges)
    guard let lower = ranges.first?.lowerBound, let upper = ranges.last?.upperBound else {
      return first
    }
    let start = lower.floored(to: RangeCover.day)
    // Users whose numbers follow one another are one row.
    let rows = try await connection.query(
      """
      SELECT d.first_day, lower(r.numbers) AS lower, upper(r.numbers) AS upper
      FROM analytics_users_by_first_day AS d CROSS JOIN unnest(d.numbers) AS r (numbers)
      WHERE d.first_day >= \(PostgresTimestamp(microseconds: start))
        AND d.first_day < \(PostgresTimestamp(microseconds: upper))
      """)
    for row in rows {
      let day = try row.decode(PostgresTimestamp.self, "first_day").microseconds
      first.add(
        try row.decode(Int.self, "lower")..<row.decode(Int.self, "upper"), firstDay: day)
    }
    return first
  }
}

/// Who was seen for the first time ever in which of some ranges.
///
/// It is known of which UTC day a user is. Where a range begins or ends within that day, it is the part of the day in
/// which the user was there first.
private struct FirstSeen {
  private let ranges: [Range<Int64>]
  private let cut: CutDays
  /// Of days that are cut: who was not met yet.
  private var rest: [ChunkOfDay: MemberSet] = [:]
  private(set) var found: [(range: Int, chunk: Int, set: MemberSet)] = []

  /// - Parameter ranges: One behind the other.
  init(in ranges: [Range<Int64>]) {
    self.ranges = ranges
    cut = CutDays(ranges)
  }

  /// The parts of cut days, in order of time: it has to be known who was there in each.
  var parts: [Range<Int64>] { cut.parts.map(\.bounds) }

  mutating func add(_ numbers: Range<Int>, firstDay day: Int64) {
    let range = ranges.index(around: day)
    for (chunk, set) in numbers.memberSets {
      if cut.days.contains(day) {
        rest[ChunkOfDay(chunk: chunk, day: day), default: MemberSet()].formUnion(set)
      } else if let range {
        found.append((range, chunk, set))
      }
    }
  }

  /// Takes who was there in parts of cut days. Those of a chunk come in order of time.
  ///
  /// - Parameter part: Which part a range of the chunk is; `nil` for none.
  mutating func meet(_ chunk: MemberChunk, as part: (Int) -> Int? = { $0 }) {
    let seen = chunk.sets.compactMap { range, set in part(range).map { (part: $0, set: set) } }
    for (part, set) in seen.sorted(by: { $0.part < $1.part }) {
      let part = cut.parts[part]
      let place = ChunkOfDay(chunk: chunk.number, day: part.day)
      guard let new = rest[place]?.intersection(set) else { continue }
      rest[place]?.subtract(new)
      if let range = part.range { found.append((range, chunk.number, new)) }
    }
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
    let index = firstIndexInOrder { $0.upperBound > number }
    return index < count && self[index].contains(number) ? index : nil
  }
}

extension Range<Date> {
  /// Since 2000.
  fileprivate var microseconds: Range<Int64> {
    PostgresTimestamp(lowerBound).microseconds..<PostgresTimestamp(upperBound).microseconds
  }
}
