/// Rows that the buffer hands out to be stored. They stay in the buffer's segments and are not
/// copied.
///
/// Each piece is bytes together with the lease of their segment. The buffer ends the leases when
/// the rows are passed to ``EventBuffer/release(_:except:)``. The pages stay mapped for as long as
/// this value exists, but once the rows are settled the segment can be reused and its rows
/// overwritten.
struct BufferedRows: Sendable {
  /// A run of consecutive whole rows of one segment.
  ///
  /// The rows do not change while the segment is leased: appending only writes behind the committed
  /// rows, and a segment is emptied only after the holder of the lease has removed it from its
  /// owner's queue.
  struct Piece: Sendable {
    /// The segment. The holder of the piece has its lease, unless the segment is in no buffer.
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
  let rowCount: Int
  /// The total size of all rows in bytes.
  let byteCount: Int

  init(pieces: [Piece]) {
    assert(!pieces.isEmpty, "there are rows")
    assert(pieces.allSatisfy { $0.rowCount > 0 && !$0.range.isEmpty }, "a piece has rows")
    self.pieces = pieces
    rowCount = pieces.reduce(0) { $0 + $1.rowCount }
    byteCount = pieces.reduce(0) { $0 + $1.range.count }
  }
}

// MARK: - Reading

extension BufferedRows {
  /// Calls `body` with the rows in a few long chunks, each of which holds whole rows. The memory is
  /// valid only during the call.
  func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    for piece in pieces { try body(piece.bytes) }
  }

  /// Calls `body` with the bytes of each row. They are valid only during the call.
  func forEachRow(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    for piece in pieces {
      try piece.forEachRow { bytes, _ in try body(bytes) }
    }
  }
}

// MARK: - Parts

extension BufferedRows {
  /// Splits the rows after the first `count`. Either part is `nil` if it would be empty.
  func split(at count: Int) -> (BufferedRows?, BufferedRows?) {
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
    return (
      first.isEmpty ? nil : BufferedRows(pieces: first),
      second.isEmpty ? nil : BufferedRows(pieces: second)
    )
  }

  /// Joins parts. Pieces that follow each other in the same segment become one.
  init(joining parts: [BufferedRows]) { self.init(pieces: Piece.joined(parts.flatMap(\.pieces))) }

  /// Returns the rows for which `isIncluded` is true, in their order; `nil` if there are none.
  ///
  /// Reads each row once and makes one piece for each run of consecutive rows that are included.
  func filter(_ isIncluded: (UnsafeRawBufferPointer) -> Bool) -> BufferedRows? {
    var rows: [Piece] = []
    for piece in pieces {
      piece.forEachRow { row, range in
        if isIncluded(row) { rows.append(piece.part(range, rowCount: 1)) }
      }
    }
    return rows.isEmpty ? nil : BufferedRows(pieces: Piece.joined(rows))
  }
}

extension BufferedRows.Piece {
  /// Calls `body` with the bytes of each row and their offsets in the segment's data.
  func forEachRow(_ body: (UnsafeRawBufferPointer, Range<Int>) throws -> Void) rethrows {
    let bytes = bytes
    var offset = 0
    while let length = RowLayout.rowLength(bytes.slice(offset..<bytes.count)) {
      let start = range.lowerBound + offset
      try body(bytes.slice(offset..<offset + length), start..<start + length)
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
