internal import AnalyticsCatalogue
internal import AnalyticsText

/// A question to a report over a rollup.
///
/// Columns: time; the dimensions of ``groups``; the figures of the report. A group has rows if it has figures
/// anywhere in the range, or in a window.
public struct RollupQuery: Report {
  /// The report that is asked.
  public var report: RollupReport
  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// By dimension, the values whose events count. A dimension without any is not asked for.
  public var only: [String: [String]] = [:]
  /// The dimensions by which rows are told apart.
  public var groups: [String]
  /// Which percentiles.
  public var percentiles: [Percentile]
  /// The lengths of windows in days, each ``windowDays``: distinct values are counted in the whole local days that
  /// end with the row's, too. By day only.
  public var windows: [Int] = []

  /// What a window may last.
  public static let windowDays = 1...366
  static let windowRule = "is a whole number of days from 1 to 366"
  /// The most days of a range, times the days of all windows.
  static let windowedDaysMax = 200_000

  /// Makes a query: all events, by the report's own groups.
  public init(_ report: RollupReport, frame: TimeFrame) {
    self.report = report
    self.frame = frame
    groups = report.groups
    percentiles = report.percentiles
  }

  /// Which events count, by where they come from: what ``only`` says of the dimensions `service` and `environment`.
  public var origin: Origin {
    get { Origin(services: only["service"] ?? [], environments: only["environment"] ?? []) }
    set {
      only["service"] = newValue.services
      only["environment"] = newValue.environments
    }
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try check()
    let rollup = report.rollup
    let windows = windows.distinct.sorted()
    return try await database.series { reader in
      let filter =
        rollup.dimensions.compactMap { dimension in
          only[dimension.name].map { (dimension.name, $0) }
        }.filter { !$0.1.isEmpty } as DimensionFilter
      for part in filter {
        let name = rollup.dimensions.first { $0.name == part.dimension }.map(report.parameter)?.name
        try await reader.check([part], called: name, of: rollup, in: frame.range)
      }
      let figures = try await reader.figures(
        report.figures.flatMap(\.measures).distinct, of: rollup, in: frame.ranges, by: groups,
        where: filter)
      var presence: [String: Presence] = [:]
      for measure in report.figures.compactMap(\.distinct).distinct {
        presence[measure] = try await reader.presence(
          measure, of: rollup, in: frame, windows: windows, by: groups, where: filter)
      }
      let members = presence.values.flatMap(\.groups)
      let columns = columns(windows)
      return try Series.overTime(
        report.name, frame, by: columns.prefix(groups.count).map(\.name),
        groups: groups.isEmpty ? [[]] : (figures.groups + members).distinct.sorted(),
        columns: Array(columns.dropFirst(groups.count))
      ) { group, piece in
        var row = RollupRow(figures[group, piece], percentiles) { measure in
          presence[measure]?.counts(group, piece) ?? (0, [])
        }
        return try row.values(report.figures)
      }
    }
  }

  /// Those behind the time. A name that a column before it has gets a number.
  private func columns(_ windows: [Int]) -> [Series.Column] {
    var taken: Set = [frame.column.name]
    let figures = report.figures.flatMap { $0.columns(percentiles, windows: windows) }
    return (groups.map { Series.Column($0, .text) } + figures).map { column in
      var column = column
      let name = column.name
      var number = 1
      while !taken.insert(column.name).inserted {
        number += 1
        column.name = "\(name)_\(number)"
      }
      return column
    }
  }

  private func check() throws(ReportError) {
    let dimensions = report.rollup.dimensions.map(\.name)
    let asked = only.filter { !$0.value.isEmpty }.keys.sorted()
    for name in groups + asked where !dimensions.contains(name) {
      throw .invalid(
        "group_by",
        "the report \(report.name) has no dimension \(name.quoted)"
          + (name.suggestion(among: dimensions).isEmpty
            ? dimensions.isEmpty ? "" : ": there are \(dimensions.joined(separator: ", "))"
            : name.suggestion(among: dimensions)))
    }
    guard groups.distinct.count == groups.count else {
      throw .invalid("group_by", "group_by names a dimension twice")
    }
    let known = Set(report.rollup.measures.map(\.name))
    for figure in report.figures {
      let measures = figure.measures + [figure.distinct].compactMap(\.self)
      guard let missing = measures.first(where: { !known.contains($0) }) else { continue }
      throw .invalid(
        "report", "the rollup \(report.rollup.name) has no measure \(missing) for \(figure.name)")
    }
    guard !windows.isEmpty else { return }
    guard frame.granularity == .day else {
      throw .invalid("window", "a window ends with a day: ask by day")
    }
    guard windows.allSatisfy(Self.windowDays.contains) else {
      throw .invalid("window", "window \(Self.windowRule)")
    }
    guard windows.distinct.reduce(0, +) * frame.buckets.count <= Self.windowedDaysMax else {
      throw .invalid("window", "these are too many windows of days: ask for a shorter range")
    }
  }
}

extension Array where Element: Hashable {
  /// Each element once, where it comes first.
  fileprivate var distinct: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

extension [Group] {
  /// In the order of their bytes.
  fileprivate func sorted() -> [Group] { sorted { $0.lexicographicallyPrecedes($1) } }
}
