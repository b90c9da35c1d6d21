internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText

/// A query of a report over a rollup.
///
/// Columns: time; the dimensions in ``groups``; the figures of the report. A group has rows if it
/// has figures anywhere in the range, or in a window.
public struct RollupQuery: Report {
  /// The report that is queried.
  public var report: RollupReport
  /// The range, its buckets and its time zone.
  public var frame: TimeFrame
  /// The values to include, by dimension. A dimension without values is not restricted.
  public var filters: [String: [String]] = [:]
  /// The dimensions to group by.
  public var groups: [String]
  /// The percentiles to show.
  public var percentiles: [Percentile]
  /// The lengths of windows in days, each within ``windowDays``. Distinct values are also counted
  /// in the whole local days of each window, which ends with the day of the row. Only by day.
  public var windows: [Int] = []

  /// The lengths in days that a window may have.
  public static let windowDays = 1...366
  /// The maximum for the number of days in the range times the days of all windows.
  static let windowedDaysMax = 200_000

  /// Makes a query of all events, with the report's own groups.
  public init(_ report: RollupReport, frame: TimeFrame) {
    self.report = report
    self.frame = frame
    groups = report.groups
    percentiles = report.percentiles
  }

  /// The services and environments whose events count: the values in ``filters`` for the dimensions
  /// `service` and `environment`.
  public var origin: Origin {
    get { Origin(services: filters["service"] ?? [], environments: filters["environment"] ?? []) }
    set {
      filters["service"] = newValue.services
      filters["environment"] = newValue.environments
    }
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try check()
    let rollup = report.rollup
    let windows = windows.distinct.sorted()
    return try await database.series { reader in
      var filter: DimensionFilter = []
      for dimension in rollup.dimensions {
        guard let values = filters[dimension.name], !values.isEmpty else { continue }
        filter.append((dimension.name, values))
        try await reader.check(
          [(dimension.name, values)], called: report.parameter(of: dimension).name, of: rollup,
          in: frame.range)
      }
      let figures = try await reader.figures(
        report.figures.flatMap(\.measures).distinct, of: rollup, in: frame.ranges, by: groups,
        where: filter)
      var distinctCounts: [String: WindowedCounts] = [:]
      for measure in report.figures.compactMap(\.distinct).distinct {
        distinctCounts[measure] = try await reader.windowedCounts(
          measure, of: rollup, in: frame, windows: windows, by: groups, where: filter)
      }
      let all =
        groups.isEmpty
        ? [[]] : Set(figures.groups + distinctCounts.values.flatMap(\.groups)).inOrder
      let columns = report.columns(by: groups, percentiles, windows: windows)
      return try Series.overTime(
        report.name, frame, by: columns.groups, groups: all,
        columns: columns.figures.flatMap(\.self)
      ) { group, bucket in
        var row = RollupRow(figures[group, bucket], percentiles) { measure in
          distinctCounts[measure]?.counts(group, bucket) ?? (0, [])
        }
        let start = PostgresTimestamp(frame.buckets[bucket].range.lowerBound).microseconds
        return try row.values(report.figures) { measure in
          start >= reader.knownFrom(measure, of: rollup)
        }
      }
    }
  }

  private func check() throws(ReportError) {
    let dimensions = report.rollup.dimensions.map(\.name)
    let asked =
      groups.map { ($0, "group_by") } + filters.filter { !$0.value.isEmpty }.keys.map { ($0, $0) }
    for (name, parameter) in asked where !dimensions.contains(name) {
      throw .invalid(
        parameter,
        "the report \(report.name) has no dimension \(name.quoted)"
          + name.suggestion(orAllOf: dimensions))
    }
    guard groups.distinct.count == groups.count else {
      throw .invalid("group_by", "group_by names a dimension twice")
    }
    for (figure, need) in report.figures.flatMap({ figure in figure.needs.map { (figure, $0) } }) {
      let measure = report.rollup.measures.first { $0.name == need.measure }
      guard measure.map({ need.use.fits($0.kind) }) ?? false else {
        throw .invalid(
          "report",
          "the rollup \(report.rollup.name) has no \(need.use.rawValue) \(need.measure) for \(figure.name)"
        )
      }
    }
    guard !windows.isEmpty else { return }
    guard frame.granularity == .day else {
      throw .invalid("window", "window requires buckets of a day: set by=day")
    }
    for days in windows { try ReportParameter.window.check(days) }
    guard Self.allows(windows.distinct, in: frame) else {
      throw .invalid("window", "the windows have too many days in total: choose a shorter range")
    }
  }

  /// Returns whether a range is short enough for windows.
  package static func allows(_ windows: [Int], in frame: TimeFrame) -> Bool {
    windows.reduce(0, +) * frame.buckets.count <= windowedDaysMax
  }
}

extension Array where Element: Hashable {
  /// The elements in order, each once.
  fileprivate var distinct: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
