internal import AnalyticsText

/// What is wrong, in one line.
public struct TelemetryError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What, where, what to do.
  public var description: String

  /// Parts of it may come from elsewhere, so it becomes one line here.
  init(_ description: String) { self.description = DisplayText.line(description) }
}
