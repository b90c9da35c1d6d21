/// An error that says why a report cannot be made.
public struct ReportError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  ///
  /// Codes can be added in later versions: a `switch` over them needs a `default`.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The name of the code, as spelled in Swift.
    public let description: String

    /// A parameter cannot be used; ``ReportError/parameter`` names it.
    public static let invalidParameter = Code(description: "invalidParameter")
    /// The database cannot be reached.
    public static let connection = Code(description: "connection")
    /// The tables are missing or too old.
    public static let notMigrated = Code(description: "notMigrated")
    /// The database user may not read the tables.
    public static let notGranted = Code(description: "notGranted")
    /// A statement of the report exceeded the time limit.
    public static let timeout = Code(description: "timeout")
    /// The server refused the query, its answer could not be read, or the report was interrupted.
    public static let failed = Code(description: "failed")
  }

  /// The kind of failure.
  public let code: Code
  /// The name of the parameter in question. `granularity` stands for the parameter that the command
  /// and the API call `by`.
  public let parameter: String?
  /// One line that says what failed, where, and what to do. With codes other than
  /// ``Code/invalidParameter`` and ``Code/timeout`` it may name the server and the database, so do
  /// not show it to strangers.
  public let description: String
  /// The error of the database; `nil` if there is none.
  public let cause: (any Error)?

  /// Makes an error.
  public init(
    _ code: Code, parameter: String? = nil, _ description: String, cause: (any Error)? = nil
  ) {
    self.code = code
    self.parameter = parameter
    self.description = description
    self.cause = cause
  }
}
