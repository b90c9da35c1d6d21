internal import AnalyticsCatalogue
internal import AnalyticsReports
internal import AnalyticsText

extension DashboardPage {
  static let ownRoot = root + "/reports"

  /// Where the page of an application's own rollup is, and what it is called.
  static func head(of report: RollupReport) -> PageHead {
    PageHead(
      path: "\(ownRoot)/\(report.name)", title: report.name.asTitle,
      question: report.explanation)
  }

  /// The page of an application's own rollup: all that it keeps in one row, over time, and by each of its dimensions.
  ///
  /// - Parameter frame: Of the page's range. A long one has neither windows nor cohorts by week.
  init(_ report: RollupReport, in frame: TimeFrame) {
    self.init(
      name: "reports/\(report.name)", title: report.name.asTitle, question: report.explanation,
      panels: OwnPanels(report: report, frame: frame).all)
  }
}

private struct OwnPanels {
  let report: RollupReport
  let frame: TimeFrame

  var all: [Panel] {
    [inTotal] + zip(report.figures, columns).compactMap(overTime) + dimensions.map(byDimension)
      + report.rollup.distinctMeasures.flatMap(ofMembers)
  }

  /// Of distinct values, in days.
  private var windows: [Int] {
    let windows = [7, 30]
    return frame.granularity == .day && RollupQuery.allows(windows, in: frame) ? windows : []
  }

  /// How long the periods of cohorts are; `nil` if the range is too long for any.
  private var period: Granularity? {
    [.week, .month].first { period in
      (try? frame.cut(by: period).buckets.count).map { $0 <= Cohorts.cohortsMax } ?? false
    }
  }

  /// Of each figure.
  private var columns: [[Series.Column]] {
    report.columns(by: [], report.percentiles, windows: windows).figures
  }

  /// Those that no picker of the page is for.
  private var dimensions: [String] {
    report.rollup.dimensions.filter { !$0.isOfOrigin }.map(\.name)
  }

  /// Pickers that are not about this rollup.
  private var untold: [String] {
    let known = report.rollup.dimensions.filter(\.isOfOrigin).map(\.name)
    return Rollup.origin.map(\.name).filter { !known.contains($0) }
  }

  private var inTotal: Panel {
    let columns = report.columns(by: [], report.percentiles).figures.flatMap(\.self)
    return panel(
      "In this range",
      .tiles(columns.filter { $0.unit != .text }.map { .init($0.name, $0.asTitle) }),
      ["by": ["total"]], isWide: true)
  }

  private func overTime(_ figure: RollupFigure, _ columns: [Series.Column]) -> Panel? {
    guard let first = columns.first else { return nil }
    let title = Series.Column(figure.name, first.unit).asTitle
    switch figure.kind {
    case .count, .sum:
      guard let dimension = dimensions.first else {
        return panel(title, .stack([first.name]), whole)
      }
      return panel(title, .stackBy(value: first.name), ["group_by": [dimension]])
    case .maximum, .average, .share, .percentiles:
      return panel(title, .lines(columns.map(\.name)), whole)
    case .distinct:
      return panel(title, .lines(columns.filter { $0.unit == first.unit }.map(\.name)), whole)
    case .sample: return nil
    }
  }

  private func byDimension(_ dimension: String) -> Panel {
    let bar = zip(report.figures, columns).first { figure, _ in
      switch figure.kind {
      case .count, .sum, .distinct: true
      case .maximum, .average, .share, .percentiles, .sample: false
      }
    }?.1.first?.name
    return panel(
      "By \(dimension.asWords)", bar.map { .ranking(bar: $0) } ?? .table,
      ["by": ["total"], "group_by": [dimension]], isWide: true)
  }

  private func ofMembers(_ measure: Measure) -> [Panel] {
    let name = Series.Column(measure.name, .distinct).asTitle
    let of = ["of": ["\(report.rollup.name).\(measure.name)"]]
    let week = Panel(
      title: "\(name): hours of the week", report: "hour-of-week", parameters: of, untold: untold,
      view: .heatMap, isWide: true)
    guard let period else { return [week] }
    let cohorts = Panel(
      title: "\(name): who came back, by the \(period.rawValue) in which they came first",
      report: "cohorts", parameters: of.merging(["by": [period.rawValue]]) { $1 }, view: .table,
      isWide: true)
    return [week, cohorts]
  }

  /// What panels over the page's whole range ask, so that they ask the same.
  private var whole: [String: [String]] {
    windows.isEmpty || !report.figures.contains { $0.isDistinct }
      ? [:] : ["window": windows.map(String.init)]
  }

  private func panel(
    _ title: String, _ view: Panel.View, _ parameters: [String: [String]], isWide: Bool = false
  ) -> Panel {
    Panel(
      title: title, report: report.name, catalogue: ReportCatalogue([.init(report)]),
      parameters: parameters, untold: untold, view: view, isWide: isWide)
  }
}

extension Series.Column {
  /// `Delivery sum` for `delivery_ms_sum`.
  fileprivate var asTitle: String { label.asTitle }
}

extension String {
  fileprivate var asWords: String { replacing("_", by: " ").replacing("-", by: " ") }
  /// `Amount cents` for `amount_cents`.
  fileprivate var asTitle: String { asWords.prefix(1).uppercased() + asWords.dropFirst() }
}
