internal import AnalyticsReports

/// A report, and how a page shows it.
///
/// What a panel shows is what the API answers to the same question; every panel links to it.
struct Panel: Sendable {
  var title: String
  /// The report's name in the catalogue.
  var report: String
  var catalogue = ReportCatalogue.standard
  /// What is said of it, besides the page's range.
  var parameters: [String: [String]] = [:]
  /// Parameters that it does not take from the page: they mean something else to its report.
  var untold: [String] = []
  var view: View
  /// Whether it takes the whole width.
  var isWide = false

  /// One figure.
  struct Tile: Sendable {
    var column: String
    /// What people call it.
    var label: String
    /// What of which range it counts, where the label does not say.
    var detail: String?

    init(_ column: String, _ label: String, _ detail: String? = nil) {
      self.column = column
      self.label = label
      self.detail = detail
    }
  }

  /// How figures are shown.
  enum View: Sendable {
    /// The figures of one row.
    case tiles([Tile])
    /// A figure for each row, called by another column: `Last 7 days`.
    case tilesByRow(value: String, label: @Sendable (Int) -> String)
    /// A line a column, over time.
    case lines([String])
    /// Columns on top of one another, over time.
    case stack([String])
    /// The values of one column on top of one another, apart by the texts of another: by default the
    /// one behind the time.
    case stackBy(String? = nil, value: String)
    /// A table with bars of one column, in the order of the report.
    case ranking(bar: String)
    /// Weekdays by hours.
    case heatMap
    case table
  }
}
