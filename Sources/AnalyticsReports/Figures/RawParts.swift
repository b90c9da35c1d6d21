internal import AnalyticsPostgres

/// Pieces of raw events, put together by UTC day: a branch of a statement each, between bounds that the
/// planner sees.
///
/// Joined to a list of pieces alone, the events would be planned with all their partitions, which takes
/// a new connection longer than most reports do.
struct RawParts {
  struct Branch {
    /// [lower, upper), within a day; of many days one for all.
    fileprivate(set) var bounds: Range<Int64>
    fileprivate var lower: [Int64] = []
    fileprivate var upper: [Int64] = []
    fileprivate var numbers: [Int] = []

    /// Rows with the bounds of each piece and its number.
    var pieces: SQL { "unnest(\(lower.instants), \(upper.instants), \(numbers))" }

    /// Of the event `e`.
    var isInBounds: SQL {
      let lower = PostgresTimestamp(microseconds: bounds.lowerBound)
      let upper = PostgresTimestamp(microseconds: bounds.upperBound)
      return "e.timestamp >= \(lower) AND e.timestamp < \(upper)"
    }
  }

  private(set) var branches: [Branch] = []

  /// - Parameter pieces: Numbered by their places, from 0 on.
  init(_ pieces: [RangeCover.Piece]) {
    var days: [Int64: Branch] = [:]
    let isOne = Set(pieces.map { $0.lower.floored(to: RangeCover.day) }).count > Self.branchesMax
    for (index, piece) in pieces.enumerated() {
      let day = isOne ? 0 : piece.lower.floored(to: RangeCover.day)
      var branch = days[day] ?? Branch(bounds: piece.lower..<piece.upper)
      branch.bounds =
        min(branch.bounds.lowerBound, piece.lower)..<max(branch.bounds.upperBound, piece.upper)
      branch.lower.append(piece.lower)
      branch.upper.append(piece.upper)
      branch.numbers.append(index)
      days[day] = branch
    }
    branches = days.values.sorted { $0.bounds.lowerBound < $1.bounds.lowerBound }
  }

  /// Which events a piece `p` of time holds.
  static let isInPiece: SQL = "e.timestamp >= p.lower AND e.timestamp < p.upper"

  /// Beyond that many, to plan them takes longer than what they spare.
  private static let branchesMax = 8
}
