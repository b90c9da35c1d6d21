internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// Notices above figures that would all be empty.
enum Notice {
  /// The notice if no event is stored.
  ///
  /// - Parameter options: The options that commands need besides `DATABASE_URL` or in place of it.
  static func noEvents(_ options: [String]) -> HTML {
    let command = ["analytics", "track", "deployed", "version=1.0"] + options
    let place: HTML =
      options.contains { $0.isSame(as: "--local") }
      ? "in the directory where this server was started"
      : "where <code>DATABASE_URL</code> leads to this database, as a user who may write"
    return """
      <div class="notice"><p>There are no events yet. Track some from a service, import a file, or store one: \
      \(place), run</p><pre><code>\(ShellText.line(command))</code></pre></div>
      """
  }

  /// - Parameters:
  ///   - extent: From the first event to the last. The inner `nil` means that there are no events,
  ///     the outer `nil` that this is unknown.
  ///   - options: See ``noEvents(_:)``.
  static func html(
    _ extent: Range<Date>??, _ range: DashboardRange, path: String, options: [String]
  ) -> HTML {
    guard let extent else { return "" }
    guard let extent else { return noEvents(options) }
    guard let from = try? ReportParameters(range.parameters, now: range.now).frame().range,
      !from.overlaps(extent)
    else { return "" }
    let first = LocalDay(extent.lowerBound, in: range.zone)
    let last = LocalDay(extent.upperBound, in: range.zone)
    let query =
      [("from", last.adding(days: -29).text), ("to", last.adding(days: 1).text)]
      + range.lastingParameters
    return """
      <p class="notice">All events lie between \(first.text) and \(last.text). \
      <a href="\(Link.to(path, query))">Show the last 30 days of them</a>.</p>
      """
  }
}
