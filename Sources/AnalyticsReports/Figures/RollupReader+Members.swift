internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// How many distinct members there are, for each of some ranges of time and each group.
struct MemberCounts {
  fileprivate var counts: [Group: [Int: Int]] = [:]

  /// 0 if nobody was seen.
  subscript(group: Group, range: Int) -> Int { counts[group]?[range] ?? 0 }
}

extension RollupReader {
  /// Counts members, each once in a range.
  ///
  /// - Parameters:
  ///   - measure: The distinct measure's name.
  ///   - ranges: They may overlap.
  ///   - dimensions: What to tell apart; a member with several values of the others counts once.
  mutating func members(
    _ measure: String, of rollup: Rollup, in ranges: [Range<Date>],
    by dimensions: [String] = [], where filter: DimensionFilter = []
  ) async throws(PostgresError) -> MemberCounts {
    // For its notes, also where nothing has to be read.
    _ = cover(ranges, of: rollup, onlyAdds: true)
    try await readVersions(ranges)
    let asked = "\(rollup.name) \(measure) \(dimensions) \(filter)"
    let bounds = ranges.map { range in
      [range.lowerBound, range.upperBound].map { PostgresTimestamp($0).microseconds }
    }
    var result = MemberCounts()
    var missing: [Int] = []
    for (index, bounds) in bounds.enumerated() {
      if case .counts(let counts)? = keptContent(asked, bounds[0], bounds[1]) {
        for (group, count) in counts { result.counts[group, default: [:]][index] = count }
      } else {
        missing.append(index)
      }
    }
    // Days by themselves are counted faster than what ends within a quarter of an hour.
    let whole = missing.filter { bounds[$0].allSatisfy { $0 % RangeCover.quarter == 0 } }
    if rollup == .activity {
      for index in missing where !whole.contains(index) {
        guard let count = try await usersUntil(ranges[index]) else { continue }
        result.counts[[], default: [:]][index] = count
        missing.removeAll { $0 == index }
      }
    }
    for missing in [whole, missing.filter { !whole.contains($0) }] where !missing.isEmpty {
      let seen = seen(
        measure, of: rollup, in: missing.map { ranges[$0] }, by: dimensions, where: filter)
      let counted = try await counts(
        seen, missing.count, dimensions, isOfAll: dimensions.count == rollup.dimensions.count)
      for (index, counts) in zip(missing, counted) {
        for (group, count) in counts { result.counts[group, default: [:]][index] = count }
        keep(.counts(counts), asked, bounds[index][0], bounds[index][1])
      }
    }
    return result
  }

  /// - Parameter isOfAll: Whether all dimensions are told apart.
  private func counts(
    _ seen: Seen, _ ranges: Int, _ dimensions: [String], isOfAll: Bool
  ) async throws(PostgresError) -> [[Group: Int]] {
    let keys = dimensions.map { "f.\($0)" }.joined(separator: ", ")
    let text =
      seen.isSingle && isOfAll
      ? ReportStatement.membersOfDays.text(
        seen.words.merging([
          "columns": keys.isEmpty ? "" : keys + ", ",
          "grouping": keys.isEmpty ? "" : " GROUP BY " + keys,
        ]) { $1 })
      : ReportStatement.members.text([
        "seen": seen.text, "keys": dimensions.map { ", \($0)" }.joined(),
      ])
    var counts = [[Group: Int]](repeating: [:], count: ranges)
    for row in try await connection.query(text, seen.parameters) {
      var group: Group = []
      for position in dimensions.indices {
        group.append(ExactString(try row.decode(String.self, at: 1 + position)))
      }
      counts[try row.decode(Int.self, at: 0)][group] = try row.decode(
        Int.self, at: 1 + dimensions.count)
    }
    return counts
  }

  /// Who was seen: a query with the columns `range`, the dimensions and `member`, in which a member
  /// may come several times.
  struct Seen {
    var text: String
    /// What it is made of, for statements that go without the query.
    var words: [String: String]
    var parameters: [PostgresParameter]
    /// Whether each range lies within one UTC day, so that no member comes twice in it.
    var isSingle: Bool

    /// The number of the first parameter behind ``parameters``, those of a filter left out.
    static let next = 11
  }

