internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// The paths of adi-analytics, for dashboards that were written for it.
///
/// Upstream's JSON is served at its own paths, `/api/analytics/…`, and at the same paths without
/// the prefix: `day` and `hour` are instants, the newest row comes first, and missing figures are
/// 0. Below `/api/v1` the same reports have this package's own shape: days are dates, the oldest
/// row comes first, and missing figures are `null`.
struct UpstreamRoutes: Sendable {
  let series: SeriesRoutes

  var routes: [Route] {
    Self.questions.flatMap { question in
      routes(question, .upstream, at: "") + routes(question, .upstream, at: "/api/analytics")
        + routes(question, .own, at: "/api/v1")
    }
  }

  private func routes(
    _ question: Question, _ shape: Question.Shape, at prefix: String
  ) -> [Route] {
    var parameters: [RouteParameter] = []
    if case .range = question.subject {
      parameters += [RouteParameter(Self.start), RouteParameter(Self.end)]
    }
    if question.takesZone { parameters.append(RouteParameter(.zone)) }
    return series.routes(
      prefix + question.path, question.summary, parameters: parameters,
      shape: .members(question.members(shape), isList: !question.isSingle),
      rowsMax: question.rowsMax, arrange: { question.arranged($0, shape) }
    ) { call, now in
      let given = series.parameters(
        call.query.without(["limit", "offset"]), takesZone: question.takesZone, now: now)
      switch question.subject {
      case .now(let make): return try make(given, shape)
      case .range(let granularity, let make): return make(try frame(given, by: granularity))
      }
    } render: { series, page in
      .rows(series, as: series.columns.map(\.name), isSingle: question.isSingle, page)
    }
  }

  private func frame(_ given: ReportParameters, by granularity: Granularity) throws -> TimeFrame {
    do {
      let frame = try given.frame(from: Self.start, through: Self.end, by: granularity)
      try series.check(frame.range, Self.start.name)
      return frame
    } catch let error as ReportError {
      throw Problem(
        error, names: ["from": "start_date", "to": "end_date", "granularity": "start_date"])
    }
  }

  private static let start = ReportParameter(
    "start_date", .time,
    "the start of the range; by default the start of the day, week, … 30 days before its end")
  private static let end = ReportParameter(
    "end_date", .time,
    "the end of the range: with that day, or before that instant; by default the end of today")
}

/// The report at a path, and the shape of its answer.
private struct Question: Sendable {
  var path: String
  var summary: String
  /// The members, in upstream's order. Their units give the JSON types that are documented.
  var columns: [Series.Column]
  /// Members that upstream leaves empty if nothing happened.
  var optional: Set<String> = []
  /// Upstream's names for columns of this package's report, by the column's name.
  var renamed: [String: String] = [:]
  var isSingle = false
  var rowsMax = Page.rowsMax
  var takesZone = true
  var order = Order.byDay
  var subject: Subject

  enum Shape {
    case upstream, own
  }

  enum Subject: Sendable {
    /// A report without a range in the request.
    case now(@Sendable (ReportParameters, Shape) throws -> any Report)
    /// A report about a range that the request names.
    case range(Granularity, @Sendable (TimeFrame) -> any Report)
  }

  enum Order {
    /// Oldest row first in this package's shape, newest first in upstream's.
    case byDay
    /// The newest hour first, and within it the slowest endpoint, in both shapes.
    case byHour
    /// Upstream's ten slowest hours of endpoints; in this package's shape, the order of the report.
    case bySlowness
  }

  func arranged(_ series: Series, _ shape: Shape) -> Series {
    var series = series
    if shape == .upstream { (series.frame, series.partial) = (nil, [:]) }
    for index in series.columns.indices {
      if let name = renamed[series.columns[index].name] { series.columns[index].name = name }
    }
    let kept = columns.compactMap { column in
      series.columns.firstIndex { $0.name == column.name }
    }
    series.columns = kept.map { series.columns[$0] }
    series.rows = series.rows.map { row in kept.map { row[$0] } }
    switch order {
    case .byDay: if shape == .upstream { series.rows.reverse() }
    case .byHour:
      series.removeIdleHours()
      series.sortRows(by: ["hour", "p99_duration_ms"])
    case .bySlowness:
      if shape == .upstream {
        series.removeIdleHours()
        series.sortRows(by: ["p99_duration_ms"])
        series.rows = Array(series.rows.prefix(10))
      }
    }
    if shape == .upstream { fill(&series) }
    return series
  }

  /// Converts days to instants and missing figures to 0, as upstream has them.
  private func fill(_ series: inout Series) {
    for (index, column) in series.columns.enumerated() {
      if case .time = column.unit { series.columns[index].unit = .instant }
      guard column.unit != .text, !optional.contains(column.name) else { continue }
      for row in series.rows.indices where series.rows[row][index] == .null {
        series.rows[row][index] = .number(0)
      }
    }
  }

  func members(_ shape: Shape) -> [Route.Member] {
    // This package's report of the slowest endpoints is about the whole range and has no hours.
    let hasHours = shape == .upstream || order != .bySlowness
    let columns = columns.filter { hasHours || $0.unit != .time(.hour) }
    let partial = Route.Member("partial", "string", isRequired: false)
    return (shape == .own ? [partial] : [])
      + columns.map { column -> Route.Member in
        let type = column.unit.jsonType
        let isOptional = shape == .own || optional.contains(column.name)
        return Route.Member(column.name, type, isOptional: type == "number" && isOptional)
      }
  }
}

