internal import CAnalyticsPQ

/// Bytes for `COPY … FROM STDIN`.
package protocol PostgresCopySource: Sendable {
  /// Hands over the bytes in order, in chunks of any size that need not end with a row. Large chunks (64 KiB and more) cost least. Called on the connection's thread.
  func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows
}

/// Bytes that are in memory as one array.
extension [UInt8]: PostgresCopySource {
  package func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try withUnsafeBytes(body)
  }
}

extension PostgresConnection {
  /// Runs `COPY … FROM STDIN`, a statement that holds no values.
  ///
  /// - Returns: The number of rows copied.
  /// - Throws: Also when only one row is refused; then none is stored, and the connection stays
  ///   usable.
  package func copyIn(
    _ sql: SQL, from source: some PostgresCopySource, deadline: Duration? = nil
  ) async throws(PostgresError) -> Int {
    let text = sql.textWithoutValues
    return try await call(within: deadline) { session throws(PostgresError) in
      try session.sent(PQsendQuery(session.handle, text))
      try session.expectCopy(PGRES_COPY_IN)
      try session.sendCopy(source)
      return try session.finish()?.affectedRows ?? 0
    }
  }

  /// Runs `COPY … TO STDOUT`, a statement that holds no values.
  ///
  /// - Parameter onChunk: Gets one row after the other (and the header, if the format has one),
  ///   on the connection's thread; the bytes are valid during the call only. What it throws ends
  ///   the COPY and is thrown on; the connection stays usable.
  package func copyOut(
    _ sql: SQL, deadline: Duration? = nil,
    onChunk: @Sendable (UnsafeRawBufferPointer) throws -> Void
  ) async throws {
    let text = sql.textWithoutValues
    let refusal: (any Error)? = try await call(within: deadline) { session throws(PostgresError) in
      try session.sent(PQsendQuery(session.handle, text))
      try session.expectCopy(PGRES_COPY_OUT)
      return try session.receiveCopy(onChunk)
    }
    if let refusal { throw refusal }
  }
}

extension LibpqSession {
  /// The largest piece that goes to libpq at once. The server reads a message as a whole into a
  /// buffer of that size, and libpq keeps what the socket does not take.
  private static let pieceBytes = 64 * 1024

  fileprivate func expectCopy(_ status: ExecStatusType) throws(PostgresError) {
    let answer = try finish()
    guard answer?.status == status else {
      if answer?.status == PGRES_COPY_IN || answer?.status == PGRES_COPY_OUT { giveUp() }
      throw PostgresError(
        .protocolViolation, "the statement is not a COPY in the expected direction",
        destination: destination)
    }
  }

  fileprivate func sendCopy(_ source: some PostgresCopySource) throws(PostgresError) {
    do {
      try source.forEachChunk { chunk in
        var rest = chunk
        while !rest.isEmpty {
          // Out of the source, which may have much more to give.
          if interruption != nil { throw CancellationError() }
          let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceBytes))
          try put(piece)
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
        }
      }
    } catch let error as PostgresError {
      throw error
    } catch {
      // A source only rethrows, so this is the interruption from above. `endCopy` says which it was.
    }
    try endCopy()
  }

  private func put(_ piece: UnsafeRawBufferPointer) throws(PostgresError) {
    let bytes = piece.bindMemory(to: CChar.self).baseAddress
    while true {
      switch PQputCopyData(handle, bytes, Int32(piece.count)) {
      case 1:
        // Without this libpq would keep all that the socket does not take in its own memory.
        try checkInterruption()
        return try flush()
      case 0: try flush()
      default: throw lost()
      }
    }
  }

  private func endCopy() throws(PostgresError) {
    // After an interruption nothing may be stored, also when the server missed the request.
    let reason = interruption == nil ? nil : "cancelled"
    while true {
      switch PQputCopyEnd(handle, reason) {
      case 1: return
      case 0: try flush()
      default: throw lost()
      }
    }
  }

  /// - Returns: What `onChunk` threw.
  fileprivate func receiveCopy(
    _ onChunk: (UnsafeRawBufferPointer) throws -> Void
  ) throws(PostgresError) -> (any Error)? {
    var refusal: (any Error)?
    while let row = try nextCopyRow() {
      defer { PQfreemem(row.baseAddress) }
      // What is under way when the server is asked to stop still has to be read, to get past it.
      guard interruption == nil else { continue }
      do {
        try onChunk(UnsafeRawBufferPointer(row))
      } catch {
        refusal = error
        interrupt(.cancelled)
      }
    }
    do throws(PostgresError) {
      _ = try finish()
    } catch {
      if refusal == nil || isBroken { throw error }
    }
    return refusal
  }

  private func nextCopyRow() throws(PostgresError) -> UnsafeMutableRawBufferPointer? {
    var bytes: UnsafeMutablePointer<CChar>?
    while true {
      switch PQgetCopyData(handle, &bytes, 1) {
      case -1: return nil
      case -2: throw lost()
      case 0:
        try waitForInput()
      case let count:
        try checkInterruption()
        return UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
      }
    }
  }
}
