-- What reports ask. Words in braces are names and expressions of rollups.

-- name: settings
-- Compiling takes longer than most reports do. Distinct users need memory, or files.
SELECT set_config('jit', 'off', true),
       set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), 67108864) / 1024
                              || 'kB', true)

-- name: read_only
-- Names are those of a schema, if one is given; and nothing but reading is allowed where the login may
-- become the role for that, and it was granted what is here.
SELECT CASE WHEN $1::text IS NOT NULL THEN set_config('search_path', quote_ident($1), true) END,
       (SELECT set_config('role', r.rolname, true)
        FROM pg_catalog.pg_roles AS r
        WHERE r.rolname = 'analytics_reader'
          AND pg_has_role(r.oid, CASE WHEN current_setting('server_version_num')::integer < 160000
                                      THEN 'MEMBER' ELSE 'SET' END)
          AND has_table_privilege(
              r.oid, to_regclass(concat(quote_ident($1) || '.', 'analytics_events')), 'SELECT'))

-- name: standings
-- Of each rollup: since when its newest definition holds, and what is still to be computed, a row for
-- each stretch of time.
SELECT r.name, r.has_older, r.valid_from, p.lower AS pending_lower, p.upper AS pending_upper,
       coalesce((SELECT dropped_before FROM analytics_retention), '-infinity') AS raw_from,
       now() AS read_at,
       -- The views are made anew whenever a rollup is, the trigger by each erasure, also at its end.
       -- Asked of the catalogue itself, which this snapshot holds for; names are looked up in the
       -- latest.
       concat_ws(' ', pg_postmaster_start_time(),
                 (SELECT max(v.oid) FROM pg_catalog.pg_class AS v
                  WHERE starts_with(v.relname, 'analytics_rollup_') AND v.relkind = 'v'
                    AND v.relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class
                                          WHERE oid = 'analytics_events'::regclass)),
                 (SELECT t.oid FROM pg_catalog.pg_trigger AS t
                  WHERE t.tgrelid = 'analytics_events'::regclass
                    AND t.tgname = 'analytics_erase_new_event')) AS source
FROM (SELECT name, count(*) > 1 AS has_older,
             (array_agg(valid_from ORDER BY version DESC))[1] AS valid_from
      FROM analytics_rollups GROUP BY name) AS r
LEFT JOIN (SELECT name, lower(stretch), upper(stretch)
           FROM (SELECT name, unnest(range_agg(tstzrange(lower, upper))) AS stretch
                 FROM analytics_rollup_pending GROUP BY name) AS stretches
          ) AS p (name, lower, upper) USING (name)

-- name: day_versions
-- How many events each UTC day has.
SELECT day, sum(events)::bigint
FROM analytics_rollup_events_daily
WHERE day >= $1 AND day < $2
GROUP BY day

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
WHERE {lies}

-- name: seen
-- Who was seen in which range: whole days (no mask), parts of days by quarters of an hour, and pieces
-- finer than those by raw events.
SELECT p.range{keys}, f.member
FROM (SELECT u.day, u.range, nullif(u.mask, '')::bit(96) AS mask
      FROM unnest($1, $2, $3) AS u (day, range, mask) OFFSET 0) AS p
JOIN {relation} AS f ON f.day = p.day
WHERE f.day >= $4 AND f.day < $5{mask}{condition}

-- name: seen_raw
-- OFFSET 0 keeps this from becoming a join that reads all partitions there are: so each piece opens its
-- own.
UNION ALL
SELECT p.range, r.*
FROM unnest($6, $7, $8) AS p (lower, upper, range)
CROSS JOIN LATERAL (SELECT {columns} FROM {events} OFFSET 0) AS r
WHERE {lies}

-- name: mask
 AND (p.mask IS NULL OR (f.quarters & p.mask) <> 0::bit(96))

-- name: members
SELECT range{keys}, count(*)
FROM (SELECT DISTINCT * FROM ({seen}) AS s) AS d
GROUP BY range{keys}

-- name: members_of_days
-- Where a range is one day or a part of one, nobody is seen in it twice. Each is counted by itself: a
-- join would hand every member on, at three times the cost.
SELECT p.range, c.*
FROM (SELECT u.day, u.range, nullif(u.mask, '')::bit(96) AS mask
      FROM unnest($1, $2, $3) AS u (day, range, mask) OFFSET 0) AS p
CROSS JOIN LATERAL (SELECT {columns}count(*) FROM {relation} AS f
                    WHERE f.day = p.day{mask}{condition}{grouping}) AS c

-- name: activity_of_days
-- Of each user of each day the id and the quarters of an hour, one behind the other.
SELECT p.day, a.activity
FROM unnest($1) AS p (day)
CROSS JOIN LATERAL (SELECT string_agg(uuid_send(f.member) || bit_send(f.quarters), '') AS activity
                    FROM {relation} AS f WHERE f.day = p.day) AS a

