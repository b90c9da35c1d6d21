public import AnalyticsConnections

extension StoreError.Code {
  /// The collector did not say that it has a document.
  public static let collector = Self("collector")
  /// A telemetry document is not what it has to be. The description is of the document alone: whoever sent
  /// it may read it.
  public static let document = Self("document")
}
