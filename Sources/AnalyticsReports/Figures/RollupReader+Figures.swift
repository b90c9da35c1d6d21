internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

/// Which rows of a rollup are meant: those with one of these values in each dimension.
typealias DimensionFilter = [(dimension: String, values: [String])]

extension DimensionFilter {
  /// A dimension without values is not asked for.
  static func of(_ parts: (dimension: String, values: [String])...) -> DimensionFilter {
    parts.filter { !$0.values.isEmpty }
  }
}

extension RollupReader {
  /// Reads additive measures.
  ///
  /// - Parameters:
  ///   - measures: Their names.
  ///   - ranges: They may overlap.
  ///   - dimensions: What to tell apart; figures are summed over the others.
  mutating func figures(
    _ measures: [String], of rollup: Rollup, in ranges: [Range<Date>],
    by dimensions: [String] = [], where filter: DimensionFilter = []
  ) async throws(PostgresError) -> Figures {
    let query = FigureQuery(
      rollup: rollup, measures: rollup.measures.filter { measures.contains($0.name) },
      dimensions: dimensions, filter: filter)
    let layout = query.layout
    var figures = Figures(layout: layout, hasDimensions: !dimensions.isEmpty)
    let cover = cover(ranges, of: rollup, onlyAdds: !layout.samples.isEmpty)
    try await readVersions(ranges)
    let raw = RawParts(cover.pieces.filter { $0.level == .raw })
    for level in RangeCover.Level.allCases {
      let text = query.text(level, raw)
      let asked = "\(text) \(filter.map(\.values))"
      var missing: [Int] = []
      for index in cover.pieces.indices where cover.pieces[index].level == level {
        let piece = cover.pieces[index]
        if case .figures(let rows)? = keptContent(asked, piece.lower, piece.upper) {
          for row in rows { figures.add(row, to: cover.shares[index]) }
        } else {
          missing.append(index)
        }
      }
      guard !missing.isEmpty else { continue }
      let rows = try await connection.query(
        text,
        [
          .timestamptzArray(microseconds: missing.map { cover.pieces[$0].lower }),
          .timestamptzArray(microseconds: missing.map { cover.pieces[$0].upper }),
        ] + filter.map { .textArray($0.values) } + (level == .raw ? raw.parameters : []))
      var found = missing.map { _ in [Figures.Row]() }
      for row in rows {
        found[try row.decode(Int.self, at: 0)].append(try Figures.Row(row, layout))
      }
      for (index, rows) in zip(missing, found) {
        for row in rows { figures.add(row, to: cover.shares[index]) }
        let piece = cover.pieces[index]
        if level != .raw { keep(.figures(rows), asked, piece.lower, piece.upper) }
      }
    }
    return figures
  }
}

/// How additive measures are asked for.
private struct FigureQuery {
  let rollup: Rollup
  let measures: [Measure]
  let dimensions: [String]
  let filter: DimensionFilter

  var layout: Figures.Layout {
    var layout = Figures.Layout(offset: 1 + dimensions.count)
    for measure in measures {
      switch measure.kind {
      case .count, .sum: layout.totals.append(measure.name)
      case .sample: layout.samples.append(measure.name)
      case .histogram: layout.histograms.append(measure.name)
      case .max, .distinct: preconditionFailure("\(measure.name) does not add up")
      }
    }
    return layout
  }

  func text(_ level: RangeCover.Level, _ raw: RawParts) -> String {
    level == .raw ? text(of: raw) : text(daily: level == .daily)
  }

  private func text(daily: Bool) -> String {
    let keys = dimensions.map { "f.\($0)" }
    let values =
      layout.totals.map { "sum(f.\($0))::float8" } + layout.samples.map { "min(f.\($0))" }
      + layout.histograms.map { "string_agg(array_send(f.\($0)), '')" }
    return ReportStatement.figures.text([
      "columns": (["p.piece - 1"] + keys + values).joined(separator: ", "),
      "relation": daily ? rollup.dailyRelation : rollup.relation,
      "time": daily ? "day" : "quarter",
      "condition": conditions { "f.\($0)" }.map { " AND \($0)" }.joined(),
      "keys": Self.numbers(1 + keys.count),
    ])
  }

  private func text(of raw: RawParts) -> String {
    let keys = dimensions.map(rollup.expression(ofDimension:))
    let values =
      layout.totals.map { "(\(expression(of: $0)))::float8" }
      + layout.samples.map(expression)
      + layout.histograms.map { "array_send(\(expression(of: $0)))" }
    let conditions = conditions(rollup.expression(ofDimension:))
    return raw.branches(from: 3 + filter.count) { lies in
      let condition = [ReportStatement.isInPiece, lies("e.timestamp")] + conditions
      return ReportStatement.figuresOfEvents.text([
        "columns": (keys + values).joined(separator: ", "),
        "events": rollup.events(
          from: "analytics_events", where: condition.joined(separator: " AND ")),
        "grouping": keys.isEmpty ? "" : " GROUP BY \(Self.numbers(keys.count))",
        "lies": lies("p.lower"),
      ])
    }.joined(separator: "\nUNION ALL\n")
  }

  private func conditions(_ value: (String) -> String) -> [String] {
    filter.enumerated().map { "\(value($1.dimension)) = ANY ($\($0 + 3))" }
  }

  private func expression(of name: String) -> String {
    measures.first { $0.name == name }?.expression ?? "NULL"
  }

  private static func numbers(_ count: Int) -> String {
    (1...count).map(String.init).joined(separator: ", ")
  }
}

extension Rollup {
  /// Over an event `e`.
  func expression(ofDimension name: String) -> String {
    dimensions.first { $0.name == name }?.expression ?? "NULL"
  }
}
