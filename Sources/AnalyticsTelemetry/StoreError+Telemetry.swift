public import AnalyticsConnections

extension StoreError.Code {
  /// The collector did not say that it has a document.
  public static let collector = Self("collector")
  /// A telemetry document was refused: it cannot be understood, or breaks a rule of its format. The
  /// description speaks of the document alone, so whoever sent it may read it.
  public static let document = Self("document")
}
