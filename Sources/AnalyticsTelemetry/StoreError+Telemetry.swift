public import AnalyticsConnections

extension StoreError.Code {
  /// The collector did not confirm that it has a document.
  public static let collector = Self("collector")
  /// A telemetry document was refused, because it cannot be parsed or breaks a rule of its format.
  /// The description is about the document alone, so the sender may read it.
  public static let document = Self("document")
}
