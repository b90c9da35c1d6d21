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
    let rows = try await connection.query(
      seen.isSingle && isOfAll ? seen.countsOfDays : seen.counts)
    var counts = [[Group: Int]](repeating: [:], count: ranges)
    for row in rows {
      var group: Group = []
      for position in dimensions.indices {
        group.append(ExactString(try row.decode(String.self, at: 1 + position)))
      }
      counts[try row.decode(Int.self, at: 0)][group] = try row.decode(
        Int.self, at: 1 + dimensions.count)
    }
    return counts
  }

  /// - Parameter members: The only ones that are looked for; `nil` for all.
  mutating func seen(
    _ name: String, of rollup: Rollup, in ranges: [Range<Date>],
    by dimensions: [String] = [], where filter: DimensionFilter = [], amongst members: [UUID]? = nil
  ) -> Seen {
    guard let measure = rollup.measures.first(where: { $0.name == name }),
      case .distinct(let source) = measure.kind
    else { preconditionFailure("\(rollup.name) has no distinct measure \(name)") }
    return Seen(
      rollup: rollup, measure: measure, member: source.member, dimensions: dimensions,
      filter: filter, members: members,
      parts: MemberParts(cover(ranges, of: rollup, onlyAdds: true)))
  }
}

/// Who was seen in some ranges.
struct Seen {
  let rollup: Rollup
  let measure: Measure
  /// Of the event `e`.
  let member: SQL
  let dimensions: [String]
  let filter: DimensionFilter
  let members: [UUID]?
  let parts: MemberParts

  /// Whether each range lies within one UTC day, so that no member comes twice in it.
  var isSingle: Bool { parts.isSingle }

  /// Rows with the columns `range`, the dimensions and `member`, in which a member may come several times:
  /// of whole days, parts of days by quarters of an hour, and pieces finer than those by raw events.
  var sql: SQL {
    ([kept] + raw).joined(separator: "\nUNION ALL\n")
  }

  /// How many different members each range and group has.
  var counts: SQL {
    let keys = dimensions.map { ", \(identifier: $0)" as SQL }.joined(separator: "")
    return """
      SELECT range\(keys), count(*) FROM (SELECT DISTINCT * FROM (\(sql)) AS s) AS d
      GROUP BY range\(keys)
      """
  }

  /// The same where each range is one day or a part of one, in which a member has one row. Each range is
  /// counted by itself: a join would hand every member on, at three times the cost.
  var countsOfDays: SQL {
    let keys = dimensions.map { "f.\(identifier: $0)" as SQL }.joined(separator: ", ")
    let columns: SQL = keys.isEmpty ? "" : "\(keys), "
    let grouping: SQL = keys.isEmpty ? "" : " GROUP BY \(keys)"
    return """
      SELECT p.range, c.*
      FROM \(parts.sql) AS p
      CROSS JOIN LATERAL (SELECT \(columns)count(*) FROM \(relation) AS f
                          WHERE f.day = p.day\(condition)\(grouping)) AS c
      """
  }

  private var relation: SQL { .identifier(rollup.memberRelation(measure)) }

  private var kept: SQL {
    let keys = dimensions.map { ", f.\(identifier: $0)" as SQL }.joined(separator: "")
    // A day at a time: a join would read all days there are.
    return """
      SELECT p.range\(keys), f.member
      FROM \(parts.sql) AS p
      CROSS JOIN LATERAL (SELECT * FROM \(relation) AS f
                          WHERE f.day = p.day\(condition) OFFSET 0) AS f
      """
  }

  private var condition: SQL {
    let mask: SQL =
      parts.isWholeDays ? "" : " AND (p.mask IS NULL OR (f.quarters & p.mask) <> 0::bit(96))"
    return mask
      + conditions("f.member") { "f.\(identifier: $0)" }.map { " AND \($0)" as SQL }
      .joined(separator: "")
  }

  /// OFFSET 0 keeps this from becoming a join that reads all partitions there are: so each piece opens its
  /// own.
  private var raw: [SQL] {
    let expression = rollup.expression(ofDimension:)
    let columns = (dimensions.map(expression) + [member]).joined(separator: ", ")
    let conditions = conditions(member, expression)
    return parts.rawParts.branches.map { branch in
      let events = rollup.events(
        from: "analytics_events",
        where: ([RawParts.isInPiece, branch.isInBounds] + conditions).joined(separator: " AND "),
        membersOf: measure)
      return """
        SELECT p.range, r.*
        FROM \(branch.pieces) AS p (lower, upper, range)
        CROSS JOIN LATERAL (SELECT \(columns) FROM \(events) OFFSET 0) AS r
        """
    }
  }

  private func conditions(_ member: SQL, _ value: (String) -> SQL) -> [SQL] {
    filter.map { "\(value($0.dimension)) = ANY (\($0.values))" }
      + (members.map { ["\(member) = ANY (\($0))"] } ?? [])
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

  var isWholeDays: Bool { days.allSatisfy { $0.mask == nil } }

  /// Rows with the columns `day`, `range` and `mask`, NULL for a whole day.
  var sql: SQL {
    """
    (SELECT u.day, u.range, nullif(u.mask, '')::bit(96) AS mask
     FROM unnest(\(days.map(\.day).instants), \(days.map(\.range)),
                 \(days.map { $0.mask?.text ?? "" })) AS u (day, range, mask) OFFSET 0)
    """
  }

  var rawParts: RawParts { RawParts(raw.map(\.piece), numbers: raw.map(\.range)) }
}
