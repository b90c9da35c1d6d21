internal import AnalyticsReports
internal import Foundation

/// What a page says before its figures, where they would all be empty.
enum Notice {
  /// - Parameter extent: From the first event to the last; `nil` without any.
  static func html(_ extent: Range<Date>??, _ range: DashboardRange, path: String) -> HTML {
    guard let extent else { return "" }
    guard let extent else {
      return """
        <p class="notice">There are no events yet. Track some from a service, import a file with \
        <code>analytics import FILE</code>, or send one: <code>analytics track deployed \
        version=1.0</code>.</p>
        """
    }
    guard let from = try? ReportParameters(range.parameters, now: range.now).frame().range,
      !from.overlaps(extent)
    else { return "" }
    let first = LocalDay(extent.lowerBound, in: range.zone)
    let last = LocalDay(extent.upperBound, in: range.zone)
    let query =
      [("from", last.adding(days: -29).text), ("to", last.adding(days: 1).text)]
      + range.kept
    return """
      <p class="notice">All events lie between \(first.text) and \(last.text). \
      <a href="\(Link.to(path, query))">Show the last 30 days of them</a>.</p>
      """
  }
}
