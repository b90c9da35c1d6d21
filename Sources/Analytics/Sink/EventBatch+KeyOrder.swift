extension EventBatch {
  /// The same rows in the order of their keys, `(timestamp, id)`, as PostgreSQL compares them.
  ///
  /// Writers of the same rows that all keep one order wait for each other, but never in a circle.
  ///
  /// Where the rows are in order already, as those of one thread mostly are, this costs one look at
  /// each. Otherwise it sorts, and makes a piece for each run of rows that stay together.
  package func inKeyOrder() -> EventBatch {
    var rows: [KeyedRow] = []
    rows.reserveCapacity(rowCount)
    for index in pieces.indices { pieces[index].appendRows(to: &rows, piece: index) }
    if zip(rows, rows.dropFirst()).allSatisfy({ !($1 < $0) }) { return self }
    rows.sort(by: <)
    let singles = rows.map { pieces[$0.piece].part($0.range, rowCount: 1) }
    return part(Piece.joined(singles)) ?? self
  }
}

/// A row's key, and where the row is.
private struct KeyedRow {
  let timestamp: Int64
  /// The sixteen bytes as two numbers that compare as the bytes do.
  let id: (UInt64, UInt64)
  let piece: Int
  /// In the segment's data.
  let range: Range<Int>

  static func < (a: KeyedRow, b: KeyedRow) -> Bool {
    (a.timestamp, a.id.0, a.id.1) < (b.timestamp, b.id.0, b.id.1)
  }
}

extension EventBatch.Piece {
  fileprivate func appendRows(to rows: inout [KeyedRow], piece: Int) {
    let bytes = bytes
    var offset = 0
    while let length = RowLayout.rowLength(bytes.slice(offset..<bytes.count)) {
      let id = offset + RowLayout.idOffset
      let start = range.lowerBound + offset
      rows.append(
        KeyedRow(
          timestamp: bytes.bigEndianInt64(at: offset + RowLayout.timestampOffset),
          id: (
            UInt64(bitPattern: bytes.bigEndianInt64(at: id)),
            UInt64(bitPattern: bytes.bigEndianInt64(at: id + 8))
          ),
          piece: piece, range: start..<start + length))
      offset += length
    }
  }
}
