internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// The paths and the JSON of adi-analytics, which dashboards written for it ask for; also below
/// `/api/v1`.
struct UpstreamRoutes: Sendable {
  let series: SeriesRoutes

  var routes: [Route] { [plain, moved].flatMap(\.self) }

  private var moved: [Route] { plain.map { $0.moved(to: "/api/v1" + $0.path) } }

  private var plain: [Route] {
    [overview, dailyUsers, weeklyUsers, dailyTasks, tasksOverview, latency, slowest].flatMap(\.self)
  }

  private var overview: [Route] {
    rows(
      "/overview", Overview.explanation,
      [
        "total_users", "active_users_today", "active_users_week", "active_users_month",
        "total_tasks", "tasks_today", "task_success_rate", "total_cocoons", "active_cocoons",
        "total_integrations",
      ], isSingle: true, parameters: [Self.zone]
    ) { given, _ in try Overview(given) }
  }

  private var dailyUsers: [Route] {
    rows("/users/daily", ActiveUsers.explanation, Self.users, by: .day) { Self.users($0) }
  }

  private var weeklyUsers: [Route] {
    // Upstream calls the first day of a week its day.
    rows("/users/weekly", ActiveUsers.explanation, Self.users, renamed: ["week": "day"], by: .week)
    {
      Self.users($0)
    }
  }

  private var dailyTasks: [Route] {
    rows(
      "/tasks/daily", RollupReport.tasks.explanation,
      [
        "day", "created", "started", "completed", "failed", "cancelled", "avg_duration_ms",
        "p95_duration_ms", "success_rate",
      ], by: .day
    ) { RollupQuery(.tasks, frame: $0) }
  }

  private var tasksOverview: [Route] {
    rows(
      "/tasks/overview", TasksOverview.explanation,
      [
        "total_created", "total_completed", "total_failed", "total_cancelled", "success_rate",
        "avg_duration_ms",
      ], isSingle: true, by: .total
    ) { TasksOverview(frame: $0) }
  }

  private var latency: [Route] {
    rows(
      "/api/latency", RollupReport.apiLatency.explanation, ["hour"] + Self.latency, rowsMax: 1000,
      by: .hour,
      arrange: { series in
        var series = series
        let count = series.columns.firstIndex { $0.name == "request_count" }
        // Hours without requests have no row upstream, and the newest come first.
        series.rows = series.rows.reversed().filter { row in
          count.map { row[$0] != .integer(0) } ?? true
        }
        return series
      }
    ) { frame in
      var query = RollupQuery(.apiLatency, frame: frame)
      query.groups = ["service", "endpoint", "method"]
      return query
    }
  }

  private var slowest: [Route] {
    rows("/api/slowest", SlowestEndpoints.explanation, Self.latency, parameters: []) { given, _ in
      let frame = try TimeFrame(
        from: given.now.addingTimeInterval(-86_400), to: given.now, by: .total)
      return SlowestEndpoints(frame: frame)
    }
  }

  private static let users = ["day", "active_users", "total_events"]

  private static func users(_ frame: TimeFrame) -> ActiveUsers {
    var report = ActiveUsers(frame: frame)
    report.hasDetails = false
    return report
  }

  private static let latency = [
    "service", "endpoint", "method", "request_count", "avg_duration_ms", "p50_duration_ms",
    "p95_duration_ms", "p99_duration_ms", "error_4xx_count", "error_5xx_count",
  ]

  private static let zone = RouteParameter(.zone)
  private static let start = ReportParameter(
    "start_date", "day or instant", "where the range begins; by default 30 days before its end")
  private static let end = ReportParameter(
    "end_date", "day or instant",
    "where it ends: with that day, or before that instant; by default the end of today")
}

extension UpstreamRoutes {
  /// Rows of a report that is cut by start and end.
  private func rows(
    _ path: String, _ summary: String, _ members: [String],
    renamed: [String: String] = [:], isSingle: Bool = false, rowsMax: Int = Page.rowsMax,
    by granularity: Granularity, arrange: @escaping @Sendable (Series) -> Series = { $0 },
    make: @escaping @Sendable (TimeFrame) -> any Report
  ) -> [Route] {
    rows(
      path, summary, members, renamed: renamed, isSingle: isSingle, rowsMax: rowsMax,
      parameters: [RouteParameter(Self.start), RouteParameter(Self.end), Self.zone],
      arrange: arrange
    ) { given, _ in
      do {
        let frame = try given.frame(from: Self.start, through: Self.end, by: granularity)
        try series.check(frame.range, Self.start.name)
        return make(frame)
      } catch let error as ReportError {
        throw Problem(
          error, names: ["from": "start_date", "to": "end_date", "granularity": "start_date"])
      }
    }
  }

  private func rows(
    _ path: String, _ summary: String, _ members: [String],
    renamed: [String: String] = [:], isSingle: Bool = false, rowsMax: Int = Page.rowsMax,
    parameters: [RouteParameter], arrange: @escaping @Sendable (Series) -> Series = { $0 },
    make: @escaping @Sendable (ReportParameters, Date) throws -> any Report
  ) -> [Route] {
    series.routes(
      path, summary, parameters: parameters,
      shape: .members(members.map(Self.member), isList: !isSingle), rowsMax: rowsMax,
      arrange: { answer in
        var answer = arrange(answer)
        for index in answer.columns.indices {
          if let name = renamed[answer.columns[index].name] { answer.columns[index].name = name }
        }
        return answer.keeping(members)
      }
    ) { call, now in
      let takesZone = parameters.contains { $0.name == "tz" }
      return try make(
        series.parameters(
          call.query.without(["limit", "offset"]), takesZone: takesZone, now: now), now)
    } render: { series, page in
      .rows(series, as: series.columns.map(\.name), isSingle: isSingle, page)
    }
  }

  private static func member(_ name: String) -> Route.Member {
    switch name {
    case "day", "hour", "service", "endpoint", "method": Route.Member(name, "string")
    case "task_success_rate", "success_rate": Route.Member(name, "number")
    case _ where name.ends(with: "duration_ms"): Route.Member(name, "number", isOptional: true)
    default: Route.Member(name, "integer")
    }
  }
}

extension Series {
  /// The columns of these names, in this order.
  fileprivate func keeping(_ names: [String]) -> Series {
    let kept = names.compactMap { name in columns.firstIndex { $0.name == name } }
    var series = self
    series.columns = kept.map { columns[$0] }
    series.rows = rows.map { row in kept.map { row[$0] } }
    return series
  }
}
