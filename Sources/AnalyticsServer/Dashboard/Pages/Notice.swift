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
    let calendar = Calendar.local(in: range.zone)
    guard let from = try? ReportParameters(range.parameters, now: range.now).frame().range,
      !from.overlaps(extent)
    else { return "" }
    let last = calendar.startOfDay(for: extent.upperBound)
    let end = calendar.date(byAdding: .day, value: 1, to: last) ?? last
    let start = calendar.date(byAdding: .day, value: -29, to: last) ?? last
    let query =
      [("from", start.localDay(in: calendar)), ("to", end.localDay(in: calendar))]
      + range.query.filter { $0.0 == "tz" }
    return """
      <p class="notice">All events lie between \(extent.lowerBound.localDay(in: calendar)) and \
      \(last.localDay(in: calendar)). <a href="\(Link.to(path, query))">Show the last 30 days of \
      them</a>.</p>
      """
  }
}
