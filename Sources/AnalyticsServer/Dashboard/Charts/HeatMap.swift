/// A table whose cells are coloured by their numbers, as for the hours of a week.
///
/// Classes: `table.heat`, and `.h0` (nothing) to `.h8` (the most) for the cells.
struct HeatMap: Hashable, Sendable {
  /// The caption of the table.
  var title: String
  /// The meaning of the numbers.
  var quantity: Quantity
  /// The names of the rows.
  var rows: [String]
  /// The names of the columns.
  var columns: [String]
  /// The values: a list for each row.
  var values: [[Double]]

  /// Makes a heat map. Values beyond the rows and columns are not shown; missing ones count as 0.
  init(
    _ title: String, _ quantity: Quantity, rows: [String], columns: [String], values: [[Double]]
  ) {
    self.title = title
    self.quantity = quantity
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// The map as an HTML table, so that a screen reader reads out exactly what is seen.
  var html: HTML {
    let most = values.flatMap(\.self).filter(\.isFinite).max() ?? 0
    let head: [HTML] = columns.map { "<th scope=\"col\">\($0)</th>" }
    let body: [HTML] = rows.enumerated().map { row, name in
      let cells: [HTML] = columns.enumerated().map { column, heading in
        let value = value(row, column)
        return """
          <td class="h\(Self.level(of: value, most: most))" title="\("\(name) \(heading): \(quantity.text(value))")">\
          <span>\(quantity.shortText(value))</span></td>
          """
      }
      return "<tr><th scope=\"row\">\(name)</th>\(cells)</tr>"
    }
    return """
      <table class="heat"><caption>\(title)</caption>\
      <thead><tr><td></td>\(head)</tr></thead><tbody>\(body)</tbody></table>
      """
  }

  private func value(_ row: Int, _ column: Int) -> Double {
    guard row < values.count, column < values[row].count, values[row][column].isFinite else {
      return 0
    }
    return max(0, values[row][column])
  }

  /// Returns the colour of a value. It grows with the square root, because most hours are quiet and
  /// would otherwise all look empty.
  private static func level(of value: Double, most: Double) -> Int {
    guard most > 0, value > 0 else { return 0 }
    return min(8, max(1, Int((8 * (value / most).squareRoot()).rounded(.up))))
  }
}
