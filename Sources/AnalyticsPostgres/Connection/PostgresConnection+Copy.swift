internal import CAnalyticsPQ

/// A source of bytes for `COPY … FROM STDIN`.
package protocol PostgresCopySource: Sendable {
  /// Passes the bytes on in order, in chunks of any size. A chunk need not end with a row. Large
  /// chunks (64 KiB and more) are the most efficient. The connection's thread calls this method. A
  /// chunk has to stay valid only during the call of `body`, since libpq copies it.
  func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows
}

/// An array as a single chunk.
extension [UInt8]: PostgresCopySource {
  package func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try withUnsafeBytes(body)
  }
}

extension PostgresConnection {
  /// Runs `COPY … FROM STDIN`. The statement holds no values.
  ///
  /// - Returns: The number of rows copied.
  /// - Throws: An error even if only one row is refused. Then no row is stored, and the connection
  ///   stays usable.
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

  /// Runs `COPY … TO STDOUT`. The statement holds no values.
  ///
  /// - Parameter onChunk: Gets one row after the other (and the header, if the format has one), on
  ///   the connection's thread. The bytes are valid only during the call. An error that it throws
  ///   ends the COPY and is rethrown; the connection stays usable.
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
  /// The largest piece that is passed to libpq at once. The server reads each message as a whole
  /// into a buffer of that size, and libpq buffers what the socket does not accept.
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
          // This leaves the source, which may have much more data.
          if interruption != nil { throw CancellationError() }
          let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceBytes))
          try put(piece)
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
        }
      }
    } catch let error as PostgresError {
      throw error
    } catch {
      // A source only rethrows, so this is the error from above. `endCopy` tells the server to
      // discard the rows.
    }
    try endCopy()
  }

  private func put(_ piece: UnsafeRawBufferPointer) throws(PostgresError) {
    let bytes = piece.bindMemory(to: CChar.self).baseAddress
    while true {
      switch PQputCopyData(handle, bytes, Int32(piece.count)) {
      case 1:
        // Without flushing, libpq would keep everything that the socket does not accept in memory.
        try checkInterruption()
        return try flush()
      case 0: try flush()
      default: throw lost()
      }
    }
  }

  private func endCopy() throws(PostgresError) {
    // After an interruption no row may be stored, even if the server missed the cancel request.
    let reason = interruption == nil ? nil : "cancelled"
    while true {
      switch PQputCopyEnd(handle, reason) {
      case 1: return
      case 0: try flush()
      default: throw lost()
      }
    }
  }

  /// Reads all rows. libpq allocates each row, and it is freed after `onChunk` has returned.
  ///
  /// - Returns: The error that `onChunk` threw.
  fileprivate func receiveCopy(
    _ onChunk: (UnsafeRawBufferPointer) throws -> Void
  ) throws(PostgresError) -> (any Error)? {
    var refusal: (any Error)?
    while let row = try nextCopyRow() {
      defer { PQfreemem(row.baseAddress) }
      // Rows that were sent before the server stopped have to be read, but are not passed on.
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
        do {
          try checkInterruption()
        } catch {
          PQfreemem(bytes)
          throw error
        }
        return UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
      }
    }
  }
}
