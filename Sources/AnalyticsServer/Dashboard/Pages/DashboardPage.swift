internal import AnalyticsReports

/// A page of panels.
struct DashboardPage: Sendable {
  /// The path below `/dashboard`; empty for the first page.
  var name: String
  var title: String
  /// The question that the page answers.
  var question: String
  var panels: [Panel]

  static let root = "/dashboard"
  var path: String { name.isEmpty ? Self.root : "\(Self.root)/\(name)" }
  var head: PageHead { PageHead(path: path, title: title, question: question) }

  /// The pages that consist of panels only. To add a page, add an element.
  static let all: [DashboardPage] = [
    overview, users, tasks, api, integrations, authentication, cocoons, errors, environments,
    applications,
  ]
}

extension DashboardPage {
  private static let total: [PanelParameter] = [.by(.total)]
  private static let percentiles: [PanelParameter] = [.percentiles([.p50, .p95, .p99])]

  static let overview = DashboardPage(
    name: "", title: "Overview", question: "What are the current totals?",
    panels: [
      Panel(
        title: "Now", report: "overview",
        view: .tiles([
          .init("active_users_today", "Active users today"),
          .init("active_users_week", "Active users", "in the last 7 × 24 hours"),
          .init("active_users_month", "Active users", "in the last 30 × 24 hours"),
          .init("total_users", "Users ever"),
          .init("tasks_today", "Tasks today", "created"),
          .init(
            "task_success_rate", "Task success rate", "completed of completed and failed, ever"),
          .init("active_cocoons", "Active cocoons", "distinct, connected in the last 24 hours"),
          .init("total_integrations", "Integrations", "distinct, ever connected"),
        ]), isWide: true),
      Panel(title: "Active users", report: "active-users", view: .lines(["active_users"])),
      Panel(
        title: "Events", report: "events-by-type",
        view: .stackBy("event_type", value: "events")),
      Panel(
        title: "Requests", report: "api-latency",
        view: .stack(["request_count"])),
      Panel(
        title: "How long requests take", report: "api-latency",
        view: .lines(["p50_duration_ms", "p95_duration_ms", "p99_duration_ms"])),
      Panel(title: "Tasks", report: "tasks", view: .stack(["completed", "failed", "cancelled"])),
      Panel(
        title: "Errors", report: "errors", view: .stackBy("error_type", value: "error_count")),
    ])

  static let users = DashboardPage(
    name: "users", title: "Users", question: "How many users are active, and when?",
    panels: [
      Panel(
        title: "Active users until now", report: "active-users-now",
        view: .tilesByRow(value: "active_users") { days in
          days == 1 ? "Last 24 hours" : "Last \(days) days"
        }, isWide: true),
      Panel(
        title: "Active users", report: "active-users",
        view: .lines(
          ["active_users"], byDay: ["weekly_active_users", "monthly_active_users"]),
        isWide: true),
      Panel(
        title: "New and returning users", report: "active-users",
        view: .stack(["returning_users", "new_users"])),
      Panel(
        title: "Stickiness (DAU/MAU): a day's users of its 30 days'", report: "active-users",
        view: .lines([], byDay: ["stickiness"])),
      Panel(
        title: "Active users by hour of the week", report: "hour-of-week", view: .heatMap,
        isWide: true),
    ])

  static let tasks = DashboardPage(
    name: "tasks", title: "Tasks", question: "Do tasks succeed, and how long do they take?",
    panels: [
      Panel(
        title: "In this range", report: "tasks-overview",
        view: .tiles([
          .init("total_created", "Created"), .init("total_completed", "Completed"),
          .init("total_failed", "Failed"), .init("total_cancelled", "Cancelled"),
          .init("success_rate", "Success rate", "completed of completed and failed"),
          .init("avg_duration_ms", "Average duration", "of completed tasks"),
        ]), isWide: true),
      Panel(
        title: "Outcome of tasks", report: "tasks", parameters: percentiles,
        view: .stack(["completed", "failed", "cancelled"])),
      Panel(
        title: "Created and started", report: "tasks", parameters: percentiles,
        view: .lines(["created", "started"])),
      Panel(
        title: "How long they take", report: "tasks", parameters: percentiles,
        view: .lines(["p50_duration_ms", "p95_duration_ms", "p99_duration_ms"])),
      Panel(
        title: "Success rate: completed of completed and failed", report: "tasks",
        parameters: percentiles,
        view: .lines(["success_rate"])),
    ])

