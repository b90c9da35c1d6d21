internal import AnalyticsPostgres
internal import AnalyticsRollups

extension Measure {
  /// The column of an additive measure.
  var column: RollupTable.Column {
    let column = SQL.identifier(name)
    let kept: SQL = "kept.\(column)"
    let new: SQL = "excluded.\(column)"
    switch kind {
    case .count:
      return .init(
        name: name, type: .number, expression: expression,
        merged: "\(kept) + \(new)", combined: "sum(\(column))::bigint")
    case .sum:
      return .init(
        name: name, type: .sum, expression: expression,
        merged: "\(kept) + \(new)", combined: "sum(\(column))")
    case .max:
      return .init(
        name: name, type: .number, isOptional: true, expression: expression,
        merged: "greatest(\(kept), \(new))", combined: "max(\(column))")
    case .sample:
      return .init(
        name: name, type: .text, isOptional: true, expression: expression,
        merged: "least(\(kept), \(new))", combined: "min(\(column))")
    case .first:
      return .init(
        name: name, type: .text, isOptional: true, expression: expression,
        merged: "least(\(kept), \(new))", combined: "min(\(column))",
        isEntry: true)
    case .histogram:
      return .init(
        name: name, type: .histogram, expression: expression,
        merged: "analytics_histogram_add(\(kept), \(new))",
        combined: "analytics_histogram_compact(analytics_histogram_sum(\(column)))")
    case .distinct:
      preconditionFailure("\(name) has a table of its own")
    }
  }
}
