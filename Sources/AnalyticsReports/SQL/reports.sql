-- What reports ask. Words in braces are names and expressions of rollups.

-- name: settings
-- Compiling takes longer than most reports do. Distinct users need memory, or files.
SELECT set_config('jit', 'off', true),
       set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), 67108864) / 1024
                              || 'kB', true)

-- name: standings
-- Of each rollup: since when its newest definition holds, and what is still to be computed.
SELECT r.name, count(*) > 1 AS has_older,
       (array_agg(r.valid_from ORDER BY r.version DESC))[1] AS valid_from,
       (SELECT min(p.lower) FROM analytics_rollup_pending AS p WHERE p.name = r.name)
           AS pending_lower,
       (SELECT max(p.upper) FROM analytics_rollup_pending AS p WHERE p.name = r.name)
           AS pending_upper,
       coalesce((SELECT dropped_before FROM analytics_retention), '-infinity') AS raw_from
FROM analytics_rollups AS r
GROUP BY r.name

-- name: figures
-- Additive measures of pieces of time. Histograms come one behind the other as the server sends
-- arrays: adding them up here would take several times as long.
SELECT {columns}
FROM unnest($1, $2) WITH ORDINALITY AS p (lower, upper, piece)
JOIN {relation} AS f ON f.{time} >= p.lower AND f.{time} < p.upper{condition}
GROUP BY {keys}

-- name: figures_of_events
SELECT p.piece - 1, r.*
FROM unnest($1, $2) WITH ORDINALITY AS p (lower, upper, piece)
CROSS JOIN LATERAL (SELECT {columns} FROM {events}{grouping}) AS r

-- name: seen
-- Who was seen in which range: whole days (no mask), parts of days by quarters of an hour, and pieces
-- finer than those by raw events.
SELECT p.range{keys}, f.member
FROM (SELECT u.day, u.range, nullif(u.mask, '')::bit(96) AS mask
      FROM unnest($1, $2, $3) AS u (day, range, mask) OFFSET 0) AS p
JOIN {relation} AS f ON f.day = p.day
WHERE f.day >= $4 AND f.day < $5{mask}{condition}

-- name: seen_raw
UNION ALL
SELECT p.range, r.*
FROM unnest($6, $7, $8) AS p (lower, upper, range)
CROSS JOIN LATERAL (SELECT {columns} FROM {events}) AS r

-- name: mask
 AND (p.mask IS NULL OR (f.quarters & p.mask) <> 0::bit(96))

-- name: members
SELECT range{keys}, count(*)
FROM (SELECT DISTINCT * FROM ({seen}) AS s) AS d
GROUP BY range{keys}

-- name: members_of_days
-- Where a range is one day or a part of one, nobody is seen in it twice.
SELECT range{keys}, count(*)
FROM ({seen}) AS s
GROUP BY range{keys}

-- name: active_days
-- On which days each user was seen: a bit a day, the first leftmost.
SELECT bit_or(set_bit($9::varbit, s.range::integer, 1))
FROM ({seen}) AS s
GROUP BY s.member

-- name: first_days
SELECT u.first_day, count(*)
FROM analytics_users AS u
WHERE u.first_day >= $1 AND u.first_day < $2
GROUP BY u.first_day

-- name: first_quarters
-- In which quarter of an hour how many users were seen for the first time ever.
SELECT u.first_day + (position(B'1' IN f.quarters) - 1) * interval '15 minutes', count(*)
FROM analytics_users AS u
JOIN {relation} AS f ON f.day = u.first_day AND f.member = u.user_id
WHERE u.first_day >= $1 AND u.first_day < $2
GROUP BY 1

-- name: first_instants
-- The same for single quarters, to the instant.
SELECT min(e.timestamp)
FROM unnest($1) AS p (quarter)
JOIN {relation} AS f ON f.day = analytics_day(p.quarter)
JOIN analytics_users AS u ON u.user_id = f.member AND u.first_day = f.day
JOIN analytics_events AS e ON e.user_id = f.member
    AND e.timestamp >= p.quarter AND e.timestamp < p.quarter + interval '15 minutes'
WHERE f.day + (position(B'1' IN f.quarters) - 1) * interval '15 minutes' = p.quarter
GROUP BY f.member

-- name: last_days
SELECT u.last_day, count(*)
FROM analytics_users AS u
WHERE u.last_day >= $1
GROUP BY u.last_day

-- name: last_seen
-- Who was seen in a range and never after its day.
SELECT s.range, count(DISTINCT s.member)
FROM ({seen}) AS s
JOIN analytics_users AS u ON u.user_id = s.member AND u.last_day = ($9::timestamptz[])[s.range + 1]
WHERE u.last_day = ANY ($9)
GROUP BY s.range

-- name: seen_ahead
SELECT u.user_id
FROM analytics_users AS u
WHERE u.last_day >= $9 AND u.user_id NOT IN (SELECT s.member FROM ({seen}) AS s)

-- name: quarters_of_week
-- In which quarters of an hour of the week each user was seen: 672 bits for each offset from UTC that
-- the time zone has in the range.
SELECT bit_or(p.before || (f.quarters & p.mask) || p.behind)
FROM (SELECT u.day, u.before::varbit, u.mask::bit(96), u.behind::varbit
      FROM unnest($1, $2, $3, $4) AS u (day, before, mask, behind) OFFSET 0) AS p
JOIN {relation} AS f ON f.day = p.day
WHERE f.day >= $5 AND f.day < $6
GROUP BY f.member

-- name: all_time
SELECT (SELECT count(*) FROM analytics_users) AS users,
       (SELECT coalesce(sum(created), 0)::float8 FROM analytics_rollup_tasks_daily) AS tasks,
       (SELECT coalesce(sum(completed), 0)::float8 FROM analytics_rollup_tasks_daily) AS completed,
       (SELECT coalesce(sum(failed), 0)::float8 FROM analytics_rollup_tasks_daily) AS failed,
       (SELECT count(DISTINCT member) FROM analytics_rollup_cocoons_cocoons) AS cocoons,
       (SELECT coalesce(sum(connections), 0)::float8 FROM analytics_rollup_integrations_daily)
           AS integrations

-- name: instance
SELECT (SELECT count(*) FROM analytics_users) AS users,
       (SELECT count(DISTINCT environment) FROM stat_environment_updates) AS environments

-- name: client_applications
SELECT a.name, i.version, i.environment,
       count(*) FILTER (WHERE i.last_seen > $1 - interval '720 hours') AS instances,
       a.first_seen, max(i.last_seen) AS last_seen
FROM analytics_client_applications AS a
LEFT JOIN analytics_client_instances AS i USING (name)
GROUP BY a.name, i.version, i.environment
ORDER BY a.name, last_seen DESC NULLS LAST, i.version, i.environment

-- name: client_apps_total
SELECT (SELECT count(*) FROM analytics_client_applications) AS all_time,
       count(DISTINCT name) FILTER (WHERE last_seen > $1 - interval '720 hours') AS last_30_days,
       count(DISTINCT name) FILTER (WHERE last_seen > $1 - interval '168 hours') AS last_7_days
FROM analytics_client_instances
