/// A question about usage: a value that can answer itself from a database.
public protocol Report: Sendable {
  /// Runs the report and returns its result.
  ///
  /// - Throws: ``ReportError``.
  func series(from database: ReportDatabase) async throws(ReportError) -> Series
}
