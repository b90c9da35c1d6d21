internal import AnalyticsCatalogue
internal import AnalyticsReports
internal import AnalyticsText

extension DashboardPage {
  static let ownRoot = root + "/reports"

  /// Where the page of an application's own rollup is, and what it is called.
  static func entry(of report: RollupReport) -> PageFrame.Entry {
    PageFrame.Entry(path: "\(ownRoot)/\(report.name)", title: report.name.asTitle)
  }

  /// The page of an application's own rollup: all that it keeps in one row, over time, and by each of its dimensions.
  ///
  /// - Parameter granularity: Of the page's range: only days have windows.
  init(_ report: RollupReport, by granularity: Granularity) {
    self.init(
      name: "reports/\(report.name)", title: report.name.asTitle, question: report.explanation,
      panels: OwnPanels(report: report, granularity: granularity).all)
  }
}

private struct OwnPanels {
  let report: RollupReport
  let granularity: Granularity

  var all: [Panel] {
    [inTotal] + report.figures.compactMap(overTime) + dimensions.map(byDimension)
      + report.rollup.distinctMeasures.flatMap(ofMembers)
  }

  /// Those that no picker of the page is for.
  private var dimensions: [String] {
    report.rollup.dimensions.filter { ![.service, .environment].contains($0.source) }.map(\.name)
  }

  private var inTotal: Panel {
    let columns = report.figures.flatMap { $0.columns(report.percentiles) }
    return panel(
      "In this range",
      .tiles(columns.filter { $0.unit != .text }.map { ($0.name, $0.asTitle) }),
      ["by": ["total"]], isWide: true)
  }

  private func overTime(_ figure: RollupFigure) -> Panel? {
    let columns = figure.columns(report.percentiles, windows: windows)
    let title = Series.Column(figure.name, columns.first?.unit ?? .number).asTitle
    switch figure.kind {
    case .count, .sum:
      guard let dimension = dimensions.first else {
        return panel(title, .stack([figure.name]), whole)
      }
      return panel(title, .stackBy(value: figure.name), ["group_by": [dimension]])
    case .distinct, .maximum, .average, .share, .percentiles:
      return panel(
        title, .lines(columns.filter { $0.unit != .ratio || columns.count == 1 }.map(\.name)), whole
      )
    case .sample: return nil
    }
  }

  private func byDimension(_ dimension: String) -> Panel {
    let bar = report.figures.first { figure in
      switch figure.kind {
      case .count, .sum, .distinct: true
      case .maximum, .average, .share, .percentiles, .sample: false
      }
    }
    return panel(
      "By \(dimension.asWords)", bar.map { .ranking(bar: $0.name) } ?? .table,
      ["by": ["total"], "group_by": [dimension]], isWide: true)
  }

  private func ofMembers(_ measure: Measure) -> [Panel] {
    let name = Series.Column(measure.name, .distinct).asTitle
    let of = ["of": ["\(report.rollup.name).\(measure.name)"]]
    let week = of.merging(["by": ["week"]]) { $1 }
    let known = report.rollup.dimensions.map(\.name)
    let untold = ["service", "environment"].filter { !known.contains($0) }
    return [
      Panel(
        title: "\(name): hours of the week", report: "hour-of-week", parameters: of, untold: untold,
        view: .heatMap, isWide: true),
      Panel(
        title: "\(name): who came back, by the week in which they came first", report: "cohorts",
        parameters: week, view: .table, isWide: true),
    ]
  }

  private var windows: [Int] {
    granularity == .day && report.figures.contains { $0.isDistinct } ? [7, 30] : []
  }

  /// What panels over the page's whole range ask, so that they ask the same.
  private var whole: [String: [String]] {
    windows.isEmpty ? [:] : ["window": windows.map(String.init)]
  }

  private func panel(
    _ title: String, _ view: Panel.View, _ parameters: [String: [String]], isWide: Bool = false
  ) -> Panel {
    Panel(
      title: title, report: report.name, catalogue: ReportCatalogue([.init(report)]),
      parameters: parameters, view: view, isWide: isWide)
  }
}

extension Series.Column {
  /// `Delivery sum` for `delivery_ms_sum`: values show their unit.
  fileprivate var asTitle: String {
    let said = [Series.Unit.milliseconds: "ms", .seconds: "seconds"][unit]
    return name.split(at: "_").map { String($0) }.filter { $0 != said }.joined(separator: "_")
      .asTitle
  }
}

extension String {
  fileprivate var asWords: String { replacing("_", by: " ").replacing("-", by: " ") }
  /// `Amount cents` for `amount_cents`.
  fileprivate var asTitle: String { asWords.prefix(1).uppercased() + asWords.dropFirst() }
}
