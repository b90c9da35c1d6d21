package import AnalyticsPostgres

extension Rollup {
  /// The dimension by whose values those of another are bounded: of fields the service, if that is one.
  package func scope(of dimension: Dimension) -> Dimension? {
    switch dimension.source {
    case .eventType, .service, .environment: nil
    case .userID, .field: dimensions.first { $0.source == .service }
    }
  }

  /// Whether some dimension of a row is ``Dimension/other``.
  package var hasOther: SQL {
    "\(literal: Dimension.other) IN (\(dimensions.map(\.sql).joined(separator: ", ")))"
  }

  /// A dimension as it is kept. Where a service counts as other, so do its fields.
  ///
  /// - Parameters:
  ///   - value: A dimension as the event has it.
  ///   - isOther: Whether that value has no row of its own.
  package func bounded(
    _ dimension: Dimension, value: (Dimension) -> SQL, isOther: (Dimension) -> SQL
  ) -> SQL {
    let other: SQL = "\(literal: Dimension.other)"
    var conditions = [isOther(dimension)]
    if let service = scope(of: dimension) {
      conditions += [isOther(service), "\(value(service)) = \(other)"]
    }
    return """
      CASE WHEN \(conditions.joined(separator: " OR ")) THEN \(other) COLLATE "C" ELSE \(value(dimension)) END
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
