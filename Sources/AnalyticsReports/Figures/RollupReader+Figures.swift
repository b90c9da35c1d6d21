internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import Foundation

/// A filter for rows of a rollup: those with one of these values in each dimension.
typealias DimensionFilter = [(dimension: String, values: [String])]

extension DimensionFilter {
  /// Makes a filter. Dimensions without values are not restricted.
  static func of(_ parts: (dimension: String, values: [String])...) -> DimensionFilter {
    parts.filter { !$0.values.isEmpty }
  }

  var dimensions: [String] { map(\.dimension) }

  /// Returns a condition for each dimension.
  ///
  /// - Parameter value: Returns the expression for a dimension.
  func conditions(_ value: (String) -> SQL) -> [SQL] {
    map { "\(value($0.dimension)) = ANY (\($0.values))" }
  }

  /// Returns the same conditions without parameters.
  func literalConditions(_ value: (String) -> SQL) -> [SQL] {
    map { part in
      let values = part.values.map { "\(literal: $0)" as SQL }
      return "\(value(part.dimension)) IN (\(values.joined(separator: ", ")))"
    }
  }

  /// The clause ` WHERE …` over the columns of a relation; empty if nothing is restricted.
  var condition: SQL {
    isEmpty ? "" : " WHERE \(conditions(SQL.identifier).joined(separator: " AND "))"
  }
}

extension RollupReader {
  /// Reads additive measures.
  ///
  /// - Parameters:
  ///   - measures: The names of the measures.
  ///   - ranges: The ranges, which may overlap.
  ///   - dimensions: The dimensions to group by. Figures are summed over the others.
  mutating func figures(
    _ measures: [String], of rollup: Rollup, in ranges: [Range<Date>],
    by dimensions: [String] = [], where filter: DimensionFilter = []
  ) async throws(PostgresError) -> Figures {
    var query = FigureQuery(
      rollup: rollup, raw: RawDimensions(rollup: rollup),
      measures: rollup.measures.filter { measures.contains($0.name) },
      dimensions: dimensions, filter: filter)
    let layout = query.layout
    var figures = Figures(layout: layout, hasDimensions: !dimensions.isEmpty)
    let cover = cover(
      ranges, of: rollup, by: dimensions + filter.dimensions,
      onlyAdds: layout.cannotSubtract)
    guard !layout.isEmpty else { return figures }
    try await readDayVersions(ranges)
    let queryKey = "\(rollup.name) \(rollup.version) \(layout) \(dimensions) \(filter)"
    for level in RangeCover.Level.allCases {
      let key = "\(level) \(queryKey)"
      var missing: [Int] = []
      for index in cover.pieces.indices where cover.pieces[index].level == level {
        let piece = cover.pieces[index]
        if let rows = cachedRows(key, piece.lower, piece.upper) {
          for row in rows { figures.add(row, to: cover.shares[index]) }
        } else {
          missing.append(index)
        }
      }
      guard !missing.isEmpty else { continue }
      let pieces = missing.map { cover.pieces[$0] }
      if level == .raw {
        query.raw = try await self.dimensions(
          of: rollup, in: pieces, isNeeded: !dimensions.isEmpty || !filter.isEmpty)
      }
      let rows = try await connection.query(query.sql(level, pieces))
      var found = missing.map { _ in [Figures.Row]() }
      for row in rows {
        found[try row.decode(Int.self, at: 0)].append(try Figures.Row(row, layout, level.encoding))
      }
      for (index, rows) in zip(missing, found) {
        for row in rows { figures.add(row, to: cover.shares[index]) }
        let piece = cover.pieces[index]
        if level != .raw { store(rows, key, piece.lower, piece.upper) }
      }
    }
    let rollupPieces = cover.rollupPieces
    let stretches = rollupPieces.map { cover.pieces[$0] }.stretches
    if !stretches.isEmpty {
      let rows = try await connection.query(query.pending(in: stretches.map(\.lower)))
      for row in rows {
        let stretch = stretches[try row.decode(Int.self, at: 0)]
        let figure = try Figures.Row(row, layout, .arrays)
        for piece in stretch.pieces { figures.add(figure, to: cover.shares[rollupPieces[piece]]) }
      }
    }
    warnAboutOthers(of: rollup, in: figures.groups, by: dimensions)
    return figures
  }
}

/// The statements that read additive measures.
private struct FigureQuery {
  let rollup: Rollup
  var raw: RawDimensions
  let measures: [Measure]
  let dimensions: [String]
  let filter: DimensionFilter

  var layout: Figures.Layout {
    var layout = Figures.Layout(offset: 1 + dimensions.count)
    layout.firsts = Set(measures.filter(\.isFirst).map(\.name))
    for measure in measures {
      switch measure.kind {
      case .count, .sum: layout.totals.append(measure.name)
      case .max: layout.maxima.append(measure.name)
      case .sample, .first: layout.samples.append(measure.name)
      case .histogram: layout.histograms.append(measure.name)
      case .distinct: preconditionFailure("\(measure.name) does not add up")
      }
    }
    return layout
  }

