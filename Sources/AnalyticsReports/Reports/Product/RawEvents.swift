internal import AnalyticsPostgres
internal import Foundation

/// What the reports on raw events share: their statements, and what became of old events.
enum RawEvents {
  static let statements = NamedStatements(file: PackageResources.product_sql)

  /// Says that events from before some instant were dropped, if `lower` lies before it.
  ///
  /// - Parameter consequence: What that means for the report.
  static func notes(
    from lower: Date, on connection: PostgresConnection, _ consequence: String
  ) async throws(PostgresError) -> [String] {
    let row = try await connection.query(statements["raw_boundary"]).only()
    guard let boundary = try row.decode(PostgresTimestamp?.self, "dropped_before")?.date,
      lower < boundary
    else { return [] }
    return [
      "raw events before \(boundary.formatted(.iso8601)) were dropped by retention: \(consequence)"
    ]
  }
}

extension ReportError {
  /// - Parameter parameter: As the command calls it.
  static func invalid(_ parameter: String, _ description: String) -> ReportError {
    ReportError(.invalidParameter, parameter: parameter, description)
  }
}