extension Series.Unit {
  /// The JSON type of the values.
  fileprivate var jsonType: String {
    switch self {
    case .time, .instant, .text, .propertyValue: "string"
    case .weekday, .hourOfDay, .events, .users, .distinct, .days, .period: "integer"
    case .milliseconds, .seconds, .ratio, .number: "number"
    }
  }
}

extension Series {
  /// Removes the hours in which an endpoint had no requests: upstream has no rows for them.
  fileprivate mutating func removeIdleHours() {
    guard let count = columns.firstIndex(where: { $0.name == "request_count" }) else { return }
    rows.removeAll { $0[count] == .integer(0) }
  }

  /// Sorts the rows by the first of these columns and then the next, the largest first.
  fileprivate mutating func sortRows(by names: [String]) {
    let keys = names.compactMap { name in columns.firstIndex { $0.name == name } }
    rows = rows.map { row in (row, keys.map { row[$0].rank }) }
      .sorted { $1.1.lexicographicallyPrecedes($0.1) }.map(\.0)
  }
}

extension Series.Value {
  /// The sort key of instants and figures; all other values come last.
  fileprivate var rank: Double {
    switch self {
    case .instant(let date): date.timeIntervalSince1970
    case .integer(let number): Double(number)
    case .number(let number): number
    case .null, .absent, .others, .text: -.infinity
    }
  }
}

// MARK: - Routes

extension UpstreamRoutes {
  private static let questions = [
    Question(
      path: "/overview", summary: Overview.summary,
      columns: columns(
        (
          .users,
          ["total_users", "active_users_today", "active_users_week", "active_users_month"]
        ),
        (.events, ["total_tasks", "tasks_today"]), (.ratio, ["task_success_rate"]),
        (.distinct, ["total_cocoons", "active_cocoons", "total_integrations"])),
      isSingle: true, subject: .now { given, _ in try Overview(given) }),
    Question(
      path: "/users/daily", summary: ActiveUsers.summary, columns: users,
      subject: .range(.day, activeUsers)),
    Question(
      path: "/users/weekly", summary: ActiveUsers.summary, columns: users,
      // Upstream calls the first day of a week `day`.
      renamed: ["week": "day"], subject: .range(.week, activeUsers)),
    Question(
      path: "/tasks/daily", summary: RollupReport.tasks.summary,
      columns: columns(
        (.time(.day), ["day"]),
        (.events, ["created", "started", "completed", "failed", "cancelled"]),
        (.milliseconds, ["avg_duration_ms", "p95_duration_ms"]), (.ratio, ["success_rate"])),
      optional: ["avg_duration_ms", "p95_duration_ms"],
      subject: .range(.day) { RollupQuery(.tasks, frame: $0) }),
    Question(
      path: "/tasks/overview", summary: TasksOverview.summary,
      columns: columns(
        (.events, ["total_created", "total_completed", "total_failed", "total_cancelled"]),
        (.ratio, ["success_rate"]), (.milliseconds, ["avg_duration_ms"])),
      isSingle: true, subject: .range(.total) { TasksOverview(frame: $0) }),
    Question(
      path: "/api/latency", summary: RollupReport.apiLatency.summary, columns: latency,
      rowsMax: 1000, order: .byHour, subject: .range(.hour, endpoints)),
    Question(
      path: "/api/slowest", summary: SlowestEndpoints.summary, columns: latency,
      takesZone: false, order: .bySlowness,
      subject: .now { given, shape in
        switch shape {
        case .upstream: endpoints(try lastDay(given, by: .hour))
        case .own: SlowestEndpoints(frame: try lastDay(given, by: .total))
        }
      }),
  ]

  private static let users = columns(
    (.time(.day), ["day"]), (.users, ["active_users"]), (.events, ["total_events"]))

  private static let latency = columns(
    (.time(.hour), ["hour"]), (.text, ["service", "endpoint", "method"]),
    (.events, ["request_count"]),
    (
      .milliseconds,
      ["avg_duration_ms", "p50_duration_ms", "p95_duration_ms", "p99_duration_ms"]
    ),
    (.events, ["error_4xx_count", "error_5xx_count"]))

  private static func columns(
    _ groups: (unit: Series.Unit, names: [String])...
  ) -> [Series.Column] {
    groups.flatMap { group in group.names.map { Series.Column($0, group.unit) } }
  }

  private static func activeUsers(_ frame: TimeFrame) -> any Report {
    var report = ActiveUsers(frame: frame)
    report.hasDetails = false
    return report
  }

  private static func endpoints(_ frame: TimeFrame) -> any Report {
    var query = RollupQuery(.apiLatency, frame: frame)
    query.groups = ["service", "endpoint", "method"]
    return query
  }

  /// The last 24 hours; by hour, the hours that begin within them.
  private static func lastDay(
    _ given: ReportParameters, by granularity: Granularity
  ) throws -> TimeFrame {
    var from = given.now.addingDays(-1)
    if granularity == .hour {
      from = Date(timeIntervalSince1970: (from.timeIntervalSince1970 / 3600).rounded(.up) * 3600)
    }
    return try TimeFrame(from: from, to: given.now, by: granularity)
  }
}
