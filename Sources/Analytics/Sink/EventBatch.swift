/// Rows on their way to a sink: pieces of segments, in place, not copied.
///
/// The memory lives as long as the batch. Rows are encoded as ``RowLayout`` says.
public struct EventBatch: Sendable {
  /// A run of whole rows inside one segment.
  struct Piece: Sendable {
    let segment: Segment
    /// Holds the segment's pages while the batch is under way.
    let memory: MappedMemory
    /// Whom the segment belongs to, and who is told when the rows are settled.
    let owner: any SegmentOwner
    /// Offsets into the segment's data.
    let range: Range<Int>
    let rowCount: Int

    var bytes: UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(
        start: memory.base + SegmentHeader.bytes + range.lowerBound, count: range.count)
    }
  }

  let pieces: [Piece]
  /// How many rows there are; never 0.
  public let rowCount: Int
  /// The bytes of all rows together.
  public let byteCount: Int
  /// Whether an earlier attempt to store these rows may have succeeded.
  public internal(set) var mayBeStored = false
  /// A moment of the database's clock after which all of these rows were certainly tracked; `nil` if
  /// that is not known: they were left behind by another process, or imported. See ``EventSink/clock``.
  public internal(set) var trackedAfter: EventTimestamp?

  init(pieces: [Piece]) {
    self.pieces = pieces
    rowCount = pieces.reduce(0) { $0 + $1.rowCount }
    byteCount = pieces.reduce(0) { $0 + $1.range.count }
  }

  /// Hands over the rows as a few long chunks, each beginning and ending with a row.
  public func forEachChunk(
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    for piece in pieces {
      try body(piece.bytes)
    }
  }

  /// Hands over the rows one by one.
  public func forEachRow(_ body: (EventRow) throws -> Void) rethrows {
    for piece in pieces {
      try piece.forEachRow { row, _ in try body(row) }
    }
  }
}

extension EventBatch {
  /// The first `count` rows and the others; either may be `nil`.
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

  /// Parts that a batch was split into, one after the other.
  init(joining parts: [EventBatch]) {
    self.init(pieces: Piece.joined(parts.flatMap(\.pieces)))
    trackedAfter = parts.first?.trackedAfter
  }

  /// Some of these rows, with what is known of all; `nil` if there are none.
  func part(_ pieces: [Piece]) -> EventBatch? {
    guard !pieces.isEmpty else { return nil }
    var batch = EventBatch(pieces: pieces)
    batch.mayBeStored = mayBeStored
    batch.trackedAfter = trackedAfter
    return batch
  }
}

extension EventBatch.Piece {
  /// Hands over each row, and where it is in the segment's data.
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

  /// The same rows in fewer pieces: one for those that follow each other in a segment.
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

  /// One piece, where `next` begins in the same segment where this one ends.
  private func joined(to next: Self) -> Self? {
    guard next.segment === segment, next.range.lowerBound == range.upperBound else { return nil }
    return part(range.lowerBound..<next.range.upperBound, rowCount: rowCount + next.rowCount)
  }

  /// The rows between two offsets into the segment's data.
  func part(_ range: Range<Int>, rowCount: Int) -> Self {
    Self(segment: segment, memory: memory, owner: owner, range: range, rowCount: rowCount)
  }
}
