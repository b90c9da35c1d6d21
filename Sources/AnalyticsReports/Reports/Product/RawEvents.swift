internal import AnalyticsPostgres
internal import Foundation

// What the reports on raw events share.

extension RollupReader {
  /// Notes that events from before some instant were dropped, if `lower` lies before it.
  ///
  /// - Parameter consequence: What that means for the report.
  mutating func noteDropped(from lower: Date, _ consequence: String) {
    guard PostgresTimestamp(lower).microseconds < rawFrom else { return }
    note("raw events before \(Self.text(rawFrom)) were dropped by retention: \(consequence)")
  }
}

extension ReportError {
  /// - Parameter parameter: As the command calls it.
  static func invalid(_ parameter: String, _ description: String) -> ReportError {
    ReportError(.invalidParameter, parameter: parameter, description)
  }
}
