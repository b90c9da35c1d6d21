internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import AnalyticsText

/// Values of a dimension that count together: see ``Dimension``.
extension RollupReader {
  /// How the dimensions of raw events read, so that they agree with the rows of their days.
  ///
  /// - Parameter pieces: Where the events lie.
  func dimensions(
    of rollup: Rollup, in pieces: [RangeCover.Piece]
  ) async throws(PostgresError) -> RawDimensions {
    guard !rollup.dimensions.isEmpty, !pieces.isEmpty else { return RawDimensions(rollup: rollup) }
    let days = Set(pieces.map { $0.lower.floored(to: RangeCover.day) }).sorted()
    let isOnDays: SQL = "day = ANY (\(days.instants))"
    let names = rollup.dimensions.map(\.sql).joined(separator: ", ")
    // Seldom: so the days are looked through once, and not for each dimension.
    let hasOthers: Bool = try await connection.query(
      """
      SELECT EXISTS (SELECT FROM \(rollup.rowsByDay)
                     WHERE \(isOnDays) AND \(literal: Dimension.other) IN (\(names)))
      """
    ).value()
    return RawDimensions(rollup: rollup, boundedOn: hasOthers ? isOnDays : nil)
  }

  /// Notes in which of some dimensions there are others.
  mutating func noteOthers(of rollup: Rollup, in groups: [Group], by dimensions: [String]) {
    let other = ExactString(Dimension.other)
    for (place, name) in dimensions.enumerated()
    where groups.contains(where: { $0[place] == other }) {
      noteOthers(name, of: rollup)
    }
  }

  mutating func noteOthers(_ name: String, of rollup: Rollup) {
    guard let dimension = rollup.dimensions.first(where: { $0.name == name }) else { return }
    let scope = rollup.scope(of: dimension).map { " for each \($0.name)" } ?? ""
    note(
      "some days have more values of \(name) than the \(dimension.limit) that are kept of a day\(scope): "
        + "the others count as \(Dimension.other)")
  }
}

/// The dimensions of events `e`, in SQL.
struct RawDimensions {
  let rollup: Rollup
  /// Which days may have others; `nil` if none has.
  var boundedOn: SQL?

  subscript(name: String) -> SQL {
    guard let dimension = rollup.dimensions.first(where: { $0.name == name }) else { return "NULL" }
    return boundedOn.map { rollup.keptExpression(of: dimension, on: $0) } ?? dimension.expression
  }
}