-- name: users_seen
-- The ids of ranges that have parts finer than what is kept.
SELECT s.range, string_agg(uuid_send(s.member), '')
FROM ({seen}) AS s
GROUP BY s.range

-- name: users_today
-- Who was seen for the first time today or later, and how many events there are of all days before.
SELECT (SELECT count(*) FROM analytics_users WHERE first_day >= $1),
       (SELECT coalesce(sum(events), 0)::bigint FROM analytics_rollup_events_daily WHERE day < $1)

-- name: users_before
SELECT count(*) FROM analytics_users WHERE first_day < $1

-- name: first_days
-- On which days how many users were seen for the first time ever.
SELECT u.first_day, count(*)
FROM analytics_users AS u
WHERE u.first_day >= $1 AND u.first_day < $2
GROUP BY u.first_day

-- name: first_users
-- The ids of who was seen for the first time on some days, one behind the other.
SELECT u.first_day, string_agg(uuid_send(u.user_id), '')
FROM analytics_users AS u
WHERE u.first_day = ANY ($1)
GROUP BY u.first_day

-- name: first_instants
-- When users were seen for the first time ever, in some quarters of an hour, to the instant. The planner
-- sees what partitions they lie in.
SELECT min(e.timestamp)
FROM unnest($1) AS p (quarter)
JOIN {relation} AS f ON f.day = analytics_day(p.quarter)
JOIN analytics_users AS u ON u.user_id = f.member AND u.first_day = f.day
JOIN analytics_events AS e ON e.user_id = f.member
    AND e.timestamp >= p.quarter AND e.timestamp < p.quarter + interval '15 minutes'
    AND e.timestamp >= $2 AND e.timestamp < $3
WHERE f.day + (position(B'1' IN f.quarters) - 1) * interval '15 minutes' = p.quarter
GROUP BY f.member

-- name: users_now
-- One look at each user, for all windows. OFFSET 0 keeps this in one process: each would make the sets
-- of who was seen for itself.
SELECT count(*) FILTER (WHERE u.last_day >= $1){windows}
FROM (SELECT user_id, last_day FROM analytics_users WHERE last_day >= $2 OFFSET 0) AS u

-- name: users_since
-- Of a window whoever was last seen behind the day that it begins within, and of that day's those who
-- were seen in its rest. The set is made where there is anybody to look for.
, count(*) FILTER (
    WHERE u.last_day > ($3::timestamptz[])[{window}]
       OR u.last_day = ($3::timestamptz[])[{window}] AND u.user_id IN (
           SELECT f.member FROM {relation} AS f
           WHERE f.day = ($3::timestamptz[])[{window}]
             AND (f.quarters & ($4::text[])[{window}]::bit(96)) <> 0::bit(96){raw}))

-- name: users_since_raw
           UNION ALL
           SELECT e.user_id FROM analytics_events AS e
           WHERE e.timestamp >= ($5::timestamptz[])[{window}]
             AND e.timestamp < ($6::timestamptz[])[{window}] AND e.user_id IS NOT NULL

-- name: members_until
-- Of one day, and behind its whole quarters of raw events: who is seen in both counts once.
SELECT (SELECT count(*) FROM {relation} AS f
        WHERE f.day = $1 AND (f.quarters & $2::text::bit(96)) <> 0::bit(96))
     + (SELECT count(DISTINCT r.member) FROM (SELECT {member} AS member FROM {events} OFFSET 0) AS r
        WHERE NOT EXISTS (SELECT FROM {relation} AS f
                          WHERE f.day = $1 AND f.member = r.member
                            AND (f.quarters & $2::text::bit(96)) <> 0::bit(96)))

-- name: seen_ahead
SELECT u.user_id
FROM analytics_users AS u
WHERE u.last_day >= $11 AND u.user_id NOT IN (SELECT s.member FROM ({seen}) AS s)

-- name: all_time
SELECT (SELECT coalesce(sum(created), 0)::float8 FROM analytics_rollup_tasks_daily) AS tasks,
       (SELECT coalesce(sum(completed), 0)::float8 FROM analytics_rollup_tasks_daily) AS completed,
       (SELECT coalesce(sum(failed), 0)::float8 FROM analytics_rollup_tasks_daily) AS failed,
       -- Hashed: count(DISTINCT …) would sort them.
       (SELECT count(*) FROM (SELECT DISTINCT member FROM analytics_rollup_cocoons_cocoons) AS m)
           AS cocoons,
       (SELECT coalesce(sum(connections), 0)::float8 FROM analytics_rollup_integrations_daily)
           AS integrations

-- name: environments_ever
SELECT count(DISTINCT environment) FROM stat_environment_updates

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

-- name: usage_periods
-- Each period by itself: joined as a whole, the view would count the members of all there are. What it
-- has besides the sums are members.
SELECT p.started_at, p.ended_at, f.kind, f.measure, f.name, f.value
FROM (SELECT id, started_at, ended_at FROM analytics_usage_periods
      WHERE started_at < coalesce($2::timestamptz, 'infinity')
        AND coalesce(ended_at, 'infinity') > coalesce($1::timestamptz, '-infinity')
      ORDER BY id DESC LIMIT $4) AS p
