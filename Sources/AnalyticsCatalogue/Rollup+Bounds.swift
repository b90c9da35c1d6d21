package import AnalyticsPostgres

extension Rollup {
  /// The dimension by whose values those of another are bounded: of fields the service, if that is one.
  package func scope(of dimension: Dimension) -> Dimension? {
    switch dimension.source {
    case .eventType, .service, .environment: nil
    case .userID, .field: dimensions.first { $0.source == .service }
    }
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
