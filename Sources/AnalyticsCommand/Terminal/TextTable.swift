/// A table for a terminal: each column is as wide as its longest cell, and two spaces are between
/// columns.
struct TextTable {
  /// A column, with a cell for each line.
  struct Column {
    var cells: [String]
    /// Whether the cells end at the same place, as numbers do.
    var isRightAligned = false
  }

  let columns: [Column]

  /// The lines, all of the same length.
  var lines: [String] {
    let columns = columns.map(\.padded)
    return (columns.first ?? []).indices.map { line in
      columns.map { $0[line] }.joined(separator: "  ")
    }
  }
}

extension TextTable.Column {
  fileprivate var padded: [String] {
    let width = cells.map(\.count).max() ?? 0
    return cells.map { cell in
      let padding = String(repeating: " ", count: width - cell.count)
      return isRightAligned ? padding + cell : cell + padding
    }
  }
}