LEFT JOIN LATERAL (
    SELECT kind, 'sum' AS measure, name, sum(value)::bigint AS value
    FROM analytics_usage_counters WHERE period_id = p.id GROUP BY kind, name
    UNION ALL
    (SELECT kind, 'members', name, value FROM usage_summary WHERE period_id = p.id
     EXCEPT ALL
     SELECT kind, 'members', name, sum(value)::bigint
     FROM analytics_usage_counters WHERE period_id = p.id GROUP BY kind, name)
    OFFSET 0
) AS f ON $3::text[] = '{}' OR f.kind = ANY ($3)
ORDER BY p.id, f.kind, f.measure DESC, f.name

-- name: usage_replicas
SELECT r.replica_id::text AS replica, r.kind, r.measure, r.name, r.value,
       min(r.window_start) OVER each AS since, max(r.updated_at) OVER each AS flushed
FROM (
    SELECT c.replica_id, c.kind, 'sum' AS measure, c.name, c.value, c.window_start, c.updated_at
    FROM analytics_usage_periods AS p
    JOIN analytics_usage_counters AS c ON c.period_id = p.id
    WHERE p.ended_at IS NULL
    UNION ALL
    SELECT b.replica_id, 'boundary', 'members', v.name, v.value, b.window_start, b.updated_at
    FROM boundary_usage_stats AS b
    CROSS JOIN LATERAL (VALUES ('workspaces', b.unique_workspaces_count),
                               ('users', b.unique_users_count)) AS v (name, value)
) AS r
WHERE $1::text[] = '{}' OR r.kind = ANY ($1)
WINDOW each AS (PARTITION BY r.kind, r.replica_id)
ORDER BY r.kind, since, r.replica_id, r.measure DESC, r.name

-- name: unknown_values
-- Which of these values no event ever had, by their places. The days of the range come from the key; only
-- what they do not have is looked for among all days. OFFSET 0 keeps it a look-up that ends with the first
-- row found.
SELECT asked.place
FROM unnest($1::text[]) WITH ORDINALITY AS asked (value, place)
WHERE asked.value <> ''
  AND NOT CASE
      WHEN EXISTS (SELECT FROM {relation} AS f
                   WHERE f.day > $2::timestamptz - interval '24 hours' AND f.day < $3
                     AND f.{dimension} = left(asked.value, 200) OFFSET 0) THEN true
      ELSE EXISTS (SELECT FROM {relation} AS f
                   WHERE f.{dimension} = left(asked.value, 200) OFFSET 0) END

-- name: similar_values
-- Values that somebody may have meant, if any are about as long; in any case a row that says whether there
-- are values at all, and whether a rollup is about events of this type.
SELECT s.value, EXISTS (SELECT FROM {relation}) AS is_any,
       EXISTS (SELECT FROM analytics_rollups AS r
               WHERE r.definition::jsonb->'eventTypes' ? $1::text) AS is_counted
FROM (SELECT) AS one
LEFT JOIN (SELECT DISTINCT f.{dimension} AS value FROM {relation} AS f
           WHERE f.{dimension} <> ''
             AND abs(char_length(f.{dimension}) - char_length($1)) <= greatest(2, char_length($1) / 3)
           LIMIT 2000) AS s ON true

-- name: unknown_kinds
-- Which of these kinds of usage no period that is kept has, by their places. The view is asked of one period
-- and one kind at a time, or it would count all members there are; they themselves are not for readers.
SELECT asked.place
FROM unnest($1::text[]) WITH ORDINALITY AS asked (kind, place)
WHERE NOT EXISTS (
    SELECT FROM analytics_usage_periods AS p
    WHERE EXISTS (SELECT FROM analytics_usage_counters AS c
                  WHERE c.period_id = p.id AND c.kind = asked.kind OFFSET 0)
       OR EXISTS (SELECT FROM usage_summary AS s
                  WHERE s.period_id = p.id AND s.kind = asked.kind OFFSET 0))

-- name: counted_kinds
SELECT DISTINCT kind FROM analytics_usage_counters

-- name: fields_seen
-- How many events of a type were read, and which of some fields any of them has.
SELECT count(*) AS events, {seen}
FROM (SELECT e.data FROM analytics_events AS e WHERE e.event_type = $1{range}{newest}) AS e

-- name: field_names
-- What fields the newest events of a type have.
SELECT DISTINCT left(field.name, 100)
FROM (SELECT e.data FROM analytics_events AS e WHERE e.event_type = $1
      ORDER BY e.timestamp DESC LIMIT {newest}) AS e
CROSS JOIN LATERAL jsonb_object_keys(
    CASE WHEN jsonb_typeof(e.data) = 'object' THEN e.data ELSE '{}' END) AS field (name)
LIMIT 2000
