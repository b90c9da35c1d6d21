internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// The page of usage counters: the open period, the closed ones, and the replicas that counted.
struct UsagePage {
  let reports: ReportDatabase
  let zone: TimeZone
  let limit: Duration

  /// The number of closed periods in a chart: two days of half hours.
  static let periodsShown = 96

  func html() async throws -> HTML {
    var byReplica = UsageByReplica()
    byReplica.zone = zone
    async let replicas = series(byReplica)
    var report = UsageByPeriod()
    report.zone = zone
    report.latest = Self.periodsShown + 1
    let figures = UsageFigures(try await series(report))
    return try await html(figures, replicas)
  }

  private func series(_ report: some Report) async throws -> Series {
    try await withDeadline(limit) { [reports] in try await report.series(from: reports) }
  }

  private func html(_ figures: UsageFigures, _ replicas: Series) -> HTML {
    guard !figures.figures.isEmpty else { return Self.nothing }
    let kinds: [HTML] = figures.kinds.map { kind in
      let own = figures.figures.filter { $0.kind == kind }
      return openPanel(kind.text, own, figures) + past(kind.text, own, figures)
        + Self.replicas(kind.text, own, replicas)
    }
    return "\(notice(figures))<div class=\"panels\">\(kinds)</div>"
  }

  private static let nothing: HTML = """
    <p class="notice">Nothing was counted yet. Give a service a <code>UsageTracker</code> with a \
    <code>PostgresUsageSink</code>, and run a <code>UsageWorker</code> and <code>UsagePeriods</code> \
    beside it: what it tracks is here after the next flush, a minute later at most.</p>
    """

  private func notice(_ figures: UsageFigures) -> HTML? {
    figures.closed.isEmpty
      ? """
      <p class="notice">No period was closed yet. Periods are closed by a service that runs \
      <code>UsagePeriods</code>; until then the open one goes on.</p>
      """ : nil
  }

  // MARK: - The open period

  private func openPanel(
    _ kind: String, _ own: [UsageFigures.Figure], _ figures: UsageFigures
  ) -> HTML {
    guard let open = figures.open else { return "" }
    let tiles: [HTML] = own.map { figure in
      """
      <div class="tile"><dt>\(Self.label(figure))</dt>\
      <dd>\(Quantity.count.text(Double(open.values[figure] ?? 0)))</dd></div>
      """
    }
    let query = [("kind", kind), ("latest", "1")]
    return """
      <section class="panel wide"><div class="head"><h2>\(kind): the open period, since \
      \(clock.full(open.start))</h2>\(Self.links(UsageByPeriod.name, query))</div>\
      <dl class="tiles">\(tiles)</dl></section>

      """
  }

  private static func links(_ report: String, _ query: [(String, String)]) -> HTML {
    let path = "\(ReportRoutes.path)/\(report)"
    return """
      <p class="links"><a href="\(Link.to(path + ".csv", query))">CSV</a>
      <a href="\(Link.to(path, query))">JSON</a></p>
      """
  }

  private var clock: TimeText { TimeText(granularity: .hour, zone: zone) }

  private static func label(_ figure: UsageFigures.Figure) -> String {
    SeriesFigures.label(figure.name.text)
  }

  // MARK: - Closed periods

  /// Sums can be stacked, since they add up; distinct values of different sets cannot.
  private func past(
    _ kind: String, _ own: [UsageFigures.Figure], _ figures: UsageFigures
  ) -> HTML {
    let periods = figures.closed
    guard !periods.isEmpty else { return "" }
    let sums = own.filter { $0.measure == "sum" }
    let members = own.filter { $0.measure != "sum" }
    return chart("\(kind): sums by period", kind, .stackedBars, sums, periods)
      + chart("\(kind): distinct values by period", kind, .lines, members, periods)
  }

  private func chart(
    _ title: String, _ kind: String, _ style: TimeChart.Style, _ own: [UsageFigures.Figure],
    _ periods: [UsageFigures.Period]
  ) -> HTML {
    guard !own.isEmpty, !periods.isEmpty else { return "" }
    let axis = TimeAxis(periods.map(\.start), by: .hour, in: zone)
    let slots = periods.enumerated().map { index, period in
      let end = period.end.map { " to \(clock.full($0))" } ?? ""
      return TimeChart.Slot(
        clock.full(period.start) + end, tick: axis.ticks[index])
    }
    let lines = own.map { figure in
      TimeChart.Line(Self.label(figure), periods.map { Double($0.values[figure] ?? 0) })
    }
    let chart = TimeChart(title, .count, style, slots: slots, lines: lines)
    let content: HTML =
      chart.isEmpty
      ? """
      <p class="empty">Nothing was counted in these periods.</p>
      """
      : PanelAnswer.legend(lines) + chart.html
        + PanelAnswer.dataTable(slots, lines, .count)
    return """
      <section class="panel"><div class="head"><h2>\(title)</h2>\
      \(Self.links(UsageByPeriod.name, [("kind", kind)]))</div>\(content)</section>

      """
  }

  // MARK: - Replicas

  /// The largest number of rows in the table.
  private static let replicasMax = 200

  private static func replicas(
    _ kind: String, _ own: [UsageFigures.Figure], _ series: Series
  ) -> HTML {
    let rows = series.namedRows.filter { $0["kind"] == .text(kind) }
    guard !rows.isEmpty else { return "" }
    func value(_ figure: UsageFigures.Figure, _ rows: [Series.Row]) -> Int? {
      let row = rows.first { row in
        row["measure"] == .text(figure.measure.text) && row["name"] == .text(figure.name.text)
      }
      return row?["value"].integer
    }
    let columns = own.filter { value($0, rows) != nil }
    let byReplica = Dictionary(grouping: rows) { $0["replica"] }
    // In the report's order.
    let replicas = rows.map { $0["replica"] }.reduce(into: [Series.Value]()) { known, replica in
      if known.last != replica { known.append(replica) }
    }
    let clock = TimeText(granularity: .hour, zone: series.zone)
    let head: [HTML] = columns.map { "<th scope=\"col\" class=\"number\">\(label($0))</th>" }
    let body: [HTML] = replicas.prefix(replicasMax).map { replica in
      let rows = byReplica[replica] ?? []
      let cells: [HTML] = columns.map { figure in
        let text = value(figure, rows).map { Quantity.count.text(Double($0)) }
        return "<td class=\"number\">\(text ?? "–")</td>"
      }
      let times: [HTML] = ["since", "flushed"].map { column in
        "<td>\(rows.first?[column].instant.map(clock.full) ?? "–")</td>"
      }
      return "<tr><th scope=\"row\">\(replica.text ?? "")</th>\(cells)\(times)</tr>"
    }
    let more: HTML? =
      replicas.count > replicasMax
      ? "<p class=\"note\">\((replicas.count - replicasMax).counted("more replica is", "more replicas are")) in the CSV.</p>"
      : nil
    return """
      <section class="panel wide"><div class="head"><h2>\(kind): replicas in the open period</h2>\
      \(links(UsageByReplica.name, [("kind", kind)]))</div>\
      <div class="scroll"><table><thead><tr><th scope="col">replica</th>\(head)\
      <th scope="col">since</th><th scope="col">flushed</th></tr></thead><tbody>\(body)</tbody>\
      </table></div>\(more)</section>

      """
  }
}
