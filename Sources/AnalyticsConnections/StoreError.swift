internal import AnalyticsPostgres
internal import AnalyticsText

/// An operation on the database that failed.
///
/// The description is one line that is safe to log: what failed, where, and what to do. It holds no
/// values of a statement and no password. It may name the server, the database and a table.
public struct StoreError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  ///
  /// Later versions may add codes, so a `switch` over them needs a `default`.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name, as it is written in Swift.
    public let description: String

    package init(_ name: String) { description = name }

    /// The database URL or another option is invalid. Trying again does not help.
    public static let configuration = Code("configuration")
    /// The database cannot be reached, or the connection ended. Also used if no pooled connection
    /// became free in time, if the ``AnalyticsDatabase`` was shut down, if a pooler shares the
    /// session that an operation needs for itself, and if the server stopped waiting for its
    /// synchronous standby.
    public static let connection = Code("connection")
    /// No schema was passed in, and none of `search_path` exists.
    public static let noSchema = Code("noSchema")
    /// The tables are missing or too old.
    public static let notMigrated = Code("notMigrated")
    /// The database user lacks a right.
    public static let notGranted = Code("notGranted")
    /// Another transaction held a lock for too long, or there was a deadlock.
    public static let busy = Code("busy")
    /// A statement took longer than its limit.
    public static let timedOut = Code("timedOut")
    /// The server refused a statement, or the operation failed for a reason that has no code of its
    /// own.
    public static let failed = Code("failed")
    /// The task was cancelled.
    public static let cancelled = Code("cancelled")
  }

  /// The kind of failure.
  public let code: Code
  /// One line: what failed, where, and what to do.
  public let description: String
  /// The error of the server or the system that caused this one; `nil` if there is none.
  public let cause: (any Error)?

  package init(_ code: Code, _ description: String, cause: (any Error)? = nil) {
    self.code = code
    // Names of databases, hosts and schemas may contain any character, also line breaks.
    self.description = DisplayText.line(description)
    self.cause = cause
  }
}

extension StoreError {
  /// Returns the message for a missing table, column or function. Without a place it names nothing
  /// of the database, so clients may see it.
  ///
  /// - Parameter place: The server and the database.
  package static func tablesMissing(at place: String? = nil) -> String {
    "the analytics tables are missing or too old" + (place.map { " at \($0)" } ?? "")
      + ": run `analytics migrate`"
  }

  /// The message for a missing right to store or to read. It names nothing of the database, so
  /// clients may see it.
  package static let rightsMissing = "the database user lacks a right: \(makeRoles)"

  private static let makeRoles = "run `analytics migrate roles`"

  /// Wraps an error that was thrown while a task ran.
  ///
  /// - Parameters:
  ///   - task: The name of the task as the subject of a sentence, such as "the erasure".
  ///   - roles: The names of the roles that may do it, for the message about a missing right; `nil`
  ///     to name none, as for a task that only the owner may do.
  package init(_ error: any Error, doing task: String, needing roles: String? = nil) {
    switch error {
    case let error as StoreError: self = error
    case let error as PostgresError: self.init(error, doing: task, needing: roles)
    case is CancellationError: self.init(.cancelled, "\(task) was cancelled", cause: error)
    default: self.init(.failed, "\(task) failed", cause: error)
    }
  }

  private init(_ error: PostgresError, doing task: String, needing roles: String?) {
    let text =
      switch (error.code, error.sqlState) {
      // In these cases nothing was started, or everything was committed, so "failed" would be
      // wrong.
      case (.invalidConfiguration, _), (.connectionFailed, _), (.standbyLeft, _): error.description
      case (.cancelled, _): "\(task) was cancelled"
      case (_, let state?) where Code.missing.contains(state):
        Self.tablesMissing(at: error.destination)
      // The error names the object, and ends with the advice to grant the right.
      case (_, .insufficientPrivilege):
        "\(task) failed: \(error)"
          + (roles.map { ": \(Self.makeRoles), and grant the user \($0)" } ?? "")
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
    // A server that shuts down, restarts or fails over cannot be reached for a while.
    case (.server(let state), _): self = state.isTransient ? .connection : .failed
    default: self = .connection
    }
  }
}
