internal import AnalyticsText

/// What went wrong between this process and PostgreSQL.
///
/// Safe to log: the description holds no SQL, no values, no passwords, and never the server's
/// DETAIL or CONTEXT, which quote rows. The server's message is passed on only for conditions
/// whose messages name nothing but schema objects (see ``SQLState``); for others, and for all
/// data errors, the text is fixed.
package struct PostgresError: Error, Sendable {
  package enum Code: Sendable, Hashable {
    /// No connection came about.
    case connectionFailed
    /// An open connection went away during a call; it is closed.
    case connectionLost
    /// The connection was closed before the call.
    case connectionClosed
    /// The server refused the statement.
    case server(SQLState)
    /// The call's deadline passed.
    case timedOut
    /// The calling task was cancelled.
    case cancelled
    /// The server committed, but stopped waiting for its synchronous standby: a failover may lose it.
    case standbyLeft
    /// A row did not have the type that the caller expects.
    case decoding
    /// The connection was used in a way that libpq or the protocol does not allow.
    case protocolViolation
    /// The URL or the settings cannot be used.
    case invalidConfiguration
    /// No connection became free within the pool's time limit.
    case poolExhausted
    /// The pool was shut down.
    case poolClosed
    /// An advisory lock stayed in other hands for the time given.
    case lockUnavailable
    /// A pooler shares the server's sessions between its clients, where one of our own is needed.
    case sharedSession
  }

  package var code: Code

  /// What happened, in words that hold no data.
  package var summary: String

  /// Which server and database, without user and password.
  package var destination: String?

  /// What the server said, also where ``code`` is not ``Code/server(_:)``: for example while
  /// connecting.
  package var sqlState: SQLState?

  /// Whether the statement may have taken effect, and may be lost again: a COMMIT, or a statement
  /// outside a transaction, whose connection died before the server's answer, or for which the server
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
  /// Whether the same call may succeed later with nobody changing anything: the server is away,
  /// starting, out of resources or read-only (a failover ends that), a deadlock, a serialization
  /// failure, a lock or a deadline.
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

  /// Whether the data itself was refused, so that these rows can never be stored. See
  /// ``SQLState/isDataError``.
  package var isDataError: Bool {
    if case .server(let state) = code { state.isDataError } else { false }
  }

  /// Whether ingest has to pause and try again later, rather than condemn a row.
  ///
  /// That is everything that is not a data error: besides what is transient also a missing table,
  /// column, function, schema or right (42P01, 42703, 42883, 3F000, 42501), which a migration or an
  /// operator puts right while the rows wait.
  package var pausesIngest: Bool { !isDataError }
}

extension PostgresError: CustomStringConvertible {
  /// One line: what, where, and what to do.
  package var description: String {
    var line = summary
    if let object { line += " (\(object))" }
    if let destination { line += " at \(destination)" }
    if let sqlState { line += " [SQLSTATE \(sqlState)]" }
    if outcomeUnknown, code != .standbyLeft { line += "; whether it took effect is unknown" }
    if let advice { line += "; \(advice)" }
    // Names of constraints, databases and hosts may hold anything.
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
      return "have all migrations been run?"
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
    case .standbyLeft: return "do it again: that waits for the standby as well"
    case .poolExhausted: return "raise the pool's maximum or shorten what holds its connections"
    default: return nil
    }
  }
}