  static let api = DashboardPage(
    name: "api", title: "API", question: "How fast are requests, and how often do they fail?",
    panels: [
      Panel(title: "Requests", report: "api-latency", view: .stack(["request_count"])),
      Panel(
        title: "How long they take", report: "api-latency",
        view: .lines(["p50_duration_ms", "p95_duration_ms", "p99_duration_ms"])),
      Panel(
        title: "Share that fails", report: "api-latency",
        view: .lines(["error_4xx_rate", "error_5xx_rate"])),
      Panel(
        title: "Failed requests", report: "api-latency",
        view: .stack(["error_4xx_count", "error_5xx_count"])),
      Panel(
        title: "Slowest endpoints, by their 99th percentile", report: "slowest-endpoints",
        view: .ranking(bar: "p99_duration_ms"), isWide: true),
      Panel(
        title: "Database queries", report: "database-queries",
        view: .stackBy("query_type", value: "queries"), isWide: true),
      Panel(
        title: "Database queries in all", report: "database-queries", parameters: total,
        view: .ranking(bar: "queries"), isWide: true),
    ])

  static let integrations = DashboardPage(
    name: "integrations", title: "Integrations",
    question: "Which integrations are used, by how many, and do they work?",
    panels: [
      Panel(
        title: "Uses", report: "integrations", view: .stackBy("provider", value: "uses")),
      Panel(
        title: "Errors", report: "integrations", view: .stackBy("provider", value: "errors")),
      Panel(
        title: "By provider", report: "integrations", parameters: total,
        view: .ranking(bar: "uses"), isWide: true),
      Panel(
        title: "Webhooks received", report: "webhooks",
        view: .stackBy("provider", value: "received"), isWide: true),
      Panel(
        title: "Webhooks by provider", report: "webhooks", parameters: total,
        view: .ranking(bar: "received"), isWide: true),
    ])

  static let authentication = DashboardPage(
    name: "authentication", title: "Sign-ins", question: "Do log-ins succeed?",
    panels: [
      Panel(
        title: "Log-ins", report: "authentication",
        view: .stack(["successful_logins", "failed_logins"])),
      Panel(
        title: "Success rate: log-ins that succeeded, of all attempts", report: "authentication",
        view: .lines(["login_success_rate"])),
      Panel(
        title: "Users who got in", report: "authentication",
        view: .lines(["unique_users_authenticated"])),
      Panel(
        title: "Codes and tokens", report: "authentication",
        view: .stack(["code_verifications", "token_refreshes"])),
    ])

  static let cocoons = DashboardPage(
    name: "cocoons", title: "Cocoons", question: "Which devices are there, and for how long?",
    panels: [
      Panel(
        title: "Cocoons that did anything", report: "cocoons", view: .lines(["unique_cocoons"])),
      Panel(
        title: "Connections", report: "cocoons", view: .lines(["connections", "disconnections"])),
      Panel(
        title: "Registered and claimed", report: "cocoons",
        view: .stack(["registrations", "claims"])),
      Panel(
        title: "How long sessions are, on average", report: "cocoons",
        view: .lines(["avg_session_duration_seconds"])),
    ])

  static let errors = DashboardPage(
    name: "errors", title: "Errors", question: "What goes wrong, and for whom?",
    panels: [
      Panel(
        title: "Errors by type", report: "errors",
        view: .stackBy("error_type", value: "error_count"), isWide: true),
      Panel(
        title: "In this range", report: "errors", parameters: total,
        view: .ranking(bar: "error_count"), isWide: true),
    ])

  static let environments = DashboardPage(
    name: "environments", title: "Environments",
    question: "In which environments do events happen?",
    panels: [
      Panel(
        title: "Events in production", report: "production-changes",
        view: .tilesByRow(value: "changes") { days in "Last \(days) days" }, isWide: true),
      Panel(
        title: "Updates by environment", report: "environments",
        view: .stackBy("environment", value: "updates"), isWide: true),
    ])

  static let applications = DashboardPage(
    name: "applications", title: "Applications",
    question: "Which applications use the library, in which versions?",
    panels: [
      Panel(
        title: "Applications", report: "client-applications", view: .ranking(bar: "instances"),
        isWide: true)
    ])

  /// Shown by a collector only.
  static let deployments = DashboardPage(
    name: "deployments", title: "Deployments",
    question: "Which deployments send telemetry, in which versions, and what do they count?",
    panels: [
      Panel(
        title: "What they counted in this range", report: "deployment-usage", parameters: total,
        view: .table, isWide: true),
      Panel(
        title: "Versions", report: "deployment-versions",
        view: .stackBy("version", value: "deployments"), isWide: true),
      Panel(
        title: "Deployments", report: "deployments", view: .ranking(bar: "periods"), isWide: true),
    ])
}
