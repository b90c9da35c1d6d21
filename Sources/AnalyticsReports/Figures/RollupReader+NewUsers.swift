internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText
internal import Foundation

extension RollupReader {
  /// Returns how many users were active in each bucket of a frame and in the windows that end with
  /// it, and how many users of each bucket are new. A user is new in the bucket of their first
  /// event ever, in any service or environment.
  mutating func activity(
    in frame: TimeFrame, windows: [Int], where filter: DimensionFilter = []
  ) async throws(PostgresError) -> (users: WindowedCounts, new: [Int]) {
    let ranges = WindowedCounts.ranges(of: frame, windows: windows)
    let cover = cover(ranges, of: .activity, by: filter.dimensions, onlyAdds: true)
    warnAboutPending(.activity, before: frame.range.upperBound)
    var first = try await firstDays(of: frame.ranges.map(\.microseconds))
    var counts = MemberCounts()
    var new = frame.buckets.map { _ in 0 }
    if filter.isEmpty {
      // Both are read at the same time.
      let parts = first.parts
      let both = memberCover(ranges.map(\.microseconds) + parts)
      try await sets(.users(), both) { chunk in
        counts.add(chunk, as: { $0 < ranges.count ? $0 : nil })
        first.resolve(chunk, as: { $0 < ranges.count ? nil : $0 - ranges.count })
      }
      for (bucket, _, set) in first.found { new[bucket] += set.count }
    } else {
      try await sets(.users(), memberCover(first.parts)) { first.resolve($0) }
      let found = Dictionary(grouping: first.found) { $0.chunk }
      try await sets(.users(where: filter), cover) { chunk in
        counts.add(chunk)
        for (bucket, _, set) in found[chunk.number] ?? [] {
          guard let seen = chunk.sets[bucket * (1 + windows.count)] else { continue }
          new[bucket] += set.sharedCount(with: seen)
        }
      }
    }
    return (WindowedCounts(members: counts, windowCount: windows.count), new)
  }

  /// Calls `body` with the users whose first event ever lies in each of some ranges: the range, a
  /// chunk, and members of that chunk. A range and chunk may come with several sets, which have no
  /// user in common.
  ///
  /// - Parameter ranges: In order of time, without overlaps.
  func firstSeen(
    in ranges: [Range<Int64>], _ body: (Int, Int, MemberSet) -> Void
  ) async throws(PostgresError) {
    var first = try await firstDays(of: ranges)
    try await sets(.users(), memberCover(first.parts)) { first.resolve($0) }
    for (range, chunk, set) in first.found { body(range, chunk, set) }
  }

  /// Returns the users by the UTC day of their first event, for days that overlap the ranges.
  private func firstDays(of ranges: [Range<Int64>]) async throws(PostgresError) -> FirstSeen {
    var first = FirstSeen(in: ranges)
    guard let lower = ranges.first?.lowerBound, let upper = ranges.last?.upperBound else {
      return first
    }
    let start = lower.floored(to: RangeCover.day)
    // Users with consecutive numbers are one row.
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

/// The users whose first event ever lies in each of some ranges.
///
/// The database knows the UTC day of a user's first event. If a range begins or ends within that
/// day, what counts is the first part of the day in which the user was active.
private struct FirstSeen {
  private let ranges: [Range<Int64>]
  private let cut: CutDays
  /// The users of cut days who were not found in a part yet.
  private var rest: [ChunkOfDay: MemberSet] = [:]
  private(set) var found: [(range: Int, chunk: Int, set: MemberSet)] = []

  /// - Parameter ranges: In order of time, without overlaps.
  init(in ranges: [Range<Int64>]) {
    self.ranges = ranges
    cut = CutDays(ranges)
  }

  /// The parts of cut days, in order of time. The users of each part have to be read.
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

  /// Takes the users who were active in parts of cut days. The parts of a chunk must come in order
  /// of time.
  ///
  /// - Parameter part: Returns the part that a range of the chunk is; `nil` if it is none.
  mutating func resolve(_ chunk: MemberChunk, as part: (Int) -> Int? = { $0 }) {
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

/// The UTC days within which a range begins or ends, cut into parts.
private struct CutDays {
  struct Part {
    var day: Int64
    var bounds: Range<Int64>
    /// `nil` for the part of the day before all ranges.
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
      // Only the first and the last day of a range can be cut.
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
  /// Returns the index of the range that contains a number. The ranges must be in order.
  fileprivate func index(around number: Int64) -> Int? {
    let index = firstIndexInOrder { $0.upperBound > number }
    return index < count && self[index].contains(number) ? index : nil
  }
}

extension Range<Date> {
  /// The range in microseconds since 2000.
  fileprivate var microseconds: Range<Int64> {
    PostgresTimestamp(lowerBound).microseconds..<PostgresTimestamp(upperBound).microseconds
  }
}
