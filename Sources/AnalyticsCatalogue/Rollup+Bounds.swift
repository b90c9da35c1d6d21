package import AnalyticsPostgres

extension Rollup {
  /// The dimension by whose values those of another are bounded: of fields the service, if that is one.
  package func scope(of dimension: Dimension) -> Dimension? {
    switch dimension.source {
    case .eventType, .service, .environment: nil
    case .userID, .field: dimensions.first { $0.source == .service }
    }
  }

  /// A dimension of an event `e`, as the rows of its day have it: ``Dimension/other`` where they have other values
  /// and not this one.
  ///
  /// - Parameter days: A condition on `day`; which days the events may lie on.
  package func keptExpression(of dimension: Dimension, on days: SQL = "true") -> SQL {
    var isOther = countsAsOther(dimension, on: days)
    if let service = scope(of: dimension) {
      isOther = """
        \(isOther) OR \(countsAsOther(service, on: days))
            OR \(service.expression) = \(literal: Dimension.other)
        """
    }
    return """
      CASE WHEN \(isOther) THEN \(literal: Dimension.other) COLLATE "C" ELSE \(dimension.expression) END
      """
  }

  /// First what is rare, so that the rest is seldom looked for.
  private func countsAsOther(_ dimension: Dimension, on days: SQL) -> SQL {
    var names: SQL = "day"
    var place: SQL = "date_bin('1 day', e.timestamp, '2000-01-01 00:00:00+00')"
    if let service = scope(of: dimension) {
      names += ", \(service.sql)"
      place += ", \(service.expression)"
    }
    return """
      \(dimension.expression) <> ''
          AND (\(place)) IN (
              SELECT \(names) FROM \(rowsByDay)
              WHERE \(days) AND \(dimension.sql) = \(literal: Dimension.other))
          AND (\(place), \(dimension.expression)) NOT IN (
              SELECT \(names), \(dimension.sql) FROM \(rowsByDay)
              WHERE \(days) AND \(dimension.sql) IS NOT NULL)
      """
  }

  /// Rows with `day` and the dimensions, by which it is known who was admitted.
  package var rowsByDay: SQL {
    guard additiveMeasures.isEmpty else { return .identifier(dailyRelation) }
    let names = dimensions.map { ", \($0.sql)" as SQL }.joined(separator: "")
    let rows = distinctMeasures.map {
      "SELECT day\(names) FROM \(identifier: dailyMemberRelation($0))" as SQL
    }
    return "(\(rows.joined(separator: " UNION ALL "))) AS days"
  }
}
