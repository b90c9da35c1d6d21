internal import CAnalyticsPQ

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// A libpq connection in non-blocking mode, with the code that waits for it.
///
/// Every wait is a `poll(2)` on the socket and on a ``WakePipe``, so that a deadline or a
/// cancellation ends it. Then the server is asked to cancel, and reading continues as before: the
/// answer (usually 57014) arrives in the ordinary way and leaves the connection usable. Only if
/// that takes longer than ``grace`` is the connection given up.
///
/// An instance belongs to one ``PostgresConnection`` and is used only on its thread. Its `deinit`
/// may run on any thread, but only after the last use.
final class LibpqSession {
  /// The time that the server has to answer after it was asked to cancel.
  static let grace: Duration = .seconds(3)

  let handle: OpaquePointer
  let destination: String
  let wake: WakePipe

  /// Whether the connection must not be used again.
  private(set) var isBroken = false
  private(set) var interruption: Interruption?
  /// Whether the server reported during this call that it stopped waiting for its standby.
  private var hasLeftStandby = false

  private var limit = CallLimit(nil)
  private var cancelRequest: CancelRequest?
  /// Whether it would be unknown, if the connection were lost now, whether the statement took
  /// effect.
  private var isOutcomeAtRisk = false

  /// Connects, and blocks until then. libpq applies `connect_timeout` to each host.
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
    // libpq keeps an unretained pointer to this object. It calls the receiver only while it handles
    // the server's messages, that is during a libpq call whose caller holds a reference to this
    // object. `PQfinish` in `deinit` handles no messages.
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
  /// - Throws: `timedOut` or `cancelled`. Then nothing was sent.
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

  /// Checks libpq's result of sending a statement; 1 means success.
  func sent(_ status: Int32) throws(PostgresError) {
    if status == 1 { return }
    guard PQstatus(handle) == CONNECTION_OK else { throw lost() }
    isBroken = true
    throw PostgresError(
      .protocolViolation, "libpq does not accept the statement or its parameters",
      destination: destination)
  }

  /// Sends everything that is queued. It also reads the server's answers, since the server may stop
  /// reading until its answers are taken.
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

  /// Returns the next answer; `nil` when the server is ready for the next statement. The caller
  /// owns the result and wraps it in a ``PostgresAnswer``.
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
  /// - Throws: The first error of the server. It also throws if the server has committed but
  ///   stopped waiting for its standby, for whatever reason: the server's answer does not differ in
  ///   that case.
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
      // The server's last error says more than the loss of the connection that follows.
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

  /// Handles a notice of the server. Only one kind matters; all others are ignored.
  private func take(_ notice: OpaquePointer) {
    if PostgresError.saysStandbyWasLeft(notice) { hasLeftStandby = true }
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

  /// Waits, after an interruption, until the server has received the cancel request. Otherwise the
  /// request could cancel the connection's next statement.
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
  /// Blocks until the socket is ready. A deadline or a cancellation makes it ask the server to
  /// cancel.
  ///
  /// - Returns: The events that `poll(2)` reported for the socket.
  /// - Throws: The interruption, if the server did not answer the request within ``grace``. The
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

  /// Blocks until the server sends something, and reads it.
  func waitForInput() throws(PostgresError) {
    try wait(for: POLLIN)
    try consume()
  }

  /// Checks the deadline and the task. Called by ``wait(for:)``, and by loops that may never have
  /// to wait.
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

  /// Asks the server to cancel the current statement. From then on ``grace`` is the time limit.
  func interrupt(_ reason: Interruption) {
    interruption = reason
    limit = CallLimit(Self.grace)
    cancelRequest = CancelRequest(handle, wake: wake)
  }

  /// Reads the data that the socket has.
  private func consume() throws(PostgresError) {
    if PQconsumeInput(handle) == 1 { return }
    // Data that arrived before the end of the stream may contain the server's reason.
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

  /// Marks the connection as broken and returns the error for its loss.
  func lost() -> PostgresError {
    isBroken = true
    var error = PostgresError(
      .connectionLost, "the connection was lost", destination: destination)
    error.outcomeUnknown = isOutcomeAtRisk
    return error
  }

  /// Marks the connection as broken.
  func giveUp() {
    isBroken = true
  }
}

/// A `PGresult`, which is freed when the last reference to it is released.
///
/// Unchecked, and safe to share between threads: the pointer never changes, every libpq function
/// that is called with it only reads from the result, and `deinit` is the only place that frees it.
final class PostgresAnswer: @unchecked Sendable {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    PQclear(pointer)
  }

  var status: ExecStatusType { PQresultStatus(pointer) }

  /// The number of rows that the command affected.
  var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

  /// The command tag, such as `COMMIT` or `INSERT 0 1`.
  var commandTag: String { String(cString: PQcmdStatus(pointer)) }
}
