internal import AnalyticsReports

/// A report, and how a page shows it.
///
/// The API answers the same query with the same figures; every panel links to it.
struct Panel: Sendable {
  var title: String
  /// The report's name in the catalogue.
  var report: String
  var catalogue = ReportCatalogue.standard
  /// Parameters of the report, in addition to the page's range.
  var parameters: [PanelParameter] = []
  /// Parameters that are not taken from the page, because they mean something else to the report.
  var ignoredParameters: [String] = []
  var view: View
  /// Whether the panel takes the whole width.
  var isWide = false

  /// A single figure.
  struct Tile: Sendable {
    var column: String
    /// The figure's name on the page.
    var label: String
    /// The figure's definition or range, if the label does not say it.
    var detail: String?

    init(_ column: String, _ label: String, _ detail: String? = nil) {
      self.column = column
      self.label = label
      self.detail = detail
    }
  }

  /// How the figures are shown.
  enum View: Sendable {
    /// The figures of one row.
    case tiles([Tile])
    /// A figure for each row, labelled by another column: `Last 7 days`.
    case tilesByRow(value: String, label: @Sendable (Int) -> String)
    /// A line for each column, over time. The report has the columns `byDay` only if its buckets
    /// are days.
    case lines([String], byDay: [String] = [])
    /// Columns stacked, over time.
    case stack([String])
    /// The values of one column stacked over time, a part for each text of the column `group`: by
    /// default the column after the time.
    case stackBy(String? = nil, value: String)
    /// A table with bars for one column, in the order of the report.
    case ranking(bar: String)
    /// Weekdays by hours.
    case heatMap
    case table
  }
}
