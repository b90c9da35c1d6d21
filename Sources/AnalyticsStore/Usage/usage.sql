-- Statements of usage counters, by name; {schema} stands for the quoted schema.

-- name: begin
-- As ingest begins: durable whatever the server's default is, and no client that vanished may hold
-- the cutover up. Whoever waits for the lock for longer tries again later.
SELECT set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '10s', true),
       set_config('idle_in_transaction_session_timeout', '60s', true),
       set_config('tcp_keepalives_idle', '60', true)

-- name: add
-- Ids come in binary form, 16 bytes each.
SELECT {schema}.analytics_add_usage(
    $1, $2, $3, $4, $5, $6, $7 || $10, $8 || $11, $9 || $12::text[])

-- name: close
SELECT {schema}.analytics_close_usage(make_interval(secs => $1))

-- name: close_at
SELECT {schema}.analytics_close_usage_at(make_interval(secs => $1), $2)

-- name: register
SELECT {schema}.analytics_register_clients($1, $2, $3, $4, $5, $6)

-- name: purge_instances
-- The longest range that looks back counts 30 days.
DELETE FROM {schema}.analytics_client_instances WHERE last_seen < now() - interval '90 days'

-- name: purge
-- Of periods that ended more than $1 days ago, and of replicas that were not heard of for as long.
WITH old AS (
    SELECT id, ended_at FROM {schema}.analytics_usage_periods
    WHERE ended_at < now() - make_interval(days => $1)
), members AS (
    DELETE FROM {schema}.analytics_usage_members WHERE period_id IN (SELECT id FROM old)
), counters AS (
    DELETE FROM {schema}.analytics_usage_counters WHERE period_id IN (SELECT id FROM old)
), replicas AS (
    DELETE FROM {schema}.analytics_usage_replicas
    WHERE updated_at < now() - make_interval(days => $1)
), sent AS (
    -- The row of a period that is still there keeps it from being spoken of again.
    DELETE FROM {schema}.analytics_telemetry_outbox AS o
    WHERE coalesce(delivered_at, given_up_at) < now() - make_interval(days => $1)
      AND (period_id IN (SELECT id FROM old) OR NOT EXISTS (
          SELECT FROM {schema}.analytics_usage_periods AS p WHERE p.id = o.period_id))
), received AS (
    DELETE FROM {schema}.analytics_telemetry_snapshots
    WHERE received_at < now() - interval '400 days'
), locks AS (
    DELETE FROM {schema}.telemetry_locks
    WHERE period_ending_at < now() - make_interval(days => $1)
)
DELETE FROM {schema}.analytics_usage_periods WHERE id IN (SELECT id FROM old)
