-- Statements of the reports on what a collector of telemetry was told, by name.

-- name: deployments
SELECT d.deployment_id::text AS deployment, d.first_seen, d.turned_off_at, latest.ended_at,
       (SELECT count(*) FROM analytics_telemetry_snapshots AS s
        WHERE s.deployment_id = d.deployment_id) AS periods,
       (latest.snapshot #>> '{software,migration}')::int8 AS migration,
       latest.snapshot #>> '{software,postgresql}' AS postgresql,
       latest.snapshot #>> '{software,timescaledb}' AS timescaledb,
       (latest.snapshot #>> '{statistics,users}')::int8 AS users
FROM analytics_telemetry_deployments AS d
LEFT JOIN LATERAL (
    SELECT s.ended_at, s.document -> 'snapshot' AS snapshot
    FROM analytics_telemetry_snapshots AS s WHERE s.deployment_id = d.deployment_id
    ORDER BY s.period_id DESC LIMIT 1
) AS latest ON true
ORDER BY latest.ended_at DESC NULLS LAST, d.deployment_id
LIMIT 10000

-- name: usage
SELECT width_bucket(s.ended_at, $3::timestamptz[]) AS bucket,
       (f.figure ->> 'kind') || '.' || (f.figure ->> 'name') AS figure,
       sum((f.figure ->> 'value')::int8)::float8 AS value,
       count(DISTINCT s.deployment_id) AS deployments
FROM analytics_telemetry_snapshots AS s
CROSS JOIN LATERAL jsonb_array_elements(s.document #> '{snapshot,usage}') AS f (figure)
WHERE s.ended_at >= $1 AND s.ended_at < $2
GROUP BY 1, 2 LIMIT 20000

-- name: versions
-- A deployment that was brought up to date within a piece is in two rows of it.
SELECT width_bucket(s.ended_at, $3::timestamptz[]) AS bucket,
       'migration ' || (s.document #>> '{snapshot,software,migration}') || ', PostgreSQL '
           || (s.document #>> '{snapshot,software,postgresql}')
           || coalesce(', TimescaleDB ' || (s.document #>> '{snapshot,software,timescaledb}'), '')
           AS version,
       count(DISTINCT s.deployment_id) AS deployments
FROM analytics_telemetry_snapshots AS s
WHERE s.ended_at >= $1 AND s.ended_at < $2
GROUP BY 1, 2 LIMIT 20000