  /// Returns a statement with the columns `piece`, counted from 0, the dimensions, and ``layout``.
  func sql(_ level: RangeCover.Level, _ pieces: [RangeCover.Piece]) -> SQL {
    switch level {
    case .daily: sql(pieces, from: rollup.dailyRelation, "day", level.encoding)
    case .quarterly: sql(pieces, from: rollup.relation, "quarter", level.encoding)
    case .raw: sql(ofRaw: pieces)
    }
  }

  /// Returns a statement that reads pieces from a relation. Histograms are concatenated, because
  /// adding them up in the server would take several times as long. Each piece is summed up by
  /// itself, because a join by bounds would read the whole relation once per piece.
  private func sql(
    _ pieces: [RangeCover.Piece], from relation: String, _ time: SQL,
    _ encoding: Histogram.Encoding
  ) -> SQL {
    let grouping: SQL =
      keys.isEmpty ? "HAVING count(*) > 0" : "GROUP BY \(.positions(1...keys.count))"
    return """
      SELECT p.piece - 1, s.*
      FROM unnest(\(pieces.map(\.lower).instants), \(pieces.map(\.upper).instants))
          WITH ORDINALITY AS p (lower, upper, piece)
      CROSS JOIN LATERAL (
          SELECT \((keys + values(encoding)).joined(separator: ", "))
          FROM \(identifier: relation) AS f
          WHERE f.\(time) >= p.lower AND f.\(time) < p.upper\(conditions)
            AND NOT f.\(identifier: Rollup.isPending)
          \(grouping)) AS s
      """
  }

  /// Returns a statement that sums up pending events in stretches of time. The last start only ends
  /// the stretch before it.
  func pending(in starts: [Int64]) -> SQL {
    let stretch: SQL = "width_bucket(f.quarter, \(starts.instants)) - 1"
    return """
      SELECT \(([stretch] + keys + values(.arrays)).joined(separator: ", "))
      FROM \(identifier: rollup.relation) AS f
      WHERE f.quarter >= \(PostgresTimestamp(microseconds: starts.first ?? 0))
        AND f.quarter < \(PostgresTimestamp(microseconds: starts.last ?? 0))\(conditions)
        AND f.\(identifier: Rollup.isPending)
      GROUP BY \(.positions(1...1 + keys.count))
      """
  }

  private var keys: [SQL] { dimensions.map { "f.\(identifier: $0)" } }

  private var conditions: SQL {
    filter.conditions { "f.\(identifier: $0)" }.map { " AND \($0)" }.joined(separator: "")
  }

  /// The measures, in the order of ``layout``.
  private func values(_ encoding: Histogram.Encoding) -> [SQL] {
    layout.totals.map { "sum(f.\(identifier: $0))::float8" as SQL }
      + layout.maxima.map { "max(f.\(identifier: $0))::float8" }
      + layout.samples.map {
        "min(f.\(identifier: layout.firsts.contains($0) ? Rollup.firstEntry($0) : $0))"
      }
      + layout.histograms.map { "string_agg(\(encoding.sent($0)), '')" }
  }

  private func sql(ofRaw pieces: [RangeCover.Piece]) -> SQL {
    let keys = dimensions.map { raw[$0] }
    let values =
      (layout.totals + layout.maxima).map { "(\(expression(of: $0)))::float8" as SQL }
      + layout.samples.map(expression)
      + layout.histograms.map { "array_send(\(expression(of: $0)))" }
    let grouping: SQL = keys.isEmpty ? "" : " GROUP BY \(.positions(1...keys.count))"
    let conditions = filter.conditions { raw[$0] }
    return RawParts(pieces).branches.map { branch in
      let events = rollup.events(
        from: "analytics_events",
        where: ([RawParts.isInPiece, branch.isInBounds] + conditions).joined(separator: " AND "))
      return """
        SELECT p.piece, r.*
        FROM \(branch.pieces) AS p (lower, upper, piece)
        CROSS JOIN LATERAL (
            SELECT \((keys + values).joined(separator: ", ")) FROM \(events)\(grouping)) AS r
        """
    }.joined(separator: "\nUNION ALL\n")
  }

  private func expression(of name: String) -> SQL {
    measures.first { $0.name == name }?.expression ?? "NULL"
  }
}

extension RangeCover.Level {
  fileprivate var encoding: Histogram.Encoding { self == .daily ? .entries : .arrays }
}

extension Histogram.Encoding {
  /// Returns the expression for a histogram of a row `f` as bytes.
  fileprivate func sent(_ measure: String) -> SQL {
    switch self {
    case .entries: "f.\(identifier: Rollup.histogramBytes(measure))"
    case .arrays: "array_send(f.\(identifier: measure))"
    }
  }
}
