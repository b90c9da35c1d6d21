public import AnalyticsCatalogue
internal import AnalyticsText

/// A report over one rollup, as a value: which figures it has, and by what its rows are told apart.
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
/// ``init(of:)`` makes one of all that a rollup keeps.
public struct RollupReport: Hashable, Sendable {
  /// In kebab-case, as it is asked for.
  public var name: String
  /// What it answers, in a line.
  public var explanation: String
  /// Where the figures are from.
  public var rollup: Rollup
  /// The dimensions by which rows are told apart where a query does not say.
  public var groups: [String]
  /// What follows the time and the dimensions.
  public var figures: [RollupFigure]
  /// Which percentiles it has where a query does not say.
  public var percentiles: [Percentile]
  /// A parameter that stands for some groups: `by_endpoint`.
  var shorthand: Shorthand?

  struct Shorthand: Hashable, Sendable {
    var parameter: ReportParameter
    var groups: [String]
  }

  /// Makes a report; a query says what is wrong with it.
  public init(
    _ name: String, _ explanation: String, over rollup: Rollup, by groups: [String] = [],
    figures: [RollupFigure], percentiles: [Percentile] = [.p50, .p95, .p99]
  ) {
    self.name = name
    self.explanation = explanation
    self.rollup = rollup
    self.groups = groups
    self.figures = figures
    self.percentiles = percentiles
  }
}

// MARK: - What can be said of it

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

  /// Makes a query from what was said.
  func query(_ parameters: ReportParameters) throws(ReportError) -> RollupQuery {
    var query = RollupQuery(self, frame: try parameters.frame())
    for dimension in rollup.dimensions {
      let values = parameters.texts(parameter(of: dimension))
      if !values.isEmpty { query.only[dimension.name] = values }
    }
    let groups = parameters.texts(.group)
    if !groups.isEmpty { query.groups = groups.filter { !$0.isEmpty } }
    if let shorthand, try parameters.flag(shorthand.parameter) {
      guard groups.isEmpty else {
        throw .invalid(
          shorthand.parameter.name,
          "\(shorthand.parameter.name) cannot be said together with group_by")
      }
      query.groups = shorthand.groups
    }
    query.percentiles = try parameters.percentiles(default: percentiles)
    for text in parameters.texts(.window) {
      guard let days = Int(text), RollupQuery.windowDays.contains(days) else {
        throw parameters.refusal(.window, RollupQuery.windowRule, text)
      }
      query.windows.append(days)
    }
    return query
  }

  /// What there is behind the time: the dimensions of some groups, and the columns of each figure. A name
  /// that something else has gets a number. It does not depend on what else is asked.
  package func columns(
    by groups: [String], _ percentiles: [Percentile], windows: [Int] = []
  ) -> (groups: [String], figures: [[Series.Column]]) {
    let own = Set(rollup.dimensions.map(\.name) + figures.map(\.name))
    return (
      groups.map { $0.distinguished(from: Self.reservedNames.union(own.subtracting([$0]))) },
      figures.map { figure in
        figure.columns(percentiles, windows: windows).map { column in
          let others = column.name == figure.name ? own.subtracting([figure.name]) : own
          return Series.Column(
            column.name.distinguished(from: Self.reservedNames.union(others)), column.unit)
        }
      }
    )
  }

  /// The names of the column of the time, and what rows say of it.
  private static let reservedNames = Set(
    [Granularity.hour, .day, .week, .month].map(\.rawValue) + ["from", "partial"])

  /// The parameter that chooses values of a dimension. It is called like the dimension, unless that is how
  /// something else is called: `limit_is`.
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
      name, "name", "of this \(dimension.name.replacing("_", by: " ")) only", isRepeatable: true)
  }

  /// What reports, pages of answers and the command call something else.
  private static let taken: Set<String> = Set(
    (ReportParameter.frame + [.group, .percentile, .window]).map(\.name) + [
      "limit", "offset", "range", "format", "list", "help", "local", "local_folder",
      "database_url", "schema",
    ])
}

extension ReportParameter {
  static let group = ReportParameter(
    "group_by", "dimension", "what rows are told apart by; empty for nothing",
    isRepeatable: true)
  static let window = ReportParameter(
    "window", "days",
    "also distinct values of so many days that end with the day, such as 7; by day only",
    isRepeatable: true)
}
