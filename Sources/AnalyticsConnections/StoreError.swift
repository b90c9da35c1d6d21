internal import AnalyticsPostgres
internal import AnalyticsText

/// What could not be done with the database: what, where, what to do, in one line that is safe to log.
///
/// It holds no value of a statement and no password; it may name the server, the database and a table.
public struct StoreError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  ///
  /// Codes can be added in later versions: a `switch` over them needs a `default`.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name, as it is written in Swift.
    public let description: String

    package init(_ name: String) { description = name }

    /// The URL of the database, or another option, cannot be understood. Trying again does not help.
    public static let configuration = Code("configuration")
    /// The database cannot be reached, or has ended the connection.
    public static let connection = Code("connection")
    /// `search_path` names no schema that exists, and none was given.
    public static let noSchema = Code("noSchema")
    /// The tables are missing or too old.
    public static let notMigrated = Code("notMigrated")
    /// The database user lacks a right.
    public static let notGranted = Code("notGranted")
    /// Another transaction held a lock for too long, or there was a deadlock.
    public static let busy = Code("busy")
    /// A statement took longer than it may.
    public static let timedOut = Code("timedOut")
    /// The server refused a statement.
    public static let failed = Code("failed")
    /// The task was cancelled.
    public static let cancelled = Code("cancelled")
  }

  /// What kind of failure it was.
  public let code: Code
  /// One line: what, where, what to do.
  public let description: String
  /// The error of the server or the system that led to this one; `nil` if there was none.
  public let cause: (any Error)?

  package init(_ code: Code, _ description: String, cause: (any Error)? = nil) {
    self.code = code
    // Names of databases, hosts and schemas may hold anything.
    self.description = DisplayText.line(description)
    self.cause = cause
  }
}

extension StoreError {
  /// What is said where a table, a column or a function is not there; strangers may read it.
  package static let tablesMissing = "the analytics tables are missing or too old"

  /// - Parameter task: What was being done, as the subject of a sentence: "the erasure".
  package init(_ error: any Error, doing task: String) {
    switch error {
    case let error as StoreError: self = error
    case let error as PostgresError: self.init(error, doing: task)
    case is CancellationError: self.init(.cancelled, "\(task) was cancelled", cause: error)
    default: self.init(.failed, "\(task) failed", cause: error)
    }
  }

  private init(_ error: PostgresError, doing task: String) {
    let text =
      switch (error.code, error.sqlState) {
      // Nothing was begun, or all was done, so that "failed" would not be true.
      case (.invalidConfiguration, _), (.connectionFailed, _), (.standbyLeft, _): error.description
      case (.cancelled, _): "\(task) was cancelled"
      case (_, let state?) where Code.missing.contains(state):
        Self.tablesMissing + (error.destination.map { " at \($0)" } ?? "")
          + ": run `analytics migrate`"
      default: "\(task) failed: \(error)"
      }
    self.init(Code(error), text, cause: error)
  }
}

extension StoreError.Code {
  fileprivate static let missing: Set<SQLState> = [
    .unknownTable, .unknownSchema, .unknownFunction, .unknownColumn,
  ]

  fileprivate init(_ error: PostgresError) {
    switch (error.code, error.sqlState) {
    case (.invalidConfiguration, _): self = .configuration
    case (.connectionFailed, _): self = .connection
    case (.cancelled, _): self = .cancelled
    case (_, let state?) where Self.missing.contains(state): self = .notMigrated
    case (_, .insufficientPrivilege): self = .notGranted
    case (.lockUnavailable, _), (_, .lockNotAvailable), (_, .deadlockDetected): self = .busy
    case (.timedOut, _), (_, .queryCanceled): self = .timedOut
    case (.decoding, _), (.protocolViolation, _), (_, .readOnlyTransaction): self = .failed
    // A server that ends, restarts or fails over is one that cannot be reached for a while.
    case (.server(let state), _): self = state.isTransient ? .connection : .failed
    default: self = .connection
    }
  }
}
