/// What is wrong, in one line.
public struct TelemetryError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What, where, what to do.
  public var description: String

  init(_ description: String) { self.description = description }
}
