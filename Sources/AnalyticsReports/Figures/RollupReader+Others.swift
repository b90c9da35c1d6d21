internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText

/// Dimension values that are counted together as other: see ``Dimension``.
extension RollupReader {
  /// Returns how the dimensions of raw events read, so that they agree with the rows of their days.
  ///
  /// - Parameters:
  ///   - pieces: The pieces that the events lie in.
  ///   - isNeeded: Whether the query groups or filters by dimensions. If not, it makes no
  ///     difference how they read.
  func dimensions(
    of rollup: Rollup, in pieces: [RangeCover.Piece], isNeeded: Bool
  ) async throws(PostgresError) -> RawDimensions {
    guard isNeeded, !pieces.isEmpty else { return RawDimensions(rollup: rollup) }
    let days = Set(pieces.map { $0.lower.floored(to: RangeCover.day) }).sorted()
    let isOnDays: SQL = "day = ANY (\(days.instants))"
    // Other values are rare, so the days are searched once for all dimensions.
    let hasOthers: Bool = try await connection.query(
      """
      SELECT EXISTS (SELECT FROM \(rollup.rowsByDay) WHERE \(isOnDays) AND \(rollup.hasOther))
      """
    ).value()
    return RawDimensions(rollup: rollup, boundedOn: hasOthers ? isOnDays : nil)
  }

  /// Adds a warning for each dimension in which some values are counted as other.
  mutating func warnAboutOthers(of rollup: Rollup, in groups: [Group], by dimensions: [String]) {
    let other = ExactString(Dimension.other)
    for (place, name) in dimensions.enumerated()
    where groups.contains(where: { $0[place] == other }) {
      warnAboutOthers(name, of: rollup)
    }
  }

  private mutating func warnAboutOthers(_ name: String, of rollup: Rollup) {
    if let limit = limit(of: name, rollup) {
      warn("\(limit): the others count as \(Dimension.other)")
    }
  }

  /// Adds a warning that a value may be counted as other in the range.
  mutating func warnAboutOther(_ value: String, of name: String, _ rollup: Rollup) {
    guard let limit = limit(of: name, rollup) else { return }
    warn(
      "there are no figures of the \(name) \(value.quoted) alone in this range: \(limit), and the others count as \(Dimension.other)"
    )
  }

  private func limit(of name: String, _ rollup: Rollup) -> String? {
    rollup.dimensions.first { $0.name == name }.map { dimension in
      let line = "some days have more than \(dimension.limit) values of \(name)"
      guard let scope = rollup.scope(of: dimension) else { return line }
      return line + " for a \(scope.name), or more than \(scope.limit) of \(scope.name)"
    }
  }
}

/// The dimensions of events `e`, in SQL.
struct RawDimensions {
  let rollup: Rollup
  /// A condition on `day` that selects the days with other values; `nil` if there are none.
  var boundedOn: SQL?

  subscript(name: String) -> SQL {
    guard let dimension = rollup.dimensions.first(where: { $0.name == name }) else { return "NULL" }
    guard let boundedOn else { return dimension.expression }
    return rollup.bounded(dimension, value: \.expression) { isOther($0, on: boundedOn) }
  }

  /// Returns the condition that the rows of the event's day have other values, and do not have this
  /// one.
  private func isOther(_ dimension: Dimension, on days: SQL) -> SQL {
    var names: SQL = "day"
    var place: SQL = "date_bin('1 day', e.timestamp, '2000-01-01 00:00:00+00')"
    if let service = rollup.scope(of: dimension) {
      names += ", \(service.sql)"
      place += ", \(service.expression)"
    }
    return """
      \(dimension.expression) <> ''
          AND (\(place)) IN (
              SELECT \(names) FROM \(rollup.rowsByDay)
              WHERE \(days) AND \(dimension.sql) = \(literal: Dimension.other))
          AND (\(place), \(dimension.expression)) NOT IN (
              SELECT \(names), \(dimension.sql) FROM \(rollup.rowsByDay)
              WHERE \(days) AND \(dimension.sql) IS NOT NULL)
      """
  }
}
