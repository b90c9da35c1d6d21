/// Why analytics could not be set up, or could not finish what it was asked.
///
/// `track` never throws; what it cannot take is counted under a ``DropReason``.
public struct AnalyticsError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  ///
  /// Codes can be added in later versions: a `switch` over them needs a `default`.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name, as it is written in Swift.
    public let description: String

    /// A setting is missing or outside its range.
    public static let invalidConfiguration = Code(description: "invalidConfiguration")
    /// The spool folder cannot be created, locked, mapped or written.
    public static let spoolUnusable = Code(description: "spoolUnusable")
    /// `flush` ran out of time; what was not stored stays in the buffer.
    public static let flushTimedOut = Code(description: "flushTimedOut")
    /// The worker has ended, or none began while `flush` waited: nobody stores what is in the buffer.
    public static let workerNotRunning = Code(description: "workerNotRunning")
  }

  /// What kind of failure it was.
  public let code: Code
  /// One line: what, where, what to do. Holds no event data.
  public let description: String
  /// The error of the system that led to this one; `nil` if there was none.
  public let cause: (any Error)?

  package init(_ code: Code, _ description: String, cause: (any Error)? = nil) {
    self.code = code
    self.description = description
    self.cause = cause
  }
}
