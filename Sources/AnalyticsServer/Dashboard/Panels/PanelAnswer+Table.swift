internal import AnalyticsReports
internal import AnalyticsText

extension PanelAnswer {
  /// The largest number of rows. A longer table is cut, with a note.
  private static let rowsMax = 200

  /// - Parameter bar: The column whose numbers have bars beside them.
  static func table(_ figures: SeriesFigures, bar: String?) -> HTML {
    let series = figures.series
    guard !series.rows.isEmpty else { return nothing(series) }
    let bar = bar.flatMap { figures.index($0) }
    let most = bar.map { column in
      series.rows.compactMap { figures.number($0, column) }.max() ?? 0
    }
    // The time of a whole range is left out, since it says nothing new. The column that names a
    // cohort's running period is left out as well: the period's cell is marked instead.
    let running = series.runningPeriods
    let columns = series.columns.indices.filter {
      series.columns[$0].unit != .time(.total) && $0 != running?.numbers
    }
    let isAnyRunning = running?.figures.contains { $0 != nil } ?? false
    let head: [HTML] = columns.map { column in
      let style: HTML = figures.isNumeric(column) ? " class=\"number\"" : ""
      return "<th scope=\"col\"\(style)>\(figures.label(column))</th>"
    }
    let rows: [HTML] = series.rows.prefix(rowsMax).enumerated().map { index, row in
      let cells: [HTML] = columns.map { column in
        let share = column == bar ? most.map { (figures.number(row, column) ?? 0) / $0 } : nil
        return cell(
          figures.text(row, column), isNumber: figures.isNumeric(column), share: share,
          isRunning: running?.figures[index] == column)
      }
      return "<tr>\(cells)</tr>"
    }
    return """
      <div class="scroll"><table><thead><tr>\(head)</tr></thead><tbody>\(rows)</tbody></table></div>\
      \(more(than: series.rows.count))\(isAnyRunning ? runningNote : nil)
      """
  }

  /// - Parameter share: The length of the bar beside the text, from 0 to 1.
  private static func cell(
    _ text: String, isNumber: Bool, share: Double?, isRunning: Bool
  ) -> HTML {
    let bar = share.map { Bar.html($0) }
    return switch (isNumber, isRunning) {
    case (true, true): "<td class=\"number partial\" title=\"running\">\(text)\(bar)</td>"
    case (true, false): "<td class=\"number\">\(text)\(bar)</td>"
    case (false, _) where hasLongWord(text): "<td>\(text)</td>"
    case (false, _): "<td class=\"words\">\(text)</td>"
    }
  }

  /// Whether the text has a word that may be broken; shorter words never are.
  private static func hasLongWord(_ text: String) -> Bool {
    var length = 0
    return text.unicodeScalars.contains { scalar in
      length = scalar == " " || scalar == "\n" ? 0 : length + 1
      return length > wordMax
    }
  }

  /// The length of a UUID.
  private static let wordMax = 36

  private static func more(than rows: Int) -> HTML? {
    rows > rowsMax
      ? "<p class=\"note\">\((rows - rowsMax).counted("more row is", "more rows are")) in the CSV.</p>"
      : nil
  }

  private static let runningNote: HTML = """
    <p class="note">Pale: the period is running, and the figure may still grow.</p>
    """
}