  /// - Parameter members: SQL for the only ones that are looked for; `nil` for all.
  mutating func seen(
    _ name: String, of rollup: Rollup, in ranges: [Range<Date>],
    by dimensions: [String] = [], where filter: DimensionFilter = [], amongst members: String? = nil
  ) -> Seen {
    guard let measure = rollup.measures.first(where: { $0.name == name }),
      case .distinct(let source) = measure.kind
    else { preconditionFailure("\(rollup.name) has no distinct measure \(name)") }
    let parts = MemberParts(cover(ranges, of: rollup, onlyAdds: true))
    func conditions(_ member: String, _ value: (String) -> String) -> [String] {
      filter.enumerated().map { "\(value($1.dimension)) = ANY ($\($0 + Seen.next))" }
        + (members.map { ["\(member) = ANY (\($0))"] } ?? [])
    }
    let words = [
      "relation": rollup.memberRelation(measure),
      "keys": dimensions.map { ", f.\($0)" }.joined(),
      "mask": parts.days.contains { $0.mask != nil } ? ReportStatement.mask.text() : "",
      "condition": conditions("f.member") { "f.\($0)" }.map { " AND \($0)" }.joined(),
    ]
    let expression = rollup.expression(ofDimension:)
    let raw = parts.rawParts.branches(from: Seen.next - 2) { lies in
      let condition =
        [ReportStatement.isInPiece, lies("e.timestamp")] + conditions(source.member, expression)
      return ReportStatement.seenRaw.text([
        "columns": (dimensions.map(expression) + [source.member]).joined(separator: ", "),
        "events": rollup.events(
          from: "analytics_events", where: condition.joined(separator: " AND "),
          membersOf: measure),
        "lies": lies("p.lower"),
      ])
    }
    return Seen(
      text: ([ReportStatement.seen.text(words)] + raw).joined(separator: "\n"), words: words,
      parameters: parts.parameters + filter.map { .textArray($0.values) },
      isSingle: parts.isSingle)
  }
}

/// The days and parts of days in which members are looked for.
struct MemberParts {
  struct Day {
    var day: Int64
    var range: Int
    /// `nil` for the whole day.
    var mask: QuarterMask?
  }

  private(set) var days: [Day] = []
  private(set) var raw: [(piece: RangeCover.Piece, range: Int)] = []

  init(_ cover: RangeCover) {
    for (piece, shares) in zip(cover.pieces, cover.shares) {
      for share in shares {
        switch piece.level {
        case .raw: raw.append((piece, share.range))
        case .daily:
          for day in stride(from: piece.lower, to: piece.upper, by: Int(RangeCover.day)) {
            days.append(Day(day: day, range: share.range, mask: nil))
          }
        case .quarterly: cut(piece, share.range)
        }
      }
    }
  }

  /// A piece of quarters may lie in two days.
  private mutating func cut(_ piece: RangeCover.Piece, _ range: Int) {
    var lower = piece.lower
    while lower < piece.upper {
      let day = lower.floored(to: RangeCover.day)
      let upper = min(piece.upper, day + RangeCover.day)
      let first = Int((lower - day) / RangeCover.quarter)
      let count = Int((upper - lower) / RangeCover.quarter)
      days.append(Day(day: day, range: range, mask: QuarterMask(first..<first + count)))
      lower = upper
    }
  }

  /// Of parts of one day: all of their quarters.
  var mask: QuarterMask {
    days.reduce(QuarterMask(0..<0)) { all, day in
      let mask = day.mask ?? QuarterMask(0..<96)
      return QuarterMask(early: all.early | mask.early, late: all.late | mask.late)
    }
  }

  var isSingle: Bool {
    raw.isEmpty && Set(days.map(\.range)).count == days.count
  }

  var parameters: [PostgresParameter] {
    [
      .timestamptzArray(microseconds: days.map(\.day)),
      .int8Array(days.map { Int64($0.range) }),
      .textArray(days.map { $0.mask?.text ?? "" }),
      // Bounds that the planner sees: a join alone would read all days there are.
      .timestamptz(microseconds: days.map(\.day).min() ?? 0),
      .timestamptz(microseconds: (days.map(\.day).max() ?? 0) + RangeCover.day),
      .timestamptzArray(microseconds: raw.map(\.piece.lower)),
      .timestamptzArray(microseconds: raw.map(\.piece.upper)),
      .int8Array(raw.map { Int64($0.range) }),
    ] + rawParts.parameters
  }

  var rawParts: RawParts { RawParts(raw.map(\.piece)) }
}
