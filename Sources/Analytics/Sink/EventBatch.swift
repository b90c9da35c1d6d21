/// A batch of rows for a sink. The rows stay in the buffer's segments; they are not copied.
///
/// Rows are encoded as ``RowLayout`` describes. They may be read only during the call of
/// ``EventSink/write(_:)`` or ``EventSink/deadLetter(_:because:)`` that receives the batch. The
/// pages stay mapped for as long as the batch exists, but once the rows are settled the segment can
/// be reused and its rows overwritten.
public struct EventBatch: Sendable {
  /// A run of consecutive whole rows of one segment.
  ///
  /// The rows do not change while the batch holds the segment's lease: appending only writes behind
  /// the committed rows, and a segment is emptied only after the holder of the lease has removed it
  /// from its owner's queue.
  struct Piece: Sendable {
    let segment: Segment
    /// Keeps the segment's pages mapped, also if the segment itself is unmapped.
    let memory: MappedMemory
    /// The owner of the segment, which is notified when rows are settled.
    let owner: any SegmentOwner
    /// The rows' offsets in the segment's data.
    let range: Range<Int>
    let rowCount: Int

    var bytes: UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(
        start: memory.base + SegmentHeader.bytes + range.lowerBound, count: range.count)
    }
  }

  let pieces: [Piece]
  /// The number of rows, at least 1.
  public let rowCount: Int
  /// The total size of all rows in bytes.
  public let byteCount: Int
  /// Whether an earlier attempt to store these rows may have succeeded.
  public internal(set) var mayBeStored = false
  /// A reading of the database's clock after which all of these rows were certainly tracked. `nil`
  /// if none is known, because the rows were recovered from another process or imported. See
  /// ``EventSink/clock``.
  public internal(set) var trackedAfter: EventTimestamp?

  init(pieces: [Piece]) {
    assert(pieces.allSatisfy { $0.rowCount > 0 && !$0.range.isEmpty }, "a piece has rows")
    self.pieces = pieces
    rowCount = pieces.reduce(0) { $0 + $1.rowCount }
    byteCount = pieces.reduce(0) { $0 + $1.range.count }
  }

  /// Calls `body` with the rows in a few long chunks, each of which holds whole rows. The memory is
  /// valid only during the call.
  public func forEachChunk(
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    for piece in pieces {
      try body(piece.bytes)
    }
  }

  /// Calls `body` with each row. The row is valid only during the call.
  public func forEachRow(_ body: (EventRow) throws -> Void) rethrows {
    for piece in pieces {
      try piece.forEachRow { row, _ in try body(row) }
    }
  }
}

extension EventBatch {
  /// Splits the batch after `count` rows. Either part is `nil` if it would be empty.
  func split(at count: Int) -> (EventBatch?, EventBatch?) {
    var first: [Piece] = []
    var second: [Piece] = []
    var left = count
    for piece in pieces {
      let taken = min(left, piece.rowCount)
      left -= taken
      let (head, tail) = piece.split(at: taken)
      if let head { first.append(head) }
      if let tail { second.append(tail) }
    }
    return (part(first), part(second))
  }

  /// Joins consecutive parts of one batch again.
  init(joining parts: [EventBatch]) {
    self.init(pieces: Piece.joined(parts.flatMap(\.pieces)))
    trackedAfter = parts.first?.trackedAfter
  }

  /// Returns a batch of the given pieces with this batch's attributes; `nil` if there are no
  /// pieces.
  func part(_ pieces: [Piece]) -> EventBatch? {
    guard !pieces.isEmpty else { return nil }
    var batch = EventBatch(pieces: pieces)
    batch.mayBeStored = mayBeStored
    batch.trackedAfter = trackedAfter
    return batch
  }
}

extension EventBatch.Piece {
  /// Calls `body` with each row and its offsets in the segment's data.
  func forEachRow(_ body: (EventRow, Range<Int>) throws -> Void) rethrows {
    let bytes = bytes
    var offset = 0
    while let length = RowLayout.rowLength(bytes.slice(offset..<bytes.count)) {
      let start = range.lowerBound + offset
      try body(EventRow(bytes: bytes.slice(offset..<offset + length)), start..<start + length)
      offset += length
    }
  }

  fileprivate func split(at count: Int) -> (Self?, Self?) {
    if count == 0 { return (nil, self) }
    if count == rowCount { return (self, nil) }
    let bytes = bytes
    var offset = 0
    for _ in 0..<count {
      offset += RowLayout.rowLength(bytes.slice(offset..<bytes.count)) ?? 0
    }
    let middle = range.lowerBound + offset
    return (
      part(range.lowerBound..<middle, rowCount: count),
      part(middle..<range.upperBound, rowCount: rowCount - count)
    )
  }

  /// Merges pieces that follow each other in the same segment.
  static func joined(_ pieces: [Self]) -> [Self] {
    var joined: [Self] = []
    for piece in pieces {
      if let longer = joined.last?.joined(to: piece) {
        joined[joined.count - 1] = longer
      } else {
        joined.append(piece)
      }
    }
    return joined
  }

  /// Returns this piece and `next` as one, or `nil` if `next` does not begin where this piece ends
  /// in the same segment.
  private func joined(to next: Self) -> Self? {
    guard next.segment === segment, next.range.lowerBound == range.upperBound else { return nil }
    return part(range.lowerBound..<next.range.upperBound, rowCount: rowCount + next.rowCount)
  }

  /// Returns the rows between two offsets of the segment's data.
  func part(_ range: Range<Int>, rowCount: Int) -> Self {
    Self(segment: segment, memory: memory, owner: owner, range: range, rowCount: rowCount)
  }
}
