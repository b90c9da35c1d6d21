-- Statements of telemetry. The rights of a reader and of a writer suffice together.

-- name: settings
SELECT set_config('statement_timeout', '30s', true), set_config('synchronous_commit', 'on', true)

-- name: search_path
SELECT set_config('search_path', quote_ident($1), true)

-- name: turn_on
SELECT analytics_telemetry_turn_on($1)

-- name: turn_off
SELECT analytics_telemetry_turn_off($1)

-- name: due
SELECT period_id, started_at, ended_at FROM analytics_telemetry_due() LIMIT 1000

-- name: put
SELECT analytics_telemetry_put($1, $2)

-- name: claim
SELECT id, period_id, collector, document, attempts
FROM analytics_telemetry_claim(make_interval(secs => $1), make_interval(secs => $2))

-- name: settle
SELECT analytics_telemetry_settle($1, $2, make_interval(secs => $3))

-- name: instance
SELECT id, signing_key FROM analytics_instance

-- name: newest_period
-- The last that is closed, with its document if it was written; the open one where none is closed,
-- as if it ended now.
SELECT p.id AS period_id, p.started_at,
       coalesce(p.ended_at, greatest(now(), p.started_at)) AS ended_at, o.document
FROM analytics_usage_periods AS p
LEFT JOIN analytics_telemetry_outbox AS o ON o.period_id = p.id
ORDER BY p.ended_at IS NULL, p.id DESC LIMIT 1

-- name: usage
SELECT kind, name, value FROM usage_summary WHERE period_id = $1
ORDER BY kind COLLATE "C", name COLLATE "C"

-- name: software
SELECT (SELECT max(version) FROM analytics_migrations) AS migration,
       split_part(current_setting('server_version'), ' ', 1) AS postgresql,
       (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'timescaledb')
           AS timescaledb

-- name: standing
SELECT collector, on_since,
       (SELECT count(*) FROM analytics_telemetry_outbox WHERE delivered_at IS NOT NULL)
           AS delivered,
       (SELECT max(delivered_at) FROM analytics_telemetry_outbox) AS last_delivered_at,
       (SELECT count(*) FROM analytics_telemetry_outbox WHERE given_up_at IS NOT NULL)
           AS given_up
FROM analytics_telemetry

-- name: waiting
SELECT period_id, created_at, attempts, next_attempt_at, problem
FROM analytics_telemetry_outbox WHERE delivered_at IS NULL AND given_up_at IS NULL
ORDER BY id LIMIT 1000
