/// Why analytics could not be set up, or could not finish what it was asked.
///
/// `track` never throws; what it cannot take is counted under a ``DropReason``.
public struct AnalyticsError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: String, Sendable {
    /// A setting is missing or outside its range.
    case invalidConfiguration
    /// The spool folder cannot be created, locked, mapped or written.
    case spoolUnusable
    /// `flush` ran out of time; what was not stored stays in the buffer.
    case flushTimedOut
    /// `flush` was called while no worker runs.
    case workerNotRunning
  }

  /// What kind of failure it was.
  public let code: Code
  /// One line: what, where, what to do. Holds no event data.
  public let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
