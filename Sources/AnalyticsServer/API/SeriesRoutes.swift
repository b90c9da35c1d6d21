internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// Answers requests for reports as JSON or CSV, from the cache where possible, within the time
/// limit of a request.
struct SeriesRoutes: Sendable {
  let reports: ReportDatabase
  let cache: AnswerCache
  let shared: SharedWork<ExactString, AnswerCache.Entry>
  let now: @Sendable () -> Date
  let zone: TimeZone
  /// How long a report may take.
  let limit: Duration

  /// The longest range, in days: longer than the history of any installation, and short enough to
  /// be divided into days.
  static let daysMax = 20_000

  /// Creates a route that answers with rows, and a second one with the suffix `.csv`.
  ///
  /// - Parameters:
  ///   - rowsMax: The largest number of rows in an answer.
  ///   - make: Creates the report from the request.
  ///   - render: Writes the JSON.
  func routes(
    _ path: String, _ summary: String, parameters: [RouteParameter], shape: Route.Shape,
    rowsMax: Int = Page.rowsMax, statuses: [Int] = [],
    arrange: @escaping @Sendable (Series) -> Series = { $0 },
    make: @escaping @Sendable (Call, Date) async throws -> any Report,
    render: @escaping @Sendable (Series, Page) -> Body = { .json($0, $1) }
  ) -> [Route] {
    let isPaged = !parameters.contains { $0.name == "limit" }
    let known = parameters + (isPaged ? Page.parameters(limit: rowsMax) : [])
    func route(_ path: String, _ produces: [String: Route.Shape], isCSV: Bool) -> Route {
      Route(
        path: path, summary: summary, parameters: known, produces: produces,
        statuses: [304] + statuses
      ) { call in
        let page = isPaged ? try Page(call.query, limit: rowsMax) : Page()
        let isCSV = isCSV || call.request.prefersCSV
        return try await answer(call, key: isCSV ? "csv" : "json", page) { now in
          arrange(try await series { try await make(call, now) })
        } render: { series in
          isCSV ? .csv(series, page) : render(series, page)
        }
      }
    }
    return [
      route(path, ["application/json": shape, "text/csv": .text], isCSV: false),
      route(path + ".csv", ["text/csv": .text], isCSV: true),
    ]
  }

  private func answer(
    _ call: Call, key format: String, _ page: Page,
    series: @escaping @Sendable (Date) async throws -> Series,
    render: @escaping @Sendable (Series) -> Body
  ) async throws -> Answer {
    let key = ExactString("\(format) \(call.request.uri.string)")
    if let entry = cache[key] { return call.answer(entry) }
    // Identical requests share the computation. None of them waits for longer than its own limit.
    let entry = try await withDeadline(limit) {
      try await shared.value(key) {
        // An answer may have been cached while this run waited for its turn.
        if let entry = cache[key] { return entry }
        // "Now" is the time of the computation, which is later than the time of the request.
        let now = now()
        let series = try await series(now)
        let body = render(series)
        var headers: HTTPFields = [:]
        let next =
          page.next(of: series.rows.count).map { ("offset", String($0)) }
          ?? series.nextPage.map { ($0.parameter, $0.value) }
        if let next { headers[.link] = "<\(call.link(next.0, next.1))>; rel=\"next\"" }
        guard let end = series.range?.upperBound, end <= now else {
          return .init(body: body, headers: headers)
        }
        return cache.keep(key, body, tag: body.tag, headers: headers)
      }
    }
    return call.answer(entry)
  }

  private func series(
    _ make: @Sendable () async throws -> any Report
  ) async throws -> Series {
    do {
      let report = try await make()
      return try await withDeadline(limit) { try await report.series(from: reports) }
    } catch let error as ReportError {
      throw Problem(error)
    }
  }

  /// The report's parameters, with the server's time zone if the request names none.
  func parameters(
    _ values: [String: [String]], takesZone: Bool, now: Date
  ) -> ReportParameters {
    var values = values
    if takesZone, values["tz"] == nil { values["tz"] = [zone.reportName] }
    for name in ["from", "to", "start_date", "end_date"] {
      values[name] = values[name]?.map(\.withPlusInOffset)
    }
    return ReportParameters(values, now: now)
  }

  /// Refuses a range that is too long.
  func check(_ range: Range<Date>, _ name: String) throws(Problem) {
    let days = range.upperBound.timeIntervalSince(range.lowerBound) / 86_400
    guard days <= Double(Self.daysMax) else {
      throw .invalid(name, "the range is longer than \(Self.daysMax) days: choose a shorter one")
    }
  }
}

extension Call {
  fileprivate func answer(_ entry: AnswerCache.Entry) -> Answer {
    var headers = entry.headers
    guard let tag = entry.tag else {
      headers[.cacheControl] = "no-store"
      return Answer(body: .bytes(entry.body), headers: headers)
    }
    headers[.eTag] = tag
    // The client may store it, but has to ask this server before each use whether it is still
    // valid.
    headers[.cacheControl] = "private, no-cache"
    let isKnown = request.headers[values: .ifNoneMatch].contains { given in
      given.split(at: ",").contains { part in
        let given = part.trimmed
        return given == "*" || given.isSame(as: tag) || "W/\(given)".isSame(as: tag)
      }
    }
    guard !isKnown else { return Answer(.notModified, headers: headers) }
    return Answer(body: .bytes(entry.body), headers: headers)
  }

  /// The URL of the same request with another value of a parameter.
  fileprivate func link(_ name: String, _ value: String) -> String {
    Link.to(path, query.values.merging([name: [value]]) { $1 })
  }
}

extension Request {
  /// Whether the client prefers CSV to JSON.
  fileprivate var prefersCSV: Bool {
    let types = HeaderList(headers[.accept]).items.filter { $0.quality > 0 }.map(\.value)
    let csv = types.firstIndex { $0.isSame(as: "text/csv") }
    let other = types.firstIndex { ["application/json", "*/*", "application/*"].contains($0) }
    return csv.map { $0 < other ?? .max } ?? false
  }
}

extension String {
  /// Restores the `+` in the UTC offset of an instant, `08:00:00+02:00`: in a URL `+` means a
  /// space.
  fileprivate var withPlusInOffset: String {
    guard has("T"), let space = utf8.lastIndex(of: UInt8(ascii: " ")),
      utf8.distance(from: space, to: endIndex) == 6
    else { return self }
    return self[..<space] + "+" + self[utf8.index(after: space)...]
  }
}
