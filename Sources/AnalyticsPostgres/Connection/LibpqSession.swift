internal import CAnalyticsPQ

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// One libpq connection in non-blocking mode, and the waiting for it.
///
/// Every wait is a `poll(2)` on the socket and on a ``WakePipe``, so that a deadline or a
/// cancellation ends it. On either the server is asked to cancel, and reading goes on as before:
/// the answer (usually 57014) arrives through the ordinary path and leaves the connection usable.
/// Only when that takes longer than ``grace`` is the connection given up.
///
/// Belongs to one ``PostgresConnection`` and is used on its thread only.
final class LibpqSession {
  /// How long the server may take to answer after it was asked to cancel.
  static let grace: Duration = .seconds(3)

  let handle: OpaquePointer
  let destination: String
  let wake: WakePipe

  /// Whether the connection must not be used again.
  private(set) var isBroken = false
  private(set) var interruption: Interruption?
  /// Whether the server has said during this call that it stopped waiting for its standby.
  private var hasLeftStandby = false

  private var limit = CallLimit(nil)
  private var cancelRequest: CancelRequest?
  /// Whether the loss of the connection now would leave open whether the statement took effect.
  private var isOutcomeAtRisk = false

  /// Connects, blocking; libpq itself keeps `connect_timeout` for each host.
  init(_ configuration: PostgresConfiguration) throws(PostgresError) {
    destination = configuration.destination
    guard let wake = WakePipe(), let handle = Self.connect(configuration) else {
      throw PostgresError(
        .connectionFailed, "cannot connect: out of memory or file descriptors",
        destination: configuration.destination)
    }
    LibraryThread.exitWaits
    self.wake = wake
    self.handle = handle
    guard PQstatus(handle) == CONNECTION_OK else {
      let message = String(cString: PQerrorMessage(handle))
      throw PostgresError.connectionFailure(message, destination: destination)
    }
    PQsetnonblocking(handle, 1)
    PQsetNoticeReceiver(
      handle,
      { session, notice in
        guard let session, let notice else { return }
        Unmanaged<LibpqSession>.fromOpaque(session).takeUnretainedValue().take(notice)
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    PQfinish(handle)
  }

  private static func connect(_ configuration: PostgresConfiguration) -> OpaquePointer? {
    let pairs = configuration.connectionKeywords
    let keywords = pairs.map { strdup($0.keyword) }
    let values = pairs.map { strdup($0.value) }
    defer { for text in keywords + values { free(text) } }
    return PQconnectdbParams(
      keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
  }
}

// MARK: - One call

extension LibpqSession {
  /// Starts a call.
  ///
  /// - Parameter canCommit: Whether the statement may end a transaction.
  /// - Throws: `timedOut` or `cancelled` before anything was sent.
  func begin(_ limit: CallLimit, canCommit: Bool) throws(PostgresError) {
    self.limit = limit
    interruption = nil
    hasLeftStandby = false
    cancelRequest = nil
    isOutcomeAtRisk = false
    if Task.isCancelled, !limit.ignoresCancellation {
      throw Interruption.cancelled.error(destination: destination)
    }
    if limit.isOver { throw Interruption.timedOut.error(destination: destination) }
    isOutcomeAtRisk = canCommit || PQtransactionStatus(handle) == PQTRANS_IDLE
  }

  /// Takes note of what libpq says of sending a statement (1 is success).
  func sent(_ status: Int32) throws(PostgresError) {
    if status == 1 { return }
    guard PQstatus(handle) == CONNECTION_OK else { throw lost() }
    isBroken = true
    throw PostgresError(
      .protocolViolation, "libpq does not accept the statement or its parameters",
      destination: destination)
  }

  /// Sends all that is queued. The server's answers are read meanwhile: it may stop reading until
  /// somebody takes them.
  func flush() throws(PostgresError) {
    while true {
      switch PQflush(handle) {
      case 0: return
      case 1:
        if try wait(for: POLLIN | POLLOUT) & Int16(POLLOUT) == 0 { try consume() }
      default: throw lost()
      }
    }
  }

  /// The next answer, or nil when the server is ready for the next statement.
  func nextAnswer() throws(PostgresError) -> OpaquePointer? {
    try flush()
    while PQisBusy(handle) == 1 {
      try waitForInput()
    }
    return PQgetResult(handle)
  }

  /// Reads answers until the server is ready again or starts a COPY.
  ///
  /// - Returns: The last answer.
  /// - Throws: The first refusal. Also where the server has committed and then stopped waiting for
  ///   its standby, whoever asked it to: it answers as if the standby had it.
  func finish() throws(PostgresError) -> PostgresAnswer? {
    var last: PostgresAnswer?
    var refusal: PostgresError?
    do throws(PostgresError) {
      while let pointer = try nextAnswer() {
        let answer = PostgresAnswer(pointer)
        switch answer.status {
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
          return answer
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
          if refusal == nil { refusal = self.refusal(answer) }
        default:
          last = answer
        }
      }
    } catch {
      // The server's last words say more than the silence after them.
      guard var refusal else { throw error }
      refusal.outcomeUnknown = error.outcomeUnknown
      throw refusal
    }
    settle()
    if let refusal { throw refusal }
    if hasLeftStandby {
      var error = interruption?.error(destination: destination) ?? .standbyLeft(destination)
      error.outcomeUnknown = true
      throw error
    }
    return last
  }

  /// Looks at what the server says beside its answers. All but one of them are nobody's business.
  private func take(_ notice: OpaquePointer) {
    if PostgresError.tellsOfLeftStandby(notice) { hasLeftStandby = true }
  }

  private func refusal(_ answer: PostgresAnswer) -> PostgresError {
    var error = PostgresError.refusal(answer.pointer, destination: destination)
    if PQstatus(handle) != CONNECTION_OK {
      let loss = lost()
      guard error.sqlState != nil else { return loss }
      error.outcomeUnknown = loss.outcomeUnknown
    }
    if error.sqlState == .queryCanceled, let interruption {
      return interruption.error(destination: destination)
    }
    return error
  }

  /// After an interruption: the server must have taken the cancel request before the connection
  /// may serve another statement, or the request would hit that one.
  private func settle() {
    guard let cancelRequest else { return }
    while !cancelRequest.isFinished {
      var descriptor = pollfd(fd: wake.readDescriptor, events: Int16(POLLIN), revents: 0)
      if limit.isOver {
        isBroken = true
        return
      }
      _ = poll(&descriptor, 1, limit.pollMilliseconds)
      wake.drain()
    }
  }
}

// MARK: - Waiting

extension LibpqSession {
  /// Blocks until the socket is ready, and turns a deadline or a cancellation into a request to
  /// the server to cancel.
  ///
  /// - Returns: What `poll(2)` says of the socket.
  /// - Throws: The interruption, when the server did not answer the request within its grace; the
  ///   connection is broken then.
  @discardableResult
  private func wait(for events: Int32) throws(PostgresError) -> Int16 {
    while true {
      try checkInterruption()
      let ready = withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { buffer in
        buffer[0] = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
        buffer[1] = pollfd(fd: wake.readDescriptor, events: Int16(POLLIN), revents: 0)
        guard poll(buffer.baseAddress, 2, limit.pollMilliseconds) > 0 else { return Int16(0) }
        if buffer[1].revents != 0 { wake.drain() }
        return buffer[0].revents
      }
      if ready != 0 { return ready }
    }
  }

  /// Blocks until the server says something, and takes it in.
  func waitForInput() throws(PostgresError) {
    try wait(for: POLLIN)
    try consume()
  }

  /// Looks at the deadline and the task. Called by ``wait(for:)``, and by loops that may never
  /// have to wait.
  func checkInterruption() throws(PostgresError) {
    if let interruption {
      guard limit.isOver else { return }
      isBroken = true
      var error = interruption.error(destination: destination)
      error.summary += " and the server did not react, so the connection was closed"
      error.outcomeUnknown = isOutcomeAtRisk
      throw error
    }
    if Task.isCancelled, !limit.ignoresCancellation {
      interrupt(.cancelled)
    } else if limit.isOver {
      interrupt(.timedOut)
    }
  }

  /// Asks the server to stop what it is doing; from now on the grace is the limit.
  func interrupt(_ reason: Interruption) {
    interruption = reason
    limit = CallLimit(Self.grace)
    cancelRequest = CancelRequest(handle, wake: wake)
  }

  /// Takes in what the socket has.
  private func consume() throws(PostgresError) {
    if PQconsumeInput(handle) == 1 { return }
    // What came before the end of the stream may hold the server's reason.
    var reason: PostgresError?
    while reason == nil, PQisBusy(handle) == 0, let pointer = PQgetResult(handle) {
      let answer = PostgresAnswer(pointer)
      guard answer.status == PGRES_FATAL_ERROR else { continue }
      let error = PostgresError.refusal(answer.pointer, destination: destination)
      if error.sqlState != nil { reason = error }
    }
    let loss = lost()
    guard var reason else { throw loss }
    reason.outcomeUnknown = loss.outcomeUnknown
    throw reason
  }

  /// The error for a connection that went away, which it marks as such.
  func lost() -> PostgresError {
    isBroken = true
    var error = PostgresError(
      .connectionLost, "the connection was lost", destination: destination)
    error.outcomeUnknown = isOutcomeAtRisk
    return error
  }

  /// Marks the connection as not usable any more.
  func giveUp() {
    isBroken = true
  }
}

/// One `PGresult`, freed with its last owner.
///
/// Sendable since libpq only reads from a result that it has handed out.
final class PostgresAnswer: @unchecked Sendable {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    PQclear(pointer)
  }

  var status: ExecStatusType { PQresultStatus(pointer) }

  /// The number of rows that the command says it touched.
  var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

  /// What the command says it did: `COMMIT`, `INSERT 0 1`.
  var commandTag: String { String(cString: PQcmdStatus(pointer)) }
}
