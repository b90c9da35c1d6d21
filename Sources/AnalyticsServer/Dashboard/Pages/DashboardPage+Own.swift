internal import AnalyticsReports
internal import AnalyticsRollups
internal import AnalyticsText

extension DashboardPage {
  static let ownRoot = root + "/reports"

  /// The path, title and question of the page about an application's own rollup.
  static func head(of report: RollupReport) -> PageHead {
    PageHead(
      path: "\(ownRoot)/\(report.name)", title: report.name.asTitle,
      question: report.summary)
  }

  /// Creates the page about an application's own rollup: all its figures in total, over time, and
  /// by each of its dimensions.
  ///
  /// - Parameter frame: The page's range. If it is long, the page has no windows and no weekly
  ///   cohorts.
  init(_ report: RollupReport, in frame: TimeFrame) {
    self.init(
      name: "reports/\(report.name)", title: report.name.asTitle, question: report.summary,
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

  /// The windows for distinct values, in days.
  private var windows: [Int] {
    let windows = [7, 30]
    return frame.granularity == .day && RollupQuery.allows(windows, in: frame) ? windows : []
  }

  /// The length of a cohort's periods; `nil` if the range is too long even for months.
  private var period: Granularity? {
    [.week, .month].first { period in
      (try? frame.cut(by: period).buckets.count).map { $0 <= Cohorts.cohortsMax } ?? false
    }
  }

  /// The columns of each figure.
  private var columns: [[Series.Column]] {
    report.columns(by: [], report.percentiles, windows: windows).figures
  }

  /// The dimensions for which the page has no picker.
  private var dimensions: [String] {
    report.rollup.dimensions.filter { !$0.isOfOrigin }.map(\.name)
  }

  /// The page's pickers whose dimension this rollup does not have.
  private var ignoredParameters: [String] {
    let known = report.rollup.dimensions.filter(\.isOfOrigin).map(\.name)
    return Rollup.origin.map(\.name).filter { !known.contains($0) }
  }

  private var inTotal: Panel {
    let columns = report.columns(by: [], report.percentiles).figures.flatMap(\.self)
    return panel(
      "In this range",
      .tiles(columns.filter { $0.unit != .text }.map { .init($0.name, $0.asTitle) }),
      [.by(.total)], isWide: true)
  }

  private func overTime(_ figure: RollupFigure, _ columns: [Series.Column]) -> Panel? {
    guard let first = columns.first else { return nil }
    let title = Series.Column(figure.name, first.unit).asTitle
    switch figure.kind {
    case .count, .sum:
      guard let dimension = dimensions.first else {
        return panel(title, .stack([first.name]), whole)
      }
      return panel(title, .stackBy(value: first.name), [.group(by: dimension)])
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
      [.by(.total), .group(by: dimension)], isWide: true)
  }

  private func ofMembers(_ measure: Measure) -> [Panel] {
    let name = Series.Column(measure.name, .distinct).asTitle
    let of = PanelParameter.of(DistinctMeasure(measure.name, of: report.rollup.name))
    let week = Panel(
      title: "\(name): hours of the week", report: "hour-of-week", parameters: [of],
      ignoredParameters: ignoredParameters,
      view: .heatMap, isWide: true)
    guard let period else { return [week] }
    let cohorts = Panel(
      title: "\(name): who came back, by the \(period.rawValue) in which they came first",
      report: "cohorts", parameters: [of, .by(period)], view: .table, isWide: true)
    return [week, cohorts]
  }

  /// The parameters of all panels about the page's whole range. They are the same, so that one
  /// query serves all of these panels.
  private var whole: [PanelParameter] {
    windows.isEmpty || !report.figures.contains { $0.isDistinct } ? [] : [.windows(days: windows)]
  }

  private func panel(
    _ title: String, _ view: Panel.View, _ parameters: [PanelParameter], isWide: Bool = false
  ) -> Panel {
    Panel(
      title: title, report: report.name, catalogue: ReportCatalogue([.init(report)]),
      parameters: parameters, ignoredParameters: ignoredParameters, view: view, isWide: isWide)
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
