internal import AnalyticsPostgres
internal import AnalyticsRollups

/// The statements that read the members of a distinct measure as sets. A member is one distinct
/// value, such as a user.
///
/// Their rows have a piece, counted from 0, or a time, then the dimensions, the chunk and its
/// members. A piece, group and chunk may have several rows: all of them count.
struct MemberQuery {
  let rollup: Rollup
  let measure: Measure
  /// The source of the measure's values.
  let source: Source
  let dimensions: [String]
  let filter: DimensionFilter
  /// How the dimensions read in raw events.
  var raw: RawDimensions

  /// - Precondition: The rollup has the distinct measure.
  /// - Parameters:
  ///   - name: The name of the distinct measure.
  ///   - dimensions: The dimensions to group by.
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

  /// Returns the query for the users of any event.
  static func users(where filter: DimensionFilter = []) -> MemberQuery {
    MemberQuery(Measure.users.name, of: .activity, where: filter)
  }

  /// Returns a statement that reads the days of each piece as one set.
  ///
  /// - Parameters:
  ///   - pieces: In order of time, without overlaps.
  ///   - chunks: The chunks to read.
  func daily(_ pieces: [RangeCover.Piece], _ chunks: Range<Int>) -> SQL {
    let piece: SQL = "width_bucket(f.day, \(pieces.map(\.lower).instants)) - 1"
    return """
      SELECT \(([piece] + columns + ["f._chunk"]).joined(separator: ", ")), bit_or(f._members)
      FROM \(rows(of: rollup.dailyMemberRelation(measure), "day", pieces, chunks))
      GROUP BY \(.positions(1...2 + dimensions.count))
      """
  }

  /// Returns a statement that reads the members in pending events, by quarter of an hour.
  func pending(from lower: Int64, to upper: Int64) -> SQL {
    """
    SELECT \((["f.quarter"] + columns + ["f._chunk", "f._members"]).joined(separator: ", "))
    FROM \(identifier: rollup.quarterlyMemberRelation(measure)) AS f
    WHERE f.quarter >= \(lower.literal) AND f.quarter < \(upper.literal)\(conditions)
      AND f.\(identifier: Rollup.isPending)
    """
  }

  /// Returns a statement that reads the members in the raw events of each piece.
  func raw(_ pieces: [RangeCover.Piece], _ chunks: Range<Int>) -> SQL {
    Self.sets(of: events(pieces), by: dimensions, source, areFew: true, chunks: chunks)
  }

  /// Returns a COPY that reads each quarter of an hour of the pieces by itself.
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

  /// The rows that lie in the pieces. Several spans are read one by one, because a join by bounds
  /// would read the whole relation. The planner sees the bounds of a single span. There are no
  /// parameters, because COPY does not take any.
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

  /// Raw events with the columns `_piece`, the dimensions and `_member`. A row may occur several
  /// times.
  ///
  /// OFFSET 0 prevents a join that would read all partitions, so each piece opens only its own.
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

  /// Returns a statement that turns members into sets: their places, two bytes each, one after the
  /// other.
  ///
  /// - Parameters:
  ///   - members: A query with the columns `_piece`, the dimensions and `_member`.
  ///   - source: The source of the members.
  ///   - areFew: Whether there are few of them, compared with all known members.
  ///   - chunks: The chunks to read.
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
  /// An instant in microseconds since 2000, which must be a whole second, as an SQL constant.
  fileprivate var literal: SQL { "\(literal: RollupReader.text(self))::timestamptz" }
}

extension [Int64] {
  /// Instants in microseconds since 2000, as parameters for the server.
  var instants: [PostgresTimestamp] { map(PostgresTimestamp.init(microseconds:)) }
}
