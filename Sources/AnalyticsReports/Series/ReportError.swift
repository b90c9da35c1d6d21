/// Why there is no report.
public struct ReportError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  ///
  /// Codes can be added in later versions: a `switch` over them needs a `default`.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name, as it is written in Swift.
    public let description: String

    /// A parameter cannot be used; ``ReportError/parameter`` names it.
    public static let invalidParameter = Code(description: "invalidParameter")
    /// The database cannot be reached.
    public static let connection = Code(description: "connection")
    /// The tables are missing or too old.
    public static let notMigrated = Code(description: "notMigrated")
    /// The database user may not read the tables.
    public static let notGranted = Code(description: "notGranted")
    /// The report took longer than it may.
    public static let timeout = Code(description: "timeout")
    /// The server refused the query.
    public static let failed = Code(description: "failed")
  }

  /// What kind of failure it was.
  public let code: Code
  /// Which parameter, as the command and the API call it.
  public let parameter: String?
  /// One line: what, where, what to do. With other codes than ``Code/invalidParameter`` and
  /// ``Code/timeout`` it may name the server and the database: strangers should not read it.
  public let description: String
  /// What the database said; `nil` if it was not asked.
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
