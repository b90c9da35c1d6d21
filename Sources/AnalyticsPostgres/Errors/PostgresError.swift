internal import AnalyticsText

/// An error of the connection to PostgreSQL, of the server, or of a result.
///
/// It is safe to log: the description holds no SQL, no values and no passwords, and never the
/// server's DETAIL or CONTEXT, which quote rows. The server's message is included only for
/// conditions whose messages name nothing but schema objects (see ``SQLState``). For all others,
/// including data errors, the text is fixed.
package struct PostgresError: Error, Sendable {
  package enum Code: Sendable, Hashable {
    /// The connection could not be opened.
    case connectionFailed
    /// An open connection was lost during a call; it is closed.
    case connectionLost
    /// The connection had been closed before the call.
    case connectionClosed
    /// The server refused the statement.
    case server(SQLState)
    /// The call's deadline passed.
    case timedOut
    /// The calling task was cancelled.
    case cancelled
    /// The server committed, but stopped waiting for its synchronous standby. A failover may lose
    /// the transaction.
    case standbyLeft
    /// A row does not have the type that the caller expects.
    case decoding
    /// The connection was used in a way that libpq or the protocol does not allow.
    case protocolViolation
    /// The URL or the settings are invalid.
    case invalidConfiguration
    /// No connection became free within the pool's time limit.
    case poolExhausted
    /// The pool was shut down.
    case poolClosed
    /// Another session held an advisory lock for the whole time limit.
    case lockUnavailable
    /// A pooler shares the server's sessions between its clients, but the operation needs a session
    /// of its own.
    case sharedSession
  }

  package var code: Code

  /// The failure, in words that contain no data.
  package var summary: String

  /// The server and the database, without user and password.
  package var destination: String?

  /// The server's SQLSTATE. It may be set even if ``code`` is not ``Code/server(_:)``, for example
  /// after a failed connection attempt.
  package var sqlState: SQLState?

  /// Whether it is unknown if the statement took effect permanently. True for a COMMIT or a
  /// statement outside a transaction if the connection was lost before the answer, or if the server
  /// stopped waiting for its standby.
  package var outcomeUnknown = false

  package var schema: String?
  package var table: String?
  package var column: String?
  package var constraint: String?

  package init(
    _ code: Code, _ summary: String, destination: String? = nil, sqlState: SQLState? = nil
  ) {
    self.code = code
    self.summary = summary
    self.destination = destination
    self.sqlState = sqlState
    if case .server(let state) = code { self.sqlState = state }
  }
}

extension PostgresError {
  /// Whether the same call may succeed later without any change. True if the server is unreachable,
  /// starting, out of resources or read-only (until a failover), and for deadlocks, serialization
  /// failures, locks and deadlines.
  package var isTransient: Bool {
    switch code {
    case .server(let state): state.isTransient
    case .connectionFailed: sqlState?.isTransient ?? true
    case .connectionLost, .timedOut, .standbyLeft, .poolExhausted, .lockUnavailable: true
    case .connectionClosed, .cancelled, .decoding, .protocolViolation, .invalidConfiguration,
      .poolClosed, .sharedSession:
      false
    }
  }

  /// Whether the server refused the data itself, so that these rows can never be stored. See
  /// ``SQLState/isDataError``.
  ///
  /// After any other error the rows wait and are sent again. That includes a missing table, column,
  /// function, schema or right (42P01, 42703, 42883, 3F000, 42501), which a migration or an
  /// operator corrects meanwhile.
  package var isDataError: Bool {
    if case .server(let state) = code { state.isDataError } else { false }
  }
}

extension PostgresError: CustomStringConvertible {
  /// One line: what failed, where, and what to do.
  package var description: String {
    var line = summary
    if let object { line += " (\(object))" }
    if let destination { line += " at \(destination)" }
    if let sqlState { line += " [SQLSTATE \(sqlState)]" }
    if outcomeUnknown, code != .standbyLeft { line += "; whether it took effect is unknown" }
    if let advice { line += "; \(advice)" }
    // Names of constraints, databases and hosts may contain any character, also line breaks.
    return DisplayText.line(line)
  }

  private var object: String? {
    let names = [("constraint", constraint), ("table", table), ("column", column)]
    let parts = names.compactMap { kind, name in name.map { "\(kind) \($0)" } }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  private var advice: String? {
    switch sqlState {
    case .invalidPassword: return "check user and password in the database URL"
    case .invalidAuthorization: return "check the user in the database URL and pg_hba.conf"
    case .unknownDatabase: return "create the database or correct its name in the URL"
    case .tooManyConnections: return "raise max_connections or use fewer connections"
    case .insufficientPrivilege: return "grant the right to this database user"
    case .unknownTable, .unknownSchema, .unknownColumn, .unknownFunction:
      return "run all migrations"
    case .readOnlyTransaction: return "connect to the primary server"
    case .cannotConnectNow: return "try again in a moment"
    default: break
    }
    switch code {
    case .connectionFailed where summary.has(bytesOf: "certificate") || summary.has(bytesOf: "SSL"):
      return "check sslmode, sslrootcert and host in the database URL, and the server's certificate"
    case .connectionFailed: return "check that the server runs and that host and port are right"
    case .sharedSession:
      return "this needs the server itself: use its own host and port in the database URL"
    case .standbyLeft: return "run the operation again: it waits for the standby again"
    case .poolExhausted:
      return "raise the pool's maximum, or shorten the work that holds its connections"
    default: return nil
    }
  }
}
