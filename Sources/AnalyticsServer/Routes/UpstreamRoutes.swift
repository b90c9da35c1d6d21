internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// The paths of adi-analytics, for dashboards that were written for it.
///
/// Its JSON is at its own paths, `/api/analytics/…`, and at the same without the prefix: `day` and `hour` are instants, the
/// newest row comes first, and a figure of nothing is 0. Below `/api/v1` the same reports have our own shape: days as dates, the
/// oldest first, and `null` for a figure of nothing.
struct UpstreamRoutes: Sendable {
  let series: SeriesRoutes

  var routes: [Route] {
    Self.questions.flatMap { question in
      ["", "/api/analytics"].flatMap { prefix in
        routes(question, at: prefix, make: question.asUpstream ?? question.make) {
          question.upstream($0)
        }
      } + routes(question, at: "/api/v1", make: question.make) { question.own($0) }
    }
  }

  private func routes(
    _ question: Question, at prefix: String, make: @escaping Question.Make,
    arrange: @escaping @Sendable (Series) -> Series
  ) -> [Route] {
    let isUpstream = prefix != "/api/v1"
    let parameters =
      (question.granularity == nil ? [] : [RouteParameter(Self.start), RouteParameter(Self.end)])
      + (question.takesZone ? [RouteParameter(.zone)] : [])
    return series.routes(
      prefix + question.path, question.summary, parameters: parameters,
      shape: .members(question.shape(isUpstream: isUpstream), isList: !question.isSingle),
      rowsMax: question.rowsMax, arrange: arrange
    ) { call, now in
      let given = series.parameters(
        call.query.without(["limit", "offset"]), takesZone: question.takesZone, now: now)
      return try make(given, try frame(question, given))
    } render: { series, page in
      .rows(series, as: series.columns.map(\.name), isSingle: question.isSingle, page)
    }
  }

  /// What time is asked about; `nil` for how things are now.
  private func frame(_ question: Question, _ given: ReportParameters) throws -> TimeFrame? {
    guard let granularity = question.granularity else { return nil }
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
    "start_date", "day or instant", "where the range begins; by default 30 days before its end")
  private static let end = ReportParameter(
    "end_date", "day or instant",
    "where it ends: with that day, or before that instant; by default the end of today")
}

/// What is asked at a path, and what the answer looks like.
private struct Question: Sendable {
  typealias Make = @Sendable (ReportParameters, TimeFrame?) throws -> any Report

  var path: String
  var summary: String
  /// In upstream's order.
  var members: [String]
  /// Which of them upstream leaves empty where nothing happened.
  var optional: Set<String> = []
  /// What of our own shape is called otherwise.
  var renamed: [String: String] = [:]
  /// Members that only upstream's shape has.
  var upstreamOnly: Set<String> = []
  var isSingle = false
  var rowsMax = Page.rowsMax
  /// Of the range that is asked about; `nil` where there is none.
  var granularity: Granularity?
  var takesZone = true
  var order = Order.oldestFirst
  var make: Make
  /// Where upstream's answer is another report.
  var asUpstream: Make?

  enum Order {
    /// As our reports have them; upstream's the other way round.
    case oldestFirst
    /// The newest hour first, and of each hour the slowest endpoint.
    case newestAndSlowest
    /// The slowest rows first.
    case slowest
  }

  // MARK: - Shapes

  func upstream(_ series: Series) -> Series {
    var series = arranged(series, members)
    for (index, column) in series.columns.enumerated() {
      if case .time = column.unit { series.columns[index].unit = .instant }
      guard !optional.contains(column.name) else { continue }
      for row in series.rows.indices where series.rows[row][index] == .null {
        series.rows[row][index] = .number(0)
      }
    }
    if order == .oldestFirst { series.rows.reverse() }
    return series
  }

  func own(_ series: Series) -> Series {
    arranged(series, members.filter { !upstreamOnly.contains($0) })
  }

  private func arranged(_ series: Series, _ members: [String]) -> Series {
    var series = series
    for index in series.columns.indices {
      if let name = renamed[series.columns[index].name] { series.columns[index].name = name }
    }
    let kept = members.compactMap { name in series.columns.firstIndex { $0.name == name } }
    series.columns = kept.map { series.columns[$0] }
    series.rows = series.rows.map { row in kept.map { row[$0] } }
    guard order != .oldestFirst, let hour = series.column("hour"),
      let count = series.column("request_count"), let slowness = series.column("p99_duration_ms")
    else { return series }
    // Hours without requests have no row upstream.
    series.rows = series.rows.filter { $0[count] != .integer(0) }.sorted { left, right in
      let hours = order == .slowest ? (0, 0) : (left[hour].seconds, right[hour].seconds)
      let slownesses = (left[slowness].milliseconds, right[slowness].milliseconds)
      return hours.0 == hours.1 ? slownesses.0 > slownesses.1 : hours.0 > hours.1
    }
    if order == .slowest { series.rows = Array(series.rows.prefix(10)) }
    return series
  }

