internal import AnalyticsPostgres

/// Pieces of raw events, put together by UTC day: a branch of a statement each, between bounds that the
/// planner sees.
///
/// Joined to a list of pieces alone, the events would be planned with all their partitions, which takes
/// a new connection longer than most reports do.
struct RawParts {
  /// [lower, upper), each within a day; of many days one for all.
  let bounds: [Range<Int64>]

  init(_ pieces: [RangeCover.Piece]) {
    var days: [Int64: Range<Int64>] = [:]
    for piece in pieces {
      let day = piece.lower.floored(to: RangeCover.day)
      let known = days[day] ?? piece.lower..<piece.upper
      days[day] =
        min(known.lowerBound, piece.lower)..<max(known.upperBound, piece.upper)
    }
    let bounds = days.values.sorted { $0.lowerBound < $1.lowerBound }
    if let first = bounds.first, let last = bounds.last, bounds.count > Self.branchesMax {
      self.bounds = [first.lowerBound..<last.upperBound]
    } else {
      self.bounds = bounds
    }
  }

  /// Two arrays.
  var parameters: [PostgresParameter] {
    [
      .timestamptzArray(microseconds: bounds.map(\.lowerBound)),
      .timestamptzArray(microseconds: bounds.map(\.upperBound)),
    ]
  }

  /// For each branch, what holds of an instant in it: SQL.
  ///
  /// - Parameters:
  ///   - first: The number of the first of ``parameters`` in the statement.
  ///   - body: Makes a branch of a condition on an instant.
  func branches(from first: Int, _ body: (_ lies: (String) -> String) -> String) -> [String] {
    bounds.indices.map { index in
      body { instant in
        "\(instant) >= ($\(first)::timestamptz[])[\(index + 1)] "
          + "AND \(instant) < ($\(first + 1)::timestamptz[])[\(index + 1)]"
      }
    }
  }

  /// Beyond that many, to plan them takes longer than what they spare.
  private static let branchesMax = 8
}
