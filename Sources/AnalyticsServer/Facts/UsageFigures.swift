internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// Usage counters by period, read from their report for pages and `/metrics`.
struct UsageFigures: Sendable {
  /// A counter, or a set whose distinct values are counted.
  struct Figure: Hashable, Sendable {
    var kind: ExactString
    var measure: ExactString
    var name: ExactString
  }

  struct Period: Sendable {
    var start: Date
    /// `nil` for the open period.
    var end: Date?
    var values: [Figure: Int] = [:]
  }

  /// The oldest first.
  private(set) var periods: [Period] = []
  /// All figures that any period has. A figure that a period does not have is 0 in it.
  private(set) var figures: [Figure] = []

  /// - Parameter series: The result of ``UsageByPeriod``.
  init(_ series: Series) {
    for row in series.namedRows {
      guard let start = row["period_start"].instant else { continue }
      let end = row["period_end"].instant
      if periods.last?.start != start || periods.last?.end != end {
        periods.append(Period(start: start, end: end))
      }
      guard let kind = row["kind"].text, let measure = row["measure"].text,
        let name = row["name"].text, let value = row["value"].integer
      else { continue }
      let figure = Figure(
        kind: ExactString(kind), measure: ExactString(measure), name: ExactString(name))
      periods[periods.count - 1].values[figure] = value
    }
    // Sums before distinct values.
    figures = Set(periods.flatMap(\.values.keys)).sorted {
      ($0.kind, $1.measure, $0.name) < ($1.kind, $0.measure, $1.name)
    }
  }

  var open: Period? { periods.last { $0.end == nil } }
  var closed: [Period] { periods.filter { $0.end != nil } }
  var kinds: [ExactString] {
    figures.map(\.kind).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }
}
