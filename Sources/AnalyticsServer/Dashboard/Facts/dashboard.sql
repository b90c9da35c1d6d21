-- What pages ask besides reports. The reader's rights suffice.

-- name: extent
-- The first and the last quarter of an hour with events; NULL without any.
SELECT min(quarter) AS lower, max(quarter) AS upper FROM analytics_rollup_events

-- name: event_types
SELECT DISTINCT event_type FROM analytics_rollup_events_daily ORDER BY event_type LIMIT 500

-- name: newest_events
-- In order of time; what comes late and belongs further back is not among them.
SELECT id, timestamp, event_type, service, user_id::text AS user_id, left(data::text, 400) AS data
FROM analytics_events WHERE timestamp >= $1
ORDER BY timestamp DESC, id DESC LIMIT 50

-- name: migrations
SELECT version, name, applied_at FROM analytics_migrations ORDER BY version

-- name: pipeline
SELECT (SELECT max(timestamp) FROM analytics_events WHERE timestamp > now() - interval '2 days')
           AS newest,
       (SELECT coalesce(sum(events), 0)::int8 FROM analytics_rollup_events
        WHERE quarter >= now() - interval '1 hour') AS last_hour,
       (SELECT coalesce(sum(events), 0)::int8 FROM analytics_rollup_events
        WHERE quarter >= now() - interval '1 day') AS last_day,
       (SELECT coalesce(sum(events), 0)::int8 FROM analytics_rollup_events_daily) AS ever,
       (SELECT count(*) FROM analytics_rollup_pending) AS pending,
       (SELECT dropped_before FROM analytics_retention) AS dropped_before
