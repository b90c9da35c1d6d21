internal import AnalyticsReports

extension PanelAnswer {
  /// The panel as a section of a page.
  func html(_ palette: Palette) -> HTML {
    let style = panel.isWide ? "panel wide" : "panel"
    return """
      <section class="\(style)"><div class="head"><h2>\(panel.title)</h2>\(links)</div>\
      \(content(palette))</section>

      """
  }

  private func content(_ palette: Palette) -> HTML {
    switch result {
    case .failure(let problem):
      return """
        <p class="problem" role="alert">\(problem.detail)</p>
        """
    case .success(let series):
      let figures = SeriesFigures(series)
      return drawing(figures, palette) + Self.notes(series) + unfilteredNote
    }
  }

  /// Links to the same figures for programs.
  private var links: HTML {
    let path = "/api/v1/reports/\(panel.report)"
    let query = panel.query(in: range)
    return """
      <p class="links"><a href="\(Link.to(path + ".csv", query))">CSV</a>
      <a href="\(Link.to(path, query))">JSON</a></p>
      """
  }

  private static func notes(_ series: Series) -> HTML {
    let notes: [HTML] = series.warnings.map { note in "<p class=\"note\">\(note)</p>" }
    return "\(notes)"
  }

  /// A note if the page has a service or environment by which the report cannot filter.
  private var unfilteredNote: HTML {
    let query = panel.query(in: range)
    let unfiltered = range.origin.filter { query[$0.0] == nil }.map { "\($0.0)s" }
    guard !unfiltered.isEmpty else { return "" }
    return
      "<p class=\"note\">These figures are of all \(unfiltered.joined(separator: " and ")).</p>"
  }

  static func nothing(_ series: Series) -> HTML {
    "<p class=\"empty\">\(series.range == nil ? "Nothing is stored yet." : "Nothing happened in this range.")</p>"
  }

  private static let onlyByDay: HTML = """
    <p class="empty">There are figures by day only: choose “by day” above.</p>
    """

  private func drawing(_ figures: SeriesFigures, _ palette: Palette) -> HTML {
    switch panel.view {
    case .tiles(let tiles): Self.tiles(figures, tiles)
    case .tilesByRow(let value, let label): Self.tiles(figures, value, label)
    case .lines, .stack: linesByColumn(figures)
    case .stackBy(let group, let value):
      chart(figures) { figures.lines(of: value, by: group, $0, palette) }
    case .ranking(let bar): Self.table(figures, bar: bar)
    case .heatMap: heatMap(figures.series)
    case .table: Self.table(figures, bar: nil)
    }
  }

  // MARK: - Tiles

  private static func tile(_ label: String, _ value: String, _ detail: String? = nil) -> HTML {
    let small: HTML? = detail.map { "<dd class=\"detail\">\($0)</dd>" }
    return "<div class=\"tile\"><dt>\(label)</dt><dd>\(value)</dd>\(small)</div>"
  }

  private static func tiles(
    _ figures: SeriesFigures, _ tiles: [Panel.Tile]
  ) -> HTML {
    guard let row = figures.series.rows.first else { return nothing(figures.series) }
    let parts: [HTML] = tiles.compactMap { item in
      figures.index(item.column).map { tile(item.label, figures.text(row, $0), item.detail) }
    }
    return "<dl class=\"tiles\">\(parts)</dl>"
  }

  private static func tiles(
    _ figures: SeriesFigures, _ value: String, _ label: (Int) -> String
  ) -> HTML {
    guard let days = figures.index("days"), let column = figures.index(value) else {
      return nothing(figures.series)
    }
    let parts: [HTML] = figures.series.rows.map { row in
      tile(label(row[days].integer ?? 0), figures.text(row, column))
    }
    return "<dl class=\"tiles\">\(parts)</dl>"
  }

  // MARK: - Charts

  private func linesByColumn(_ figures: SeriesFigures) -> HTML {
    let columns = columnsShown(figures)
    return columns.isEmpty ? Self.onlyByDay : chart(figures) { figures.lines(columns, $0) }
  }

  /// The columns with the figures of a chart.
  private func columnsShown(_ figures: SeriesFigures) -> [String] {
    switch panel.view {
    case .lines(let columns, let byDay): columns + (figures.isByDay ? byDay : [])
    case .stack(let columns): columns
    case .stackBy(_, let value): [value]
    case .tiles, .tilesByRow, .ranking, .heatMap, .table: []
    }
  }

  private func chart(
    _ figures: SeriesFigures, _ lines: (SeriesFigures.Times) -> [TimeChart.Line]
  ) -> HTML {
    guard let times = figures.times else { return Self.nothing(figures.series) }
    let lines = lines(times)
    let quantity = quantity(figures)
    let chart = TimeChart(panel.title, quantity, style, slots: times.slots, lines: lines)
    guard !chart.isEmpty else { return Self.nothing(figures.series) }
    return Self.legend(lines) + chart.html + Self.partial(figures)
      + Self.dataTable(times.slots, lines, quantity)
  }

  private var style: TimeChart.Style {
    if case .lines = panel.view { .lines } else { .stackedBars }
  }

  private func quantity(_ figures: SeriesFigures) -> Quantity {
    columnsShown(figures).first.flatMap { figures.index($0) }.map { figures.quantity($0) }
      ?? .number
  }

  private static func partial(_ figures: SeriesFigures) -> HTML {
    let notes = figures.partialNotes
    guard !notes.isEmpty else { return "" }
    return "<p class=\"note\">Pale or dashed: \(notes.joined(separator: " "))</p>"
  }

  static func legend(_ lines: [TimeChart.Line]) -> HTML {
    let items: [HTML] = lines.enumerated().map { index, line in
      "<li class=\"\(TimeChart.colourClass(of: line, at: index))\">\(line.name)</li>"
    }
    return "<ul class=\"legend\">\(items)</ul>"
  }

  /// The figures of a chart as a table, for people who cannot see the chart or want exact values.
  static func dataTable(
    _ slots: [TimeChart.Slot], _ lines: [TimeChart.Line], _ quantity: Quantity
  ) -> HTML {
    let head: [HTML] = lines.map { line in "<th scope=\"col\">\(line.name)</th>" }
    // The newest first. The CSV has the older ones.
    let rows: [HTML] = slots.indices.suffix(100).reversed().map { slot in
      let cells: [HTML] = lines.map { line in
        "<td>\(line.values[slot].map(quantity.text) ?? "–")</td>"
      }
      return "<tr><th scope=\"row\">\(slots[slot].label)</th>\(cells)</tr>"
    }
    return """
      <details><summary>Table</summary><div class="scroll"><table><thead><tr><td></td>\(head)</tr>\
      </thead><tbody>\(rows)</tbody></table></div></details>
      """
  }

  private func heatMap(_ series: Series) -> HTML {
    let week = series.hoursOfWeek
    let most = week?.values.joined().max() ?? 0
    guard let week, most > 0 else { return Self.nothing(series) }
    let map = HeatMap(
      panel.title, .count, rows: LocalDay.weekdayNames, columns: (0..<24).map(String.init),
      values: week.values)
    return """
      <div class="scroll">\(map.html)</div>\
      <p class="note">Darkest: \(Quantity.count.text(most)) \(week.figure.label).</p>
      """
  }
}
