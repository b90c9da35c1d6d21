internal import AnalyticsCatalogue
internal import AnalyticsPostgres

/// How the members of a distinct measure are asked for, as sets.
///
/// Statements give rows of a piece, counted from 0, or a time, the dimensions, the chunk and its members. A piece,
/// group and chunk may have several rows: all of them count.
struct MemberQuery {
  let rollup: Rollup
  let measure: Measure
  /// Of the measure.
  let source: Source
  let dimensions: [String]
  let filter: DimensionFilter
  /// How they read in raw events.
  var raw: RawDimensions

  /// - Parameters:
  ///   - name: The distinct measure's.
  ///   - dimensions: What to tell apart.
  init(
    _ name: String, of rollup: Rollup, by dimensions: [String] = [],
    where filter: DimensionFilter = []
  ) {
    guard let measure = rollup.measures.first(where: { $0.name == name }),
      let source = measure.source
    else { preconditionFailure("\(rollup.name) has no distinct measure \(name)") }
    self.rollup = rollup
    self.measure = measure
    self.source = source
    self.dimensions = dimensions
    self.filter = filter
    raw = RawDimensions(rollup: rollup)
  }

  /// Of any event with a user.
  static func users(where filter: DimensionFilter = []) -> MemberQuery {
    MemberQuery("users", of: .activity, where: filter)
  }

  /// The days of each piece as one set.
  ///
  /// - Parameters:
  ///   - pieces: In order; none overlaps another.
  ///   - chunks: Which are asked for.
  func daily(_ pieces: [RangeCover.Piece], _ chunks: Range<Int>) -> SQL {
    let piece: SQL = "width_bucket(f.day, \(pieces.map(\.lower).instants)) - 1"
    return """
      SELECT \(([piece] + columns + ["f._chunk"]).joined(separator: ", ")), bit_or(f._members)
      FROM \(rows(of: rollup.dailyMemberRelation(measure), "day", pieces, chunks))
      GROUP BY \(.positions(1...2 + dimensions.count))
      """
  }

  /// What pending events show, by quarter of an hour.
  func pending(from lower: Int64, to upper: Int64) -> SQL {
    """
    SELECT \((["f.quarter"] + columns + ["f._chunk", "f._members"]).joined(separator: ", "))
    FROM \(identifier: rollup.quarterlyMemberRelation(measure)) AS f
    WHERE f.quarter >= \(lower.literal) AND f.quarter < \(upper.literal)\(conditions)
      AND f.\(identifier: Rollup.isPending)
    """
  }

  /// What raw events of each piece show.
  func raw(_ pieces: [RangeCover.Piece], _ chunks: Range<Int>) -> SQL {
    Self.sets(of: events(pieces), by: dimensions, source, areFew: true, chunks: chunks)
  }

  /// A COPY of all quarters of an hour of the pieces, each by itself.
  func quarterly(_ pieces: [RangeCover.Piece], _ chunks: Range<Int>) -> SQL {
    """
    COPY (SELECT \((["f.quarter"] + columns + ["f._chunk", "f._members"]).joined(separator: ", "))
          FROM \(rows(of: rollup.quarterlyMemberRelation(measure), "quarter", pieces, chunks))
         ) TO STDOUT (FORMAT binary)
    """
  }

  private var columns: [SQL] { dimensions.map { "f.\(identifier: $0)" } }

  private var conditions: SQL {
    filter.literalConditions { "f.\(identifier: $0)" }.map { " AND \($0)" }.joined(separator: "")
  }

  /// What lies in the pieces. Several spans are read each by itself: a join by bounds would read the whole relation.
  /// The bounds of one span are seen by the planner. Without parameters, which COPY does not take.
  private func rows(
    of relation: String, _ time: SQL, _ pieces: [RangeCover.Piece], _ chunks: Range<Int>
  ) -> SQL {
    let spans = pieces.spans
    let (lower, upper) = (spans.map(\.lowerBound.literal), spans.map(\.upperBound.literal))
    let bounds: SQL =
      spans.count == 1
      ? "(SELECT \(lower[0]) AS lower, \(upper[0]) AS upper)"
      : """
      unnest(ARRAY[\(lower.joined(separator: ", "))], ARRAY[\(upper.joined(separator: ", "))])
      """
    let fence: SQL = spans.count == 1 ? "" : "OFFSET 0"
    return """
      \(bounds) AS p (lower, upper)
      CROSS JOIN LATERAL (
          SELECT \((["f.\(time)"] + columns + ["f._chunk", "f._members"]).joined(separator: ", "))
          FROM \(identifier: relation) AS f
          WHERE f.\(time) >= p.lower AND f.\(time) < p.upper\(conditions)
            AND f._chunk >= \(literal: chunks.lowerBound) AND f._chunk < \(literal: chunks.upperBound)
            AND NOT f.\(identifier: Rollup.isPending)
          \(fence)) AS f
      """
  }

  /// Rows with the columns `_piece`, the dimensions and `_member`, which may come several times.
  ///
  /// OFFSET 0 keeps this from becoming a join that reads all partitions there are: so each piece opens its
  /// own.
  private func events(_ pieces: [RangeCover.Piece]) -> SQL {
    let columns =
      dimensions.map { "\(raw[$0]) AS \(identifier: $0)" as SQL }
      + ["\(source.member) AS _member"]
    let conditions = filter.conditions { raw[$0] }
    return RawParts(pieces).branches.map { branch in
      let events = rollup.events(
        from: "analytics_events",
        where: ([RawParts.isInPiece, branch.isInBounds] + conditions).joined(separator: " AND "),
        membersOf: measure)
      return """
        SELECT p._piece, r.*
        FROM \(branch.pieces) AS p (lower, upper, _piece)
        CROSS JOIN LATERAL (
            SELECT \(columns.joined(separator: ", ")) FROM \(events) OFFSET 0) AS r
        """
    }.joined(separator: "\nUNION ALL\n")
  }

  /// Members as sets: their places as two bytes each, one behind the other.
  ///
  /// - Parameters:
  ///   - members: A query with the columns `_piece`, the dimensions and `_member`.
  ///   - source: What the members are from.
  ///   - areFew: Whether there are few, compared with all that are known.
  ///   - chunks: Which are asked for.
  static func sets(
    of members: SQL, by dimensions: [String] = [], _ source: Source, areFew: Bool,
    chunks: Range<Int> = 0..<Int(Int32.max)
  ) -> SQL {
    let keys = ["r._piece"] + dimensions.map { "r.\(identifier: $0)" as SQL }
    let size: SQL = "\(literal: MemberSet.placeCount)"
    return """
      SELECT \(keys.joined(separator: ", ")), r._number / \(size),
             string_agg(int2send((r._number % \(size))::int2), '')
      FROM (SELECT r.*, \(Source.number) AS _number
            FROM (SELECT DISTINCT * FROM (\(members)) AS m) AS r
            \(source.joins(to: "r._member", areFew: areFew)) OFFSET 0) AS r
      WHERE r._number / \(size) >= \(literal: chunks.lowerBound)
        AND r._number / \(size) < \(literal: chunks.upperBound)
      GROUP BY \(.positions(1...keys.count + 1))
      """
  }
}

extension Int64 {
  /// Microseconds since 2000 that are a whole second, as a constant.
  fileprivate var literal: SQL { "\(literal: RollupReader.text(self))::timestamptz" }
}

extension [Int64] {
  /// Microseconds since 2000, as the server takes instants.
  var instants: [PostgresTimestamp] { map(PostgresTimestamp.init(microseconds:)) }
}
