/// An error of a client, a worker or the configuration.
///
/// `track` never throws this error. It returns a ``DropReason`` and counts the dropped event.
public struct AnalyticsError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  ///
  /// Later versions can add codes, so a `switch` over them needs a `default`.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name as spelled in Swift.
    public let description: String

    /// A setting is missing or outside its range.
    public static let invalidConfiguration = Code(description: "invalidConfiguration")
    /// The spool directory cannot be created, locked, mapped or written.
    public static let spoolUnusable = Code(description: "spoolUnusable")
    /// `flush` timed out. Events that are not stored yet stay in the buffer.
    public static let flushTimedOut = Code(description: "flushTimedOut")
    /// No worker runs: it has ended, or none started while `flush` waited. Nothing stores the
    /// buffered events.
    public static let workerNotRunning = Code(description: "workerNotRunning")
  }

  /// The kind of failure.
  public let code: Code
  /// One line that says what failed, where, and what to do. Contains no event data.
  public let description: String
  /// The underlying error of the operating system; `nil` if there is none.
  public let cause: (any Error)?

  package init(_ code: Code, _ description: String, cause: (any Error)? = nil) {
    self.code = code
    self.description = description
    self.cause = cause
  }
}
