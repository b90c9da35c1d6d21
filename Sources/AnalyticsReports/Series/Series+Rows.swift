internal import AnalyticsText

/// Reading by the names of columns. The code that asks knows which columns the report has, so an
/// unknown name is a mistake in that code: a debug build stops there.
extension Series {
  /// A row whose values are read by the names of their columns.
  package struct Row: Sendable {
    fileprivate let positions: [ExactString: Int]
    fileprivate let values: [Value]

    /// The value of a column. If there is no such column, a debug build stops, and a release build
    /// returns ``Series/Value/null``.
    package subscript(_ column: String) -> Value {
      guard let position = positions[ExactString(column)] else {
        Series.refuse(column, among: positions.keys.map(\.text))
        return .null
      }
      return values[position]
    }
  }

  /// The rows, to be read by the names of the columns.
  package var namedRows: [Row] {
    let positions = Dictionary(
      columns.enumerated().map { (ExactString($1.name), $0) },
      uniquingKeysWith: { first, _ in first })
    return rows.map { Row(positions: positions, values: $0) }
  }

  /// Returns the position of a column. If there is no such column, a debug build stops, and a
  /// release build returns `nil`.
  package func position(of column: String) -> Int? {
    let position = columns.firstIndex { $0.name.isSame(as: column) }
    if position == nil { Self.refuse(column, among: columns.map(\.name)) }
    return position
  }

  /// Stops a debug build; does nothing in a release build.
  private static func refuse(_ column: String, among known: [String]) {
    assertionFailure(
      "there is no column \(column): the columns are \(known.sorted().joined(separator: ", "))")
  }
}
