import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

/// The names and columns are those of adi-analytics and of Unleash.
@Suite("Views with the names that other systems use", .timeLimit(.minutes(60)))
struct UpstreamViewTests {
  /// A view, and a query of raw events that gives the same rows. Percentiles are exact within 1 %, so they are left
  /// out.
  private struct Question {
    var view: String
    var columns: String
    /// The query of `e`, an event with `day`, `hour`, the `number` of a field and the `text` of a field.
    var ofEvents: String
  }

  private static let questions = [
    Question(
      view: "analytics_daily_active_users", columns: "day, active_users, total_events",
      ofEvents: """
        SELECT day, count(DISTINCT user_id), count(*) FROM e WHERE user_id IS NOT NULL GROUP BY 1
        """),
    Question(
      view: "analytics_task_stats_daily",
      columns:
        "day, created, started, completed, failed, cancelled, round(avg_duration_ms::numeric, 6)",
      ofEvents: """
        SELECT day, \(count("task_created")), \(count("task_started")), \(count("task_completed")),
               \(count("task_failed")), \(count("task_cancelled")),
               round(avg((data->>'duration_ms')::numeric) FILTER (WHERE event_type = 'task_completed'), 6)
        FROM e WHERE starts_with(event_type, 'task_') GROUP BY 1
        """),
    Question(
      view: "analytics_api_latency_hourly",
      columns: """
        hour, service, endpoint, method, request_count, round(avg_duration_ms::numeric, 6), error_4xx_count,
        error_5xx_count
        """,
      ofEvents: """
        SELECT hour, service, coalesce(data->>'endpoint', ''), coalesce(data->>'method', ''), count(*),
               round(avg((data->>'duration_ms')::numeric), 6),
               count(*) FILTER (WHERE (data->>'status_code')::numeric BETWEEN 400 AND 499),
               count(*) FILTER (WHERE (data->>'status_code')::numeric BETWEEN 500 AND 599)
        FROM e WHERE event_type = 'api_request' GROUP BY 1, 2, 3, 4
        """),
    Question(
      view: "analytics_integration_health_daily",
      columns: "day, provider, connections, disconnections, uses, errors, unique_users",
      ofEvents: """
        SELECT day, coalesce(data->>'provider', ''), \(count("integration_connected")),
               \(count("integration_disconnected")), \(count("integration_used")),
               \(count("integration_error")), count(DISTINCT user_id)
        FROM e WHERE starts_with(event_type, 'integration_') GROUP BY 1, 2
        """),
    Question(
      view: "analytics_auth_events_daily",
      columns: """
        day, login_attempts, successful_logins, failed_logins, code_verifications, token_refreshes,
        unique_users_authenticated
        """,
      ofEvents: """
        SELECT day, \(count("auth_login_attempt")),
               count(*) FILTER (WHERE event_type = 'auth_login_attempt' AND data->>'success' = 'true'),
               count(*) FILTER (WHERE event_type = 'auth_login_attempt' AND data->>'success' = 'false'),
               \(count("auth_code_verified")), \(count("auth_token_refresh")),
               count(DISTINCT user_id) FILTER (WHERE data->>'success' = 'true')
        FROM e WHERE event_type IN ('auth_login_attempt', 'auth_code_verified', 'auth_token_refresh')
        GROUP BY 1
        """),
    Question(
      view: "analytics_cocoon_activity_daily",
      columns: """
        day, registrations, connections, disconnections, claims,
        round(avg_session_duration_seconds::numeric, 6), unique_cocoons
        """,
      ofEvents: """
        SELECT day, \(count("cocoon_registered")), \(count("cocoon_connected")),
               \(count("cocoon_disconnected")), \(count("cocoon_claimed")),
               round(avg((data->>'duration_seconds')::numeric), 6), count(DISTINCT data->>'cocoon_id')
        FROM e WHERE event_type IN ('cocoon_registered', 'cocoon_connected', 'cocoon_disconnected',
                                    'cocoon_claimed')
        GROUP BY 1
        """),
    Question(
      view: "analytics_errors_hourly",
      columns: "hour, service, error_type, error_count, affected_users, sample_error_message",
      ofEvents: """
        SELECT hour, service, data->>'error_type', count(*), count(DISTINCT user_id),
               (array_agg(data->>'error_message'
                          ORDER BY timestamp, data->>'error_message' COLLATE "C"))[1]
        FROM e WHERE event_type = 'application_error' GROUP BY 1, 2, 3
        """),
    Question(
      view: "stat_environment_updates", columns: "day, environment, updates",
      ofEvents: """
        SELECT (day AT TIME ZONE 'UTC')::date, environment, count(*) FROM e
        WHERE environment <> '' GROUP BY 1, 2
        """),
  ]

  private static func count(_ type: String) -> String {
    "count(*) FILTER (WHERE event_type = '\(type)')"
  }

  @Test("have the figures of the raw events, pending or rolled up")
  func equalRawEvents() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let range = RecomputationTests.spring
      func check(_ when: String) async throws {
        for question in Self.questions {
          let events = """
            WITH e AS (SELECT *, date_trunc('day', timestamp, 'UTC') AS day,
                              date_trunc('hour', timestamp, 'UTC') AS hour FROM analytics_events)
            \(question.ofEvents)
            """
          let view = "SELECT \(question.columns) FROM \(question.view)"
          let row = try await fixture.connection.query(
            """
            SELECT (SELECT count(*) FROM ((\(events)) EXCEPT ALL (\(view))) AS lacking)
                       + (SELECT count(*) FROM ((\(view)) EXCEPT ALL (\(events))) AS surplus) AS differing,
                   (SELECT count(*) FROM \(question.view)) AS rows
            """
          ).only()
          #expect(
            try row.decode(Int.self, "differing") == 0,
            "\(question.view), \(when), seed \(random.seed)")
          #expect(try row.decode(Int.self, "rows") > 0, "\(question.view)")
        }
      }
      _ = try await fixture.storeFacts(1500, in: range, &random)
      try await check("pending")
      try await fixture.connection.rollUp()
      try await check("rolled up")
      _ = try await fixture.storeFacts(700, in: range, &random)
      try await check("some pending")
    }
  }
}
