/// A batch of rows for a sink. The rows stay in the buffer's segments; they are not copied.
///
/// Rows are encoded as ``RowLayout`` describes. They may be read only during the call of
/// ``EventSink/write(_:)`` or ``EventSink/deadLetter(_:because:)`` that receives the batch. The
/// pages stay mapped for as long as the batch exists, but once the rows are settled the segment can
/// be reused and its rows overwritten.
public struct EventBatch: Sendable {
  /// The rows as the buffer handed them out.
  let rows: BufferedRows
  /// Whether an earlier attempt to store these rows may have succeeded.
  public internal(set) var mayBeStored = false
  /// A reading of the database's clock after which all of these rows were certainly tracked. `nil`
  /// if none is known, because the rows were recovered from another process or imported. See
  /// ``EventSink/clock``.
  public internal(set) var trackedAfter: EventTimestamp?

  init(_ rows: BufferedRows) { self.rows = rows }

  /// The number of rows, at least 1.
  public var rowCount: Int { rows.rowCount }

  /// The total size of all rows in bytes.
  public var byteCount: Int { rows.byteCount }

  /// Calls `body` with the rows in a few long chunks, each of which holds whole rows. The memory is
  /// valid only during the call.
  public func forEachChunk(
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    try rows.forEachChunk(body)
  }

  /// Calls `body` with each row. The row is valid only during the call.
  public func forEachRow(_ body: (EventRow) throws -> Void) rethrows {
    try rows.forEachRow { try body(EventRow(bytes: $0)) }
  }
}

extension EventBatch {
  /// Splits the batch after `count` rows. Either part is `nil` if it would be empty.
  func split(at count: Int) -> (EventBatch?, EventBatch?) {
    let (first, second) = rows.split(at: count)
    return (first.map { part($0) }, second.map { part($0) })
  }

  /// Joins consecutive parts of one batch again.
  init(joining parts: [EventBatch]) {
    self.init(BufferedRows(joining: parts.map(\.rows)))
    trackedAfter = parts.first?.trackedAfter
  }

  /// Returns the rows for which `isIncluded` is true, in their order and without copying; `nil` if
  /// there are none. Reads each row once.
  package func filter(_ isIncluded: (EventRow) -> Bool) -> EventBatch? {
    rows.filter { isIncluded(EventRow(bytes: $0)) }.map { part($0) }
  }

  /// Returns the same rows in the order of their keys, `(timestamp, id)`, as PostgreSQL compares
  /// them, without copying them.
  ///
  /// Writers that insert the same rows in the same order may wait for each other, but do not
  /// deadlock.
  package func inKeyOrder() -> EventBatch { part(rows.inKeyOrder()) }

  /// Returns a batch of some of these rows, in any order, with this batch's attributes.
  func part(_ rows: BufferedRows) -> EventBatch {
    var batch = EventBatch(rows)
    batch.mayBeStored = mayBeStored
    batch.trackedAfter = trackedAfter
    return batch
  }
}
