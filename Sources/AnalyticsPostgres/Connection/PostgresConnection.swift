internal import CAnalyticsPQ

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// A connection to PostgreSQL, on a thread of its own.
///
/// For one task at a time: a second task's call waits its turn without regard to its deadline,
/// and would run inside the first one's transaction. ``PostgresPool`` sees to that.
///
/// Every call ends when its deadline passes or its task is cancelled. The server is then asked to
/// cancel; when it answers within three seconds the connection stays usable, else it is closed
/// and ``isBroken``. An answer that comes in spite of the request is returned as usual.
///
/// Nothing is assumed to outlive a transaction (no prepared statements, no session settings), so
/// that PgBouncer in transaction mode may stand between.
package actor PostgresConnection {
  package nonisolated let configuration: PostgresConfiguration
  package nonisolated let destination: String
  nonisolated let thread: ConnectionThread
  private let lease: ConnectionThreadLease
  private var session: LibpqSession?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }

  private init(_ configuration: PostgresConfiguration) {
    self.configuration = configuration
    destination = configuration.destination
    thread = ConnectionThread(name: "pq-connection")
    lease = ConnectionThreadLease(thread)
  }

  /// Connects; several hosts are tried in turn, each for at most the connect timeout.
  ///
  /// - Throws: `connectionFailed`.
  package static func connect(
    _ configuration: PostgresConfiguration
  ) async throws(PostgresError) -> PostgresConnection {
    let connection = PostgresConnection(configuration)
    try await connection.open()
    return connection
  }

  /// Connects for as long as `body` runs, and closes the connection however that ends.
  package static func withConnection<Result>(
    to configuration: PostgresConfiguration,
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    let connection = try await connect(configuration)
    do {
      let result = try await body(connection)
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }

  private func open() throws(PostgresError) {
    session = try LibpqSession(configuration)
  }

  /// Ends the connection and its thread. Later calls throw `connectionClosed`.
  package func close() {
    session = nil
    thread.finish()
  }

  /// Whether the connection is closed, by ``close()`` or because it was lost.
  package var isBroken: Bool { session == nil }

  /// As libpq gives it: 150004 is 15.4. 0 once the connection is closed.
  package var serverVersion: Int { session.map { Int(PQserverVersion($0.handle)) } ?? 0 }

  /// The process that serves this connection, as `pg_backend_pid()` says. 0 once it is closed.
  package var serverProcessID: Int32 { session.map { PQbackendPID($0.handle) } ?? 0 }

  /// Whether a transaction is open, also a failed one.
  package var isInTransaction: Bool {
    session.map { PQtransactionStatus($0.handle) != PQTRANS_IDLE } ?? false
  }

  /// Runs one statement by the extended protocol.
  ///
  /// - Parameter deadline: Overrides the configuration's `statementTimeout`.
  /// - Returns: Its rows, in binary form.
  package func query(
    _ sql: SQL, deadline: Duration? = nil
  ) async throws(PostgresError) -> PostgresRows {
    let (text, parameters) = sql.numbered
    let bound = BoundParameters(parameters)
    return try await call(within: deadline) { session throws(PostgresError) in
      try session.sent(bound.send(text, on: session.handle))
      return PostgresRows(try session.finishWithoutCopy())
    }
  }

  /// Runs one or many statements by the simple protocol and drops their rows. Without `BEGIN` in
  /// the script all of it is one transaction.
  ///
  /// - Parameter script: Holds no values: this protocol knows no parameters.
  package func execute(_ script: SQL, deadline: Duration? = nil) async throws(PostgresError) {
    let text = script.textWithoutValues
    try await call(within: deadline, canCommit: true) { session throws(PostgresError) in
      try session.sent(PQsendQuery(session.handle, text))
      _ = try session.finishWithoutCopy()
    }
  }

  /// Whether the server hung up or spoke while nobody asked; costs no round trip.
  func probe() -> Bool {
    guard let session, PQstatus(session.handle) == CONNECTION_OK else { return false }
    var descriptor = pollfd(fd: PQsocket(session.handle), events: Int16(POLLIN), revents: 0)
    // At rest the server speaks only to say good-bye, or to tell of a changed setting; the second
    // time round the end of the stream tells the two apart.
    for _ in 0..<2 where poll(&descriptor, 1, 0) > 0 {
      guard PQconsumeInput(session.handle) == 1 else {
        close()
        return false
      }
    }
    return true
  }

  /// Runs one call with deadline and cancellation, and closes the connection if it broke.
  ///
  /// - Parameter canCommit: Whether the statement may end the open transaction.
  func call<Result>(
    within deadline: Duration?, canCommit: Bool = false, ignoresCancellation: Bool = false,
    _ body: (LibpqSession) throws(PostgresError) -> Result
  ) async throws(PostgresError) -> Result {
    guard let session else {
      throw PostgresError(
        .connectionClosed, "the connection is closed", destination: destination)
    }
    let limit = CallLimit(
      deadline ?? configuration.statementTimeout, ignoresCancellation: ignoresCancellation)
    let wake = session.wake
    let result = await withTaskCancellationHandler {
      // A closure that does not use `self` would leave the actor's thread.
      self.run(body, on: session, within: limit, canCommit: canCommit)
    } onCancel: {
      wake.signal()
    }
    if session.isBroken { close() }
    return try result.get()
  }

  private func run<Result>(
    _ body: (LibpqSession) throws(PostgresError) -> Result, on session: LibpqSession,
    within limit: CallLimit, canCommit: Bool
  ) -> Swift.Result<Result, PostgresError> {
    Swift.Result { () throws(PostgresError) in
      try session.begin(limit, canCommit: canCommit)
      return try body(session)
    }
  }
}

extension LibpqSession {
  /// Reads all answers of a statement that must not be a COPY.
  func finishWithoutCopy() throws(PostgresError) -> PostgresAnswer? {
    let answer = try finish()
    switch answer?.status {
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      giveUp()
      throw PostgresError(
        .protocolViolation, "COPY needs copyIn or copyOut; the connection was closed",
        destination: destination)
    default:
      return answer
    }
  }
}
