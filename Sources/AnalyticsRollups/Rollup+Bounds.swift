package import AnalyticsPostgres

extension Rollup {
  /// Returns the dimension within whose values the limit of `dimension` applies. For a field or a
  /// user that is the service, if the rollup has it as a dimension; otherwise there is none.
  package func scope(of dimension: Dimension) -> Dimension? {
    switch dimension.source {
    case .eventType, .service, .environment: nil
    case .userID, .field: dimensions.first { $0.source == .service }
    }
  }

  /// A condition: whether any dimension of a row is ``Dimension/other``.
  package var hasOther: SQL {
    "\(literal: Dimension.other) IN (\(dimensions.map(\.sql).joined(separator: ", ")))"
  }

  /// Returns the value of a dimension as it is stored: the event's own value, or
  /// ``Dimension/other``. If a service counts as other, so do the fields and the user within it.
  ///
  /// - Parameters:
  ///   - value: Gives a dimension's value as the event has it.
  ///   - isOther: Gives a condition: whether that value has no row of its own.
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

  /// A relation with `day` and the dimensions of the stored rows. It shows which values were
  /// admitted on a day.
  package var rowsByDay: SQL {
    guard additiveMeasures.isEmpty else { return .identifier(dailyRelation) }
    let names = dimensions.map { ", \($0.sql)" as SQL }.joined(separator: "")
    let rows = distinctMeasures.map {
      "SELECT day\(names) FROM \(identifier: dailyMemberRelation($0))" as SQL
    }
    return "(\(rows.joined(separator: " UNION ALL "))) AS days"
  }
}
