internal import CAnalyticsPQ

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// A connection to PostgreSQL, with a thread of its own.
///
/// It is meant for one task at a time: the call of a second task would wait for its turn without
/// regard to its deadline, and would run inside the first task's transaction. ``PostgresPool``
/// ensures that.
///
/// Every call ends when its deadline passes or its task is cancelled. Then the server is asked to
/// cancel. If it answers within three seconds, the connection stays usable; otherwise it is closed,
/// and ``isBroken`` is true. If the answer arrives in spite of the cancel request, it is returned
/// as usual.
///
/// Nothing has to survive a transaction (no prepared statements, no session settings), so it works
/// through PgBouncer in transaction mode.
package actor PostgresConnection {
  package nonisolated let configuration: PostgresConfiguration
  package nonisolated let destination: String
  nonisolated let thread: ConnectionThread
  private let lease: ConnectionThreadLease
  private var session: LibpqSession?

  /// The actor keeps `thread` for its whole life, so the unowned reference is valid as long as the
  /// actor is.
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }

  private init(_ configuration: PostgresConfiguration) {
    self.configuration = configuration
    destination = configuration.destination
    thread = ConnectionThread(name: "pq-connection")
    lease = ConnectionThreadLease(thread)
  }

  /// Connects. Several hosts are tried one after the other, each for at most the connect timeout.
  ///
  /// - Throws: `connectionFailed`.
  package static func connect(
    _ configuration: PostgresConfiguration
  ) async throws(PostgresError) -> PostgresConnection {
    let connection = PostgresConnection(configuration)
    try await connection.open()
    return connection
  }

  /// Connects, runs `body`, and closes the connection, whether `body` succeeds or throws.
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

  /// Closes the connection and ends its thread. Later calls throw `connectionClosed`.
  package func close() {
    session = nil
    thread.finish()
  }

  /// Whether the connection is closed, either by ``close()`` or because it was lost.
  package var isBroken: Bool { session == nil }

  /// The server's version in libpq's form, such as 150004 for 15.4; 0 if the connection is closed.
  package var serverVersion: Int { session.map { Int(PQserverVersion($0.handle)) } ?? 0 }

  /// The server process of this connection, as the server announced it when connecting; 0 if the
  /// connection is closed. Behind a pooler it differs from `pg_backend_pid()`.
  package var serverProcessID: Int32 { session.map { PQbackendPID($0.handle) } ?? 0 }

  /// Whether a transaction is open, including a failed one.
  package var isInTransaction: Bool {
    session.map { PQtransactionStatus($0.handle) != PQTRANS_IDLE } ?? false
  }

  /// Runs one statement by the extended protocol.
  ///
  /// - Parameter deadline: Overrides the configuration's `statementTimeout`.
  /// - Returns: The rows, in binary form.
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

  /// Runs one or more statements by the simple protocol and discards their rows. Without `BEGIN` in
  /// it, the whole script is one transaction.
  ///
  /// - Parameter script: A script without values, since the simple protocol has no parameters.
  package func execute(_ script: SQL, deadline: Duration? = nil) async throws(PostgresError) {
    let text = script.textWithoutValues
    try await call(within: deadline, canCommit: true) { session throws(PostgresError) in
      try session.sent(PQsendQuery(session.handle, text))
      _ = try session.finishWithoutCopy()
    }
  }

  /// Returns whether the idle connection is still open. Costs no round trip.
  func probe() -> Bool {
    guard let session, PQstatus(session.handle) == CONNECTION_OK else { return false }
    var descriptor = pollfd(fd: PQsocket(session.handle), events: Int16(POLLIN), revents: 0)
    // An idle connection receives data only if the server closes it or reports a changed setting.
    // In the second round, the end of the stream tells the two apart.
    for _ in 0..<2 where poll(&descriptor, 1, 0) > 0 {
      guard PQconsumeInput(session.handle) == 1 else {
        close()
        return false
      }
    }
    return true
  }

  /// Runs one call with its deadline and cancellation, and closes the connection if it broke.
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
      // The closure has to use `self`; otherwise it would not run on the actor's thread.
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
