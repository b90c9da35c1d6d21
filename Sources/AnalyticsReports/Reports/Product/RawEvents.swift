internal import AnalyticsPostgres
internal import Foundation

// Shared by the reports on raw events.

extension RollupReader {
  /// Adds a warning that raw events before some instant were dropped, if `lower` lies before it.
  ///
  /// - Parameter consequence: What this means for the report.
  mutating func warnAboutRetention(from lower: Date, _ consequence: String) {
    guard PostgresTimestamp(lower).microseconds < rawFrom else { return }
    warn("raw events before \(Self.text(rawFrom)) were dropped by retention: \(consequence)")
  }
}

extension ReportError {
  /// - Parameter parameter: See ``ReportError/parameter``.
  static func invalid(_ parameter: String, _ description: String) -> ReportError {
    ReportError(.invalidParameter, parameter: parameter, description)
  }
}
