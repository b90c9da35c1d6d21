extension Measure {
  /// The distinct users, the measure of ``Rollup/activity``.
  package static let users = Measure("users", .distinct(.userID))
}

extension Rollup {
  /// The dimensions that every built-in rollup has: the service and the environment of the event.
  package static let origin = [
    Dimension("service", .service), Dimension("environment", .environment),
  ]

  /// The rollups that every installation keeps.
  public static let builtIn: [Rollup] = [
    activity, events, tasks, apiRequests, integrations, authentication, cocoons, errors,
    databaseQueries, webhooks,
  ]

  /// Distinct users, counted over all events that have a user.
  public static let activity = Rollup(
    "activity", version: 2, of: [], by: origin, measures: [.users])

  /// Number of events by type, service and environment.
  public static let events = Rollup(
    "events", of: [],
    by: [
      Dimension("event_type", .eventType), Dimension("service", .service),
      Dimension("environment", .environment),
    ],
    measures: [Measure("events", .count), Measure("user_events", .count, where: .hasUser)])

  /// Tasks created, started, completed, failed and cancelled, and how long completed tasks took.
  public static let tasks = Rollup(
    "tasks", version: 2,
    of: ["task_created", "task_started", "task_completed", "task_failed", "task_cancelled"],
    by: origin,
    measures: [
      Measure("created", .count, where: .type(["task_created"])),
      Measure("started", .count, where: .type(["task_started"])),
      Measure("completed", .count, where: .type(["task_completed"])),
      Measure("failed", .count, where: .type(["task_failed"])),
      Measure("cancelled", .count, where: .type(["task_cancelled"])),
      Measure("duration_ms_sum", .sum("duration_ms"), where: .type(["task_completed"])),
      Measure("duration_ms", .histogram("duration_ms"), where: .type(["task_completed"])),
    ])

  /// Number of API requests by endpoint and method, with their durations and errors.
  public static let apiRequests = Rollup(
    "api_requests", version: 2, of: ["api_request"],
    by: origin + [
      Dimension("endpoint", .field("endpoint")), Dimension("method", .field("method")),
    ],
    measures: [
      Measure("requests", .count),
      Measure("errors_4xx", .count, where: .between("status_code", 400, 499)),
      Measure("errors_5xx", .count, where: .between("status_code", 500, 599)),
      Measure("duration_ms_sum", .sum("duration_ms")),
      Measure("duration_ms", .histogram("duration_ms")),
    ])

  /// Use of integrations, by provider. `users` counts distinct users of any of these events,
  /// `connected` the distinct integrations that were connected.
  public static let integrations = Rollup(
    "integrations", version: 3,
    of: [
      "integration_connected", "integration_disconnected", "integration_used",
      "integration_error",
    ],
    by: origin + [Dimension("provider", .field("provider"))],
    measures: [
      Measure("connections", .count, where: .type(["integration_connected"])),
      Measure("disconnections", .count, where: .type(["integration_disconnected"])),
      Measure("uses", .count, where: .type(["integration_used"])),
      Measure("errors", .count, where: .type(["integration_error"])),
      Measure("users", .distinct(.userID)),
      Measure(
        "connected", .distinct(.field("integration_id")), where: .type(["integration_connected"])),
    ])

  /// Logins, code verifications and token refreshes. `users` counts the distinct users of whom any
  /// of these succeeded.
  public static let authentication = Rollup(
    "auth", version: 2,
    of: ["auth_login_attempt", "auth_code_verified", "auth_token_refresh"], by: origin,
    measures: [
      Measure("login_attempts", .count, where: .type(["auth_login_attempt"])),
      Measure(
        "successful_logins", .count,
        where: .all([.type(["auth_login_attempt"]), .isTrue("success")])),
      Measure(
        "failed_logins", .count,
        where: .all([.type(["auth_login_attempt"]), .isFalse("success")])),
      Measure("code_verifications", .count, where: .type(["auth_code_verified"])),
      Measure("token_refreshes", .count, where: .type(["auth_token_refresh"])),
      Measure("users", .distinct(.userID), where: .isTrue("success")),
    ])

  /// Cocoon registrations, connections and sessions. `cocoons` counts the distinct cocoons of all
  /// these events.
  public static let cocoons = Rollup(
    "cocoons", version: 3,
    of: ["cocoon_registered", "cocoon_connected", "cocoon_disconnected", "cocoon_claimed"],
    by: origin,
    measures: [
      Measure("registrations", .count, where: .type(["cocoon_registered"])),
      Measure("connections", .count, where: .type(["cocoon_connected"])),
      Measure("disconnections", .count, where: .type(["cocoon_disconnected"])),
      Measure("claims", .count, where: .type(["cocoon_claimed"])),
      Measure("sessions", .count, where: .hasNumber("duration_seconds")),
      Measure("session_seconds_sum", .sum("duration_seconds")),
      Measure("cocoons", .distinct(.field("cocoon_id"))),
      Measure("connected", .distinct(.field("cocoon_id")), where: .type(["cocoon_connected"])),
      Measure(
        "registered_or_connected", .distinct(.field("cocoon_id")),
        where: .type(["cocoon_registered", "cocoon_connected"])),
    ])

  /// Number of application errors by type, with the first message of each and the distinct users
  /// affected.
  public static let errors = Rollup(
    "errors", version: 3, of: ["application_error"],
    by: origin + [Dimension("error_type", .field("error_type"))],
    measures: [
      Measure("errors", .count),
      Measure("sample_error_message", .first("error_message")),
      Measure("users", .distinct(.userID)),
    ])

  /// Number of database queries by type, with their durations and affected rows.
  public static let databaseQueries = Rollup(
    "database_queries", version: 2, of: ["database_query"],
    by: origin + [Dimension("query_type", .field("query_type"))],
    measures: [
      Measure("queries", .count),
      Measure("rows_affected_sum", .sum("rows_affected")),
      Measure("duration_ms_sum", .sum("duration_ms")),
      Measure("duration_ms", .histogram("duration_ms")),
    ])

  /// Webhooks received, processed and failed, by provider, with their durations.
  public static let webhooks = Rollup(
    "webhooks", version: 2, of: ["webhook_received", "webhook_processed"],
    by: origin + [Dimension("provider", .field("provider"))],
    measures: [
      Measure("received", .count, where: .type(["webhook_received"])),
      Measure("processed", .count, where: .type(["webhook_processed"])),
      Measure(
        "failed", .count, where: .all([.type(["webhook_processed"]), .isFalse("success")])),
      Measure("duration_ms_sum", .sum("duration_ms")),
      Measure("duration_ms", .histogram("duration_ms")),
    ])
}
