extension EventBatch {
  /// The rows for which this is true, in place and in order; `nil` if there are none.
  ///
  /// Costs one look at each row, and a piece for each run of rows that stay.
  package func filter(_ isIncluded: (EventRow) -> Bool) -> EventBatch? {
    part(pieces.flatMap { $0.runs(isIncluded) })
  }
}

extension EventBatch.Piece {
  fileprivate func runs(_ isIncluded: (EventRow) -> Bool) -> [Self] {
    var runs: [Self] = []
    var offset = 0
    var start = 0
    var rows = 0
    func end() {
      guard rows > 0 else { return }
      runs.append(part(range.lowerBound + start..<range.lowerBound + offset, rowCount: rows))
    }
    while let length = RowLayout.rowLength(bytes.slice(offset..<bytes.count)) {
      if isIncluded(EventRow(bytes: bytes.slice(offset..<offset + length))) {
        if rows == 0 { start = offset }
        rows += 1
      } else {
        end()
        rows = 0
      }
      offset += length
    }
    end()
    return runs
  }
}
