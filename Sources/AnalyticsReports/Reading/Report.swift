/// A question about usage: a value that answers itself from a database.
public protocol Report: Sendable {
  /// Asks.
  ///
  /// - Throws: ``ReportError``.
  func series(from database: ReportDatabase) async throws(ReportError) -> Series
}
