extension EventBatch {
  /// Returns the rows for which `isIncluded` is true, in their order and without copying; `nil` if
  /// there are none.
  ///
  /// Reads each row once and makes one piece for each run of consecutive rows that are included.
  package func filter(_ isIncluded: (EventRow) -> Bool) -> EventBatch? {
    var rows: [Piece] = []
    for piece in pieces {
      piece.forEachRow { row, range in
        if isIncluded(row) { rows.append(piece.part(range, rowCount: 1)) }
      }
    }
    return part(Piece.joined(rows))
  }
}
