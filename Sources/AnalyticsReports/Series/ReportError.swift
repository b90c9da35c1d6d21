/// Why there is no report.
public struct ReportError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: String, Sendable {
    /// A parameter cannot be used; ``parameter`` names it.
    case invalidParameter
    /// The database cannot be reached.
    case connection
    /// The tables are missing or too old.
    case notMigrated
    /// The report took longer than it may.
    case timeout
    /// The server refused the query.
    case failed
  }

  /// What kind of failure it was.
  public let code: Code
  /// Which parameter, as the command and the API call it.
  public let parameter: String?
  /// One line: what, where, what to do.
  public let description: String

  /// Makes an error.
  public init(_ code: Code, parameter: String? = nil, _ description: String) {
    self.code = code
    self.parameter = parameter
    self.description = description
  }
}
