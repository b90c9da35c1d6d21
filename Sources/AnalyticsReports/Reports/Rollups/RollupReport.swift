public import AnalyticsRollups
internal import AnalyticsText

/// A report over one rollup, as a value: its figures, and the dimensions that its rows are grouped
/// by.
///
/// ```swift
/// let checkouts = RollupReport(
///   "checkouts", "How many checkouts there were, and what they brought.", over: rollup,
///   figures: [
///     RollupFigure("checkouts", .count("checkouts")),
///     RollupFigure("avg_amount", .average(sum: "amount_cents", over: "checkouts", .number)),
///     RollupFigure("customers", .distinct("customers", .users)),
///   ])
/// var query = RollupQuery(checkouts, frame: frame)
/// query.groups = ["country"]
/// let series = try await query.series(from: database)
/// ```
/// ``init(of:)`` makes a report of everything that a rollup has.
public struct RollupReport: Hashable, Sendable {
  /// The name in kebab-case.
  public var name: String
  /// One line that says what the report answers.
  public var summary: String
  /// The rollup that the figures come from.
  public var rollup: Rollup
  /// The dimensions to group by if a query names none.
  public var groups: [String]
  /// The figures, whose columns follow the time and the dimensions.
  public var figures: [RollupFigure]
  /// The percentiles to show if a query names none.
  public var percentiles: [Percentile]
  /// A parameter that stands for several groups: `by_endpoint`.
  var shorthand: Shorthand?

  struct Shorthand: Hashable, Sendable {
    var parameter: ReportParameter
    var groups: [String]
  }

  /// Makes a report. If anything is wrong with it, a query throws an error.
  public init(
    _ name: String, _ summary: String, over rollup: Rollup, by groups: [String] = [],
    figures: [RollupFigure], percentiles: [Percentile] = [.p50, .p95, .p99]
  ) {
    self.name = name
    self.summary = summary
    self.rollup = rollup
    self.groups = groups
    self.figures = figures
    self.percentiles = percentiles
  }
}

// MARK: - Parameters and columns

extension RollupReport {
  /// See ``CataloguedReport``.
  var parameters: [ReportParameter] {
    let own: [ReportParameter?] = [
      rollup.dimensions.isEmpty ? nil : .group, shorthand?.parameter,
      figures.contains { $0.isPercentiles } ? .percentile : nil,
      figures.contains { $0.isDistinct } ? .window : nil,
    ]
    return ReportParameter.frame + rollup.dimensions.map { parameter(of: $0) }
      + own.compactMap(\.self)
  }

  /// Makes a query from parameters.
  func query(_ parameters: ReportParameters) throws(ReportError) -> RollupQuery {
    var query = RollupQuery(self, frame: try parameters.frame())
    for dimension in rollup.dimensions {
      let values = parameters.texts(parameter(of: dimension))
      if !values.isEmpty { query.filters[dimension.name] = values }
    }
    let groups = parameters.texts(.group)
    if !groups.isEmpty { query.groups = groups.filter { !$0.isEmpty } }
    if let shorthand, try parameters.flag(shorthand.parameter) {
      guard groups.isEmpty else {
        throw .invalid(
          shorthand.parameter.name,
          "\(shorthand.parameter.name) cannot be combined with group_by")
      }
      query.groups = shorthand.groups
    }
    query.percentiles = try parameters.percentiles(default: percentiles)
    query.windows = try parameters.integers(.window)
    return query
  }

  /// Returns the columns after the time: those of some groups, and those of each figure. A name
  /// that is taken gets a number. The names do not depend on what else is requested.
  package func columns(
    by groups: [String], _ percentiles: [Percentile], windows: [Int] = []
  ) -> (groups: [String], figures: [[Series.Column]]) {
    let own = Set(rollup.dimensions.map(\.name) + figures.map(\.name))
    return (
      groups.map { $0.madeUnique(among: Self.reservedNames.union(own.subtracting([$0]))) },
      figures.map { figure in
        figure.columns(percentiles, windows: windows).map { column in
          let others = column.name == figure.name ? own.subtracting([figure.name]) : own
          return Series.Column(
            column.name.madeUnique(among: Self.reservedNames.union(others)), column.unit)
        }
      }
    )
  }

  /// The names that the time column may have, and `partial`.
  private static let reservedNames = Set(
    [Granularity.hour, .day, .week, .month].map(\.rawValue) + ["from", "partial"])

  /// Returns the parameter that selects values of a dimension. It has the name of the dimension, or
  /// with `_is` appended if that is taken: `limit_is`.
  func parameter(of dimension: Dimension) -> ReportParameter {
    if dimension.isOfOrigin,
      let known = Origin.parameters.first(where: { $0.name == dimension.name })
    {
      return known
    }
    var name = dimension.name
    let others = Self.taken.union(rollup.dimensions.map(\.name).filter { $0 != dimension.name })
    while others.contains(name) { name += "_is" }
    return ReportParameter(
      name, .text("name"), "only this \(dimension.name.replacing("_", by: " "))", isRepeatable: true
    )
  }

  /// Parameter names that mean something else to reports, paged answers or the command. This one
  /// list gives a parameter the same name in the API and in the command.
  private static let taken: Set<String> = Set(
    (ReportParameter.frame + [.group, .percentile, .window]).map(\.name) + [
      "limit", "offset", "range", "format", "list", "help", "local", "local_directory",
      "database_url", "schema",
    ])
}

extension ReportParameter {
  package static let group = ReportParameter(
    "group_by", .text("dimension"), "the dimensions to group by; empty for none",
    isRepeatable: true)
  package static let window = ReportParameter(
    "window", .integer(RollupQuery.windowDays),
    "also shows the distinct values of this many days that end with the day, such as 7; by day only",
    isRepeatable: true)
}
