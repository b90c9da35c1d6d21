internal import AnalyticsCatalogue

extension Dimension {
  var column: RollupTable.Column {
    RollupTable.Column(name: name, type: "text COLLATE \"C\"", expression: expression)
  }
}

extension Measure {
  /// Of an additive measure.
  var column: RollupTable.Column {
    switch kind {
    case .count, .sum:
      .init(
        name: name, type: "bigint", expression: expression,
        merged: "kept.\(name) + excluded.\(name)", combined: "sum(\(name))::bigint")
    case .max:
      .init(
        name: name, type: "bigint", isOptional: true, expression: expression,
        merged: "greatest(kept.\(name), excluded.\(name))", combined: "max(\(name))")
    case .sample:
      .init(
        name: name, type: "text COLLATE \"C\"", isOptional: true, expression: expression,
        merged: "least(kept.\(name), excluded.\(name))", combined: "min(\(name))")
    case .histogram:
      .init(
        name: name, type: "bigint[]", expression: expression,
        merged: "analytics_histogram_add(kept.\(name), excluded.\(name))",
        combined: "analytics_histogram_compact(analytics_histogram_sum(\(name)))")
    case .distinct:
      .init(name: name, type: "", expression: "")
    }
  }
}
