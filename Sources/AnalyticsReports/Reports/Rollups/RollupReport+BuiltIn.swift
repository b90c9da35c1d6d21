internal import AnalyticsRollups

extension RollupReport {
  /// The number of events of each type.
  ///
  /// Columns: time, `event_type`, `events`, `user_events`.
  public static let eventsByType = RollupReport(
    "events-by-type", "How many events of each type there were.", over: .events,
    by: ["event_type"], figures: .counts(["events", "user_events"]))

  /// The outcome of tasks.
  ///
  /// Columns: time; `created`, `started`, `completed`, `failed`, `cancelled` in events;
  /// `avg_duration_ms` and percentiles of completed tasks; `success_rate`, the share of completed
  /// tasks among those that completed or failed, without those that were cancelled or still run.
  public static let tasks = RollupReport(
    "tasks",
    "How many tasks were created, completed and failed, and how long they took. The success rate is of those that completed or failed.",
    over: .tasks,
    figures: .counts(["created", "started", "completed", "failed", "cancelled"]) + .durations + [
      .taskSuccess
    ], percentiles: [.p95])

  /// API requests, their duration and their errors.
  ///
  /// Columns: time; with `by_endpoint` also `service`, `endpoint`, `method`; `request_count`;
  /// `avg_duration_ms` and percentiles; `error_4xx_count`, `error_5xx_count`; `error_4xx_rate`,
  /// `error_5xx_rate`, the shares of all requests.
  public static let apiLatency: RollupReport = {
    var report = RollupReport(
      "api-latency", "How many requests were answered, how fast, and how many failed.",
      over: .apiRequests,
      figures: [.init("request_count", .count("requests"))] + .durations + [
        .init("error_4xx_count", .count("errors_4xx")),
        .init("error_5xx_count", .count("errors_5xx")),
        .init("error_4xx_rate", .share(["errors_4xx"], of: ["requests"])),
        .init("error_5xx_rate", .share(["errors_5xx"], of: ["requests"])),
      ])
    report.shorthand = Shorthand(
      parameter: ReportParameter(
        "by_endpoint", .flag, "whether each endpoint has rows of its own"),
      groups: endpoint)
    return report
  }()

  /// The dimensions that identify an endpoint.
  static let endpoint = ["service", "endpoint", "method"]

  /// How integrations were connected and used.
  ///
  /// Columns: time, `provider`; `connections`, `disconnections`, `uses`, `errors` in events;
  /// `unique_users`; `error_rate`, errors divided by uses and errors.
  public static let integrations = RollupReport(
    "integrations",
    "How integrations were connected and used, by how many users, and how often they failed.",
    over: .integrations, by: ["provider"],
    figures: .counts(["connections", "disconnections", "uses", "errors"]) + [
      .init("unique_users", .distinct("users", .users)),
      .init("error_rate", .share(["errors"], of: ["uses", "errors"])),
    ])

  /// Log-ins and how they ended.
  ///
  /// Columns: time; `login_attempts`, `successful_logins`, `failed_logins`, `code_verifications`,
  /// `token_refreshes` in events; `unique_users_authenticated`, the users who succeeded with a
  /// log-in, a code or a token refresh; `login_success_rate`.
  public static let authentication = RollupReport(
    "authentication", "How many log-ins succeeded and failed, and how many users succeeded.",
    over: .authentication,
    figures: .counts([
      "login_attempts", "successful_logins", "failed_logins", "code_verifications",
      "token_refreshes",
    ]) + [
      .init("unique_users_authenticated", .distinct("users", .users)),
      .init("login_success_rate", .share(["successful_logins"], of: ["login_attempts"])),
    ])

  /// The activity of cocoons.
  ///
  /// Columns: time; `registrations`, `connections`, `disconnections`, `claims` in events;
  /// `avg_session_duration_seconds`; `unique_cocoons`.
  public static let cocoons = RollupReport(
    "cocoons", "How many cocoons there were, what they did and how long they stayed.",
    over: .cocoons,
    figures: .counts(["registrations", "connections", "disconnections", "claims"]) + [
      .init(
        "avg_session_duration_seconds",
        .average(sum: "session_seconds_sum", over: "sessions", .seconds)),
      .init("unique_cocoons", .distinct("cocoons", .distinct)),
    ])

  /// Errors by service and type.
  ///
  /// Columns: time, `service`, `error_type`; `error_count`; `affected_users`;
  /// `sample_error_message`, that of the earliest event.
  public static let errors = RollupReport(
    "errors", "Which errors there were, how many users they affected, and a message of each.",
    over: .errors, by: ["service", "error_type"],
    figures: [
      .init("error_count", .count("errors")),
      .init("affected_users", .distinct("users", .users)),
      .init("sample_error_message", .sample("sample_error_message")),
    ])

  /// Database queries by service and type.
  ///
  /// Columns: time, `service`, `query_type`; `queries`; `rows_affected`; `avg_duration_ms` and
  /// percentiles.
  public static let databaseQueries = RollupReport(
    "database-queries", "How many database queries ran, of which type, and how fast.",
    over: .databaseQueries, by: ["service", "query_type"],
    figures: [
      .init("queries", .count("queries")),
      .init("rows_affected", .sum("rows_affected_sum", .number)),
    ] + .durations)

  /// Webhooks by provider.
  ///
  /// Columns: time, `provider`; `received`, `processed`, `failed` (of those processed) in events;
  /// `failure_rate`; `avg_duration_ms` and percentiles of processing.
  public static let webhooks = RollupReport(
    "webhooks", "How many webhooks came in, how many failed, and how long they took.",
    over: .webhooks, by: ["provider"],
    figures: .counts(["received", "processed", "failed"]) + [
      .init("failure_rate", .share(["failed"], of: ["processed"]))
    ] + .durations)
}

extension [RollupFigure] {
  /// Counts with the names of their measures.
  static func counts(_ measures: [String]) -> Self { measures.map { .init($0, .count($0)) } }

  /// The average and the percentiles of `duration_ms`; `null` without durations.
  static let durations: Self = [
    .averageDuration, .init("duration_ms", .percentiles("duration_ms", .milliseconds)),
  ]
}

extension RollupFigure {
  static let averageDuration = RollupFigure(
    "avg_duration_ms", .average(sum: "duration_ms_sum", over: "duration_ms", .milliseconds))
  static let taskSuccess = RollupFigure(
    "success_rate", .share(["completed"], of: ["completed", "failed"]))
}