  func shape(isUpstream: Bool) -> [Route.Member] {
    members.filter { isUpstream || !upstreamOnly.contains($0) }.map { name in
      switch name {
      case "day", "hour", "service", "endpoint", "method": return Route.Member(name, "string")
      case _ where name.ends(with: "success_rate") || name.ends(with: "duration_ms"):
        return Route.Member(
          name, "number", isOptional: !isUpstream || optional.contains(name))
      default: return Route.Member(name, "integer")
      }
    }
  }
}

extension Series {
  fileprivate func column(_ name: String) -> Int? { columns.firstIndex { $0.name == name } }
}

extension Series.Value {
  fileprivate var seconds: Double {
    if case .instant(let date) = self { date.timeIntervalSince1970 } else { 0 }
  }
  fileprivate var milliseconds: Double { if case .number(let number) = self { number } else { 0 } }
}

// MARK: - What is asked where

extension UpstreamRoutes {
  private static let questions = [
    Question(
      path: "/overview", summary: Overview.explanation,
      members: [
        "total_users", "active_users_today", "active_users_week", "active_users_month",
        "total_tasks", "tasks_today", "task_success_rate", "total_cocoons", "active_cocoons",
        "total_integrations",
      ], isSingle: true
    ) { given, _ in try Overview(given) },
    Question(
      path: "/users/daily", summary: ActiveUsers.explanation, members: userMembers,
      granularity: .day,
      make: over(activeUsers)),
    Question(
      path: "/users/weekly", summary: ActiveUsers.explanation, members: userMembers,
      // Upstream calls the first day of a week its day.
      renamed: ["week": "day"], granularity: .week, make: over(activeUsers)),
    Question(
      path: "/tasks/daily", summary: RollupReport.tasks.explanation,
      members: [
        "day", "created", "started", "completed", "failed", "cancelled", "avg_duration_ms",
        "p95_duration_ms", "success_rate",
      ], optional: ["avg_duration_ms", "p95_duration_ms"], granularity: .day,
      make: over { RollupQuery(.tasks, frame: $0) }),
    Question(
      path: "/tasks/overview", summary: TasksOverview.explanation,
      members: [
        "total_created", "total_completed", "total_failed", "total_cancelled", "success_rate",
        "avg_duration_ms",
      ], isSingle: true, granularity: .total, make: over { TasksOverview(frame: $0) }),
    Question(
      path: "/api/latency", summary: RollupReport.apiLatency.explanation,
      members: ["hour"] + latencyMembers, rowsMax: 1000, granularity: .hour,
      order: .newestAndSlowest,
      make: over(endpoints)),
    Question(
      path: "/api/slowest", summary: SlowestEndpoints.explanation,
      members: ["hour"] + latencyMembers,
      upstreamOnly: ["hour"], takesZone: false, order: .slowest,
      make: { given, _ in SlowestEndpoints(frame: try lastDay(given, by: .total)) },
      asUpstream: { given, _ in endpoints(try lastDay(given, by: .hour)) }),
  ]

  private static let userMembers = ["day", "active_users", "total_events"]

  private static let latencyMembers = [
    "service", "endpoint", "method", "request_count", "avg_duration_ms", "p50_duration_ms",
    "p95_duration_ms", "p99_duration_ms", "error_4xx_count", "error_5xx_count",
  ]

  private static func over(
    _ make: @escaping @Sendable (TimeFrame) -> any Report
  ) -> Question.Make {
    { given, frame in try make(frame ?? given.frame(by: .day)) }
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

  /// The last 24 hours; by the hour those that begin within them.
  private static func lastDay(
    _ given: ReportParameters, by granularity: Granularity
  ) throws -> TimeFrame {
    var from = given.now.addingTimeInterval(-86_400)
    if granularity == .hour {
      from = Date(timeIntervalSince1970: (from.timeIntervalSince1970 / 3600).rounded(.up) * 3600)
    }
    return try TimeFrame(from: from, to: given.now, by: granularity)
  }
}
