-- Views with the names that other systems use, over the rollups: Unleash's table, and adi-analytics's seven aggregates.
-- Days and hours are UTC; in other time zones ask the reports.

CREATE VIEW stat_environment_updates AS
SELECT (day AT TIME ZONE 'UTC')::date AS day, environment, sum(events)::bigint AS updates
FROM analytics_rollup_events_daily WHERE environment <> '' GROUP BY 1, 2;

COMMENT ON VIEW stat_environment_updates IS
    'Events with an environment, by UTC day: Unleash''s table of this name.';

CREATE VIEW analytics_daily_active_users AS
SELECT days.day,
       (SELECT coalesce(sum(bit_count(_members)), 0)::bigint
        FROM (SELECT bit_or(s._members) AS _members FROM analytics_rollup_activity_users_daily AS s
              WHERE s.day = days.day GROUP BY s._chunk) AS chunks) AS active_users,
       (SELECT coalesce(sum(user_events), 0)::bigint FROM analytics_rollup_events_daily AS e
        WHERE e.day = days.day) AS total_events,
       (SELECT coalesce(sum(bit_count(_members)), 0)::bigint
        FROM (SELECT bit_or(s._members) AS _members FROM analytics_rollup_activity_users_daily AS s
              WHERE s.day > days.day - interval '7 days' AND s.day <= days.day GROUP BY s._chunk) AS chunks) AS weekly_active_users,
       (SELECT coalesce(sum(bit_count(_members)), 0)::bigint
        FROM (SELECT bit_or(s._members) AS _members FROM analytics_rollup_activity_users_daily AS s
              WHERE s.day > days.day - interval '30 days' AND s.day <= days.day GROUP BY s._chunk) AS chunks) AS monthly_active_users
FROM (SELECT day FROM analytics_rollup_events_daily WHERE user_events > 0 GROUP BY day) AS days;

COMMENT ON VIEW analytics_daily_active_users IS
    'By UTC day; weekly and monthly: distinct users of the 7 and 30 days that end with it.';

CREATE VIEW analytics_task_stats_daily AS
SELECT day, created, started, completed, failed, cancelled,
       duration_ms_sum::double precision / nullif(analytics_histogram_count(duration_ms), 0)
           AS avg_duration_ms,
       analytics_percentile(duration_ms, 95) AS p95_duration_ms
FROM (SELECT day, sum(created)::bigint AS created, sum(started)::bigint AS started,
             sum(completed)::bigint AS completed, sum(failed)::bigint AS failed,
             sum(cancelled)::bigint AS cancelled, sum(duration_ms_sum) AS duration_ms_sum,
             analytics_histogram_sum(duration_ms) AS duration_ms
      FROM analytics_rollup_tasks_daily GROUP BY day) AS days;

CREATE VIEW analytics_api_latency_hourly AS
SELECT hour, service, endpoint, method, request_count,
       duration_ms_sum::double precision / nullif(analytics_histogram_count(duration_ms), 0)
           AS avg_duration_ms,
       analytics_percentile(duration_ms, 50) AS p50_duration_ms,
       analytics_percentile(duration_ms, 95) AS p95_duration_ms,
       analytics_percentile(duration_ms, 99) AS p99_duration_ms,
       error_4xx_count, error_5xx_count
FROM (SELECT date_bin('1 hour', quarter, '2000-01-01 00:00:00+00') AS hour, service, endpoint,
             method, sum(requests)::bigint AS request_count,
             sum(duration_ms_sum) AS duration_ms_sum,
             analytics_histogram_sum(duration_ms) AS duration_ms,
             sum(errors_4xx)::bigint AS error_4xx_count, sum(errors_5xx)::bigint AS error_5xx_count
      FROM analytics_rollup_api_requests GROUP BY 1, 2, 3, 4) AS hours;

CREATE VIEW analytics_integration_health_daily AS
SELECT day, provider, sum(connections)::bigint AS connections,
       sum(disconnections)::bigint AS disconnections, sum(uses)::bigint AS uses,
       sum(errors)::bigint AS errors,
       (SELECT coalesce(sum(bit_count(_members)), 0)::bigint
        FROM (SELECT bit_or(s._members) AS _members FROM analytics_rollup_integrations_users_daily AS s
              WHERE s.day = d.day AND s.provider = d.provider GROUP BY s._chunk) AS chunks) AS unique_users
FROM analytics_rollup_integrations_daily AS d GROUP BY day, provider;

CREATE VIEW analytics_auth_events_daily AS
SELECT day, sum(login_attempts)::bigint AS login_attempts,
       sum(successful_logins)::bigint AS successful_logins,
       sum(failed_logins)::bigint AS failed_logins,
       sum(code_verifications)::bigint AS code_verifications,
       sum(token_refreshes)::bigint AS token_refreshes,
       (SELECT coalesce(sum(bit_count(_members)), 0)::bigint
        FROM (SELECT bit_or(s._members) AS _members FROM analytics_rollup_auth_users_daily AS s
              WHERE s.day = d.day GROUP BY s._chunk) AS chunks) AS unique_users_authenticated
FROM analytics_rollup_auth_daily AS d GROUP BY day;

CREATE VIEW analytics_cocoon_activity_daily AS
SELECT day, sum(registrations)::bigint AS registrations, sum(connections)::bigint AS connections,
       sum(disconnections)::bigint AS disconnections, sum(claims)::bigint AS claims,
       sum(session_seconds_sum)::double precision / nullif(sum(sessions), 0)
           AS avg_session_duration_seconds,
       (SELECT coalesce(sum(bit_count(_members)), 0)::bigint
        FROM (SELECT bit_or(s._members) AS _members FROM analytics_rollup_cocoons_cocoons_daily AS s
              WHERE s.day = d.day GROUP BY s._chunk) AS chunks) AS unique_cocoons
FROM analytics_rollup_cocoons_daily AS d GROUP BY day;

-- What a first value is compared by has 20 digits before the text: see FirstValue.
CREATE VIEW analytics_errors_hourly AS
SELECT hour, service, error_type, error_count,
       (SELECT coalesce(sum(bit_count(_members)), 0)::bigint
        FROM (SELECT bit_or(analytics_bits(s._members)) AS _members
              FROM analytics_rollup_errors_users_quarterly AS s
              WHERE s.quarter >= hour AND s.quarter < hour + interval '1 hour'
                AND s.service = hours.service AND s.error_type = hours.error_type
              GROUP BY s._chunk) AS chunks) AS affected_users,
       sample_error_message
FROM (SELECT date_bin('1 hour', quarter, '2000-01-01 00:00:00+00') AS hour, service, error_type,
             sum(errors)::bigint AS error_count,
             substr(min(_sample_error_message_first), 21) AS sample_error_message
      FROM analytics_rollup_errors GROUP BY 1, 2, 3) AS hours;
