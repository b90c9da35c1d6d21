internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// The page with the events of one user.
struct TimelinePage {
  static let parameters = [
    RouteParameter("user", "the user's id"),
    RouteParameter("before", "the key of the next page, from the link to it"),
    RouteParameter("tz", "the IANA time zone of the times"),
  ]

  private let user: String
  private let query: [String: [String]]
  private let now: Date

  init(_ query: QueryItems, zone: TimeZone, now: Date) {
    user = (query["user"] ?? "").trimmed
    var parameters = query.values.filter { !($0.value.first ?? "").isEmpty }
    parameters["user"] = [user]
    if parameters["tz"] == nil, zone != .gmt { parameters["tz"] = [zone.identifier] }
    self.query = parameters
    self.now = now
  }

  /// - Parameter problem: The problem with the question.
  func form(_ problem: Problem? = nil) -> HTML {
    """
    <section class="panel wide question"><form class="question" \
    action="\(DashboardRoutes.timelinePath)" autocomplete="off">\
    \(RangeForm.hidden(zone(problem)))\
    <label>User <input name="user" size="38" \
    value="\(user)" placeholder="6f9619ff-8b86-d011-b42d-00c04fc964ff" required\
    \(problem?.mark("user"))></label>
    <button>Show</button></form></section>
    """
  }

  /// The time zone as a hidden field. An invalid one is not sent again, since no visible field
  /// could correct it.
  private func zone(_ problem: Problem?) -> [(String, String)] {
    guard let name = query["tz"]?.first, problem?.parameter != "tz" else { return [] }
    return [("tz", name)]
  }

  func html(from database: ReportDatabase, limit: Duration) async throws -> HTML {
    guard !user.isEmpty else { return form() }
    let report = try Timeline(ReportParameters(query, now: now))
    let series = try await withDeadline(limit) { try await report.series(from: database) }
    return form() + "<section class=\"panel wide\">\(list(series))</section>"
  }

  private func list(_ series: Series) -> HTML {
    guard !series.rows.isEmpty else {
      return "<p class=\"empty\">There is no event of this user.</p>"
    }
    let figures = SeriesFigures(series)
    let columns = ["time", "event_type", "service", "environment", "data"].compactMap {
      figures.index($0)
    }
    let head: [HTML] = columns.map { "<th scope=\"col\">\(figures.label($0))</th>" }
    let rows: [HTML] = series.rows.map { row in
      let cells: [HTML] = columns.map { column in
        if case .instant(let date) = row[column] {
          return "<td>\(date.text(in: series.zone))</td>"
        }
        return "<td>\(figures.text(row, column))</td>"
      }
      return "<tr>\(cells)</tr>"
    }
    return """
      <div class="scroll"><table class="events"><thead><tr>\(head)</tr></thead>\
      <tbody>\(rows)</tbody></table></div>\
      \(more(series))
      """
  }

  private func more(_ series: Series) -> HTML {
    let notes: [HTML] = series.warnings.map { "<p class=\"note\">\($0)</p>" }
    let link: HTML? = series.nextPage.map { next in
      var query = query
      query[next.parameter] = [next.value]
      return """
        <p><a href="\(Link.to(DashboardRoutes.timelinePath, query))">Older events</a></p>
        """
    }
    return "\(notes)\(link)"
  }
}

extension Date {
  /// `2026-11-03 14:05:09`, in the zone's local time.
  func text(in zone: TimeZone) -> String {
    String(decoding: LocalTime(self, in: zone).text.utf8.prefix(19), as: UTF8.self)
      .replacing("T", by: " ")
  }
}
