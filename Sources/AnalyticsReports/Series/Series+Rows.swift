internal import AnalyticsText

extension Series {
  /// A row whose values are read by the names of their columns.
  package struct Row: Sendable {
    fileprivate let positions: [ExactString: Int]
    fileprivate let values: [Value]

    /// The value of a column; ``Series/Value/null`` if there is no such column.
    package subscript(_ column: String) -> Value {
      positions[ExactString(column)].map { values[$0] } ?? .null
    }
  }

  /// The rows, to be read by the names of the columns.
  package var namedRows: [Row] {
    let positions = Dictionary(
      columns.enumerated().map { (ExactString($1.name), $0) },
      uniquingKeysWith: { first, _ in first })
    return rows.map { Row(positions: positions, values: $0) }
  }
}
