extension EventBatch {
  /// The rows for which this is true, in place and in order; `nil` if there are none.
  ///
  /// Costs one look at each row, and a piece for each run of rows that stay.
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
