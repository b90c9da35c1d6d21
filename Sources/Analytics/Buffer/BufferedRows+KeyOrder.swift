extension BufferedRows {
  /// Returns the same rows in the order of their keys, `(timestamp, id)`, as PostgreSQL compares
  /// them.
  ///
  /// If the rows are already in order, as those of one thread mostly are, this only reads each row
  /// once. Otherwise it sorts, and makes one piece for each run of rows that stay together.
  func inKeyOrder() -> BufferedRows {
    var keyed: [KeyedRow] = []
    keyed.reserveCapacity(rowCount)
    for (index, piece) in pieces.enumerated() {
      piece.forEachRow { bytes, range in keyed.append(KeyedRow(bytes, piece: index, range)) }
    }
    if zip(keyed, keyed.dropFirst()).allSatisfy({ !($1 < $0) }) { return self }
    keyed.sort(by: <)
    let singles = keyed.map { pieces[$0.piece].part($0.range, rowCount: 1) }
    return BufferedRows(pieces: Piece.joined(singles))
  }
}

/// A row's key and location.
private struct KeyedRow {
  private let timestamp: Int64
  /// The id's sixteen bytes as two numbers that compare in the same order as the bytes.
  private let id: (UInt64, UInt64)
  let piece: Int
  /// The row's offsets in the segment's data.
  let range: Range<Int>

  init(_ bytes: UnsafeRawBufferPointer, piece: Int, _ range: Range<Int>) {
    func half(at offset: Int) -> UInt64 {
      UInt64(bitPattern: bytes.bigEndianInt64(at: RowLayout.idOffset + offset))
    }
    timestamp = bytes.bigEndianInt64(at: RowLayout.timestampOffset)
    id = (half(at: 0), half(at: 8))
    self.piece = piece
    self.range = range
  }

  static func < (a: KeyedRow, b: KeyedRow) -> Bool {
    (a.timestamp, a.id.0, a.id.1) < (b.timestamp, b.id.0, b.id.1)
  }
}
