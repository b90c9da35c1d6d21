internal import AnalyticsPostgres

/// Pieces of raw events by UTC day. Each day is a branch of a statement, with bounds that the
/// planner sees.
///
/// If events were joined to a list of pieces alone, the planner would consider all partitions. On a
/// new connection that takes longer than most reports.
struct RawParts {
  struct Branch {
    /// The range [lower, upper), within one day. If there are many days, a single branch covers all
    /// of them.
    fileprivate(set) var bounds: Range<Int64>
    fileprivate var lower: [Int64] = []
    fileprivate var upper: [Int64] = []
    fileprivate var numbers: [Int] = []

    /// Rows with the bounds and the number of each piece.
    var pieces: SQL { "unnest(\(lower.instants), \(upper.instants), \(numbers))" }

    /// The condition that an event `e` lies in the bounds.
    var isInBounds: SQL {
      let lower = PostgresTimestamp(microseconds: bounds.lowerBound)
      let upper = PostgresTimestamp(microseconds: bounds.upperBound)
      return "e.timestamp >= \(lower) AND e.timestamp < \(upper)"
    }
  }

  private(set) var branches: [Branch] = []

  /// - Parameter pieces: The pieces, numbered by their positions from 0.
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

  /// The condition that an event `e` lies in a piece `p`.
  static let isInPiece: SQL = "e.timestamp >= p.lower AND e.timestamp < p.upper"

  /// With more branches, planning takes longer than they save.
  private static let branchesMax = 8
}
