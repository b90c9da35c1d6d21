internal import AnalyticsRollups

/// A figure of a report: one or several columns, computed from measures of a rollup.
public struct RollupFigure: Hashable, Sendable {
  /// The name of its column, in snake_case.
  public var name: String
  /// How the figure is computed.
  public var kind: Kind

  /// How a figure is computed from measures, which are given by name.
  public enum Kind: Hashable, Sendable {
    /// The number of events: a measure that counts.
    case count(String)
    /// The sum that a measure has, in a unit.
    case sum(String, Series.Unit)
    /// The largest number; `null` if there are none.
    case maximum(String, Series.Unit)
    /// A sum divided by a count, or by how many numbers a histogram has; `null` if that is 0.
    case average(sum: String, over: String, Series.Unit)
    /// A column for each requested percentile, with a prefix such as `p99_`.
    case percentiles(String, Series.Unit)
    /// The sum of some counts or sums, divided by the sum of others; `null` if that is 0.
    case share([String], of: [String])
    /// The number of distinct values. With windows there are further columns: one with the suffix
    /// `_7_days` for each window, and one with `_stickiness`, a day's values divided by those of
    /// the longest window.
    case distinct(String, Series.Unit)
    /// A sample value for people to read.
    case sample(String)
  }

  /// Makes a figure.
  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  package var isPercentiles: Bool { if case .percentiles = kind { true } else { false } }
  package var isDistinct: Bool { distinct != nil }
  /// The distinct measure that the figure counts.
  var distinct: String? { if case .distinct(let measure, _) = kind { measure } else { nil } }

  /// The additive measures that the figure needs.
  var measures: [String] { needs.filter { $0.use != .distinct }.map(\.measure) }

  /// The kind that a measure must have.
  enum Use: String {
    case count, sum, maximum, sample, histogram, distinct
    case countOrSum = "count or sum"
    case countOrHistogram = "count or histogram"

    func fits(_ kind: Measure.Kind) -> Bool {
      switch kind {
      case .count: [.count, .countOrSum, .countOrHistogram].contains(self)
      case .sum: [.sum, .countOrSum].contains(self)
      case .max: self == .maximum
      case .sample, .first: self == .sample
      case .histogram: [.histogram, .countOrHistogram].contains(self)
      case .distinct: self == .distinct
      }
    }
  }

  /// The measures that the figure needs.
  var needs: [(measure: String, use: Use)] {
    switch kind {
    case .count(let measure): [(measure, .count)]
    case .sum(let measure, _): [(measure, .sum)]
    case .maximum(let measure, _): [(measure, .maximum)]
    case .percentiles(let measure, _): [(measure, .histogram)]
    case .sample(let measure): [(measure, .sample)]
    case .average(let sum, let count, _): [(sum, .sum), (count, .countOrHistogram)]
    case .share(let parts, let whole): (parts + whole).map { ($0, .countOrSum) }
    case .distinct(let measure, _): [(measure, .distinct)]
    }
  }

  /// Returns the columns of the figure. If it has several, or only derived ones, their names are
  /// derived from its name.
  func columns(_ percentiles: [Percentile], windows: [Int] = []) -> [Series.Column] {
    switch kind {
    case .count: [.init(name, .events)]
    case .sum(_, let unit), .maximum(_, let unit), .average(_, _, let unit): [.init(name, unit)]
    case .percentiles(_, let unit): percentiles.map { .init("\($0.name)_\(name)", unit) }
    case .share: [.init(name, .ratio)]
    case .distinct(_, let unit):
      [.init(name, unit)] + windows.map { .init("\(name)_\($0)_days", unit) }
        + (windows.isEmpty ? [] : [.init("\(name)_stickiness", .ratio)])
    case .sample: [.init(name, .text)]
    }
  }
}

/// The figures of one row.
struct RollupRow {
  let cell: Figures.Cell
  let percentiles: [Percentile]
  /// Returns how many members a distinct measure has in the row's bucket, and in each window that
  /// ends with it.
  let members: (String) -> (bucket: Int, windows: [Int])
  /// Histograms that were added up before.
  private var histograms: [String: Histogram] = [:]

  init(
    _ cell: Figures.Cell, _ percentiles: [Percentile],
    members: @escaping (String) -> (bucket: Int, windows: [Int]) = { _ in (0, []) }
  ) {
    self.cell = cell
    self.percentiles = percentiles
    self.members = members
  }

  /// - Parameter isWhole: Whether a measure is known for the whole bucket, even under older
  ///   definitions. If not, there is no average, because its sum and its count would cover
  ///   different days.
  mutating func values(
    _ figures: [RollupFigure], isWhole: (String) -> Bool = { _ in true }
  ) throws(ReportError) -> [Series.Value] {
    var values: [Series.Value] = []
    for figure in figures {
      if case .average(let sum, let count, _) = figure.kind, !isWhole(sum) || !isWhole(count) {
        values.append(.null)
      } else {
        values += try self.values(figure.kind)
      }
    }
    return values
  }

  /// Returns one value for each column of a figure.
  private mutating func values(_ kind: RollupFigure.Kind) throws(ReportError) -> [Series.Value] {
    switch kind {
    case .count(let measure), .sum(let measure, _):
      return [.whole(cell.sum(measure))]
    case .maximum(let measure, _):
      return [cell.maximum(measure).map(Series.Value.whole) ?? .null]
    case .average(let sum, let measure, _):
      let count =
        cell.hasHistogram(measure) ? Double(try histogram(measure).count) : cell.sum(measure)
      return [count == 0 ? .null : .number(cell.sum(sum) / count)]
    case .percentiles(let measure, _):
      let histogram = try histogram(measure)
      let count = histogram.count
      return percentiles.map { .optional(histogram.percentile($0, of: count)) }
    case .share(let parts, let whole):
      let all = sum(whole)
      return [all == 0 ? .null : .number(sum(parts) / all)]
    case .distinct(let measure, _):
      let (bucket, windows) = members(measure)
      let stickiness = windows.last.map { [Series.Value.ratio(bucket, of: $0)] } ?? []
      return ([bucket] + windows).map(Series.Value.integer) + stickiness
    case .sample(let measure):
      return [cell.sample(measure).map(Series.Value.text) ?? .null]
    }
  }

  private func sum(_ measures: [String]) -> Double {
    measures.reduce(0) { $0 + cell.sum($1) }
  }

  private mutating func histogram(_ measure: String) throws(ReportError) -> Histogram {
    if let known = histograms[measure] { return known }
    let histogram = try cell.histogram(measure)
    histograms[measure] = histogram
    return histogram
  }
}
