-- Statements of the reports on raw events, by name. {…} are conditions and values, each of which
-- holds nothing but names of columns and numbers of parameters.

-- name: breakdown
-- The values that most events have stay, in $4; all others become one. A key tells an absent value
-- from an empty one.
WITH chosen AS (
    SELECT width_bucket(e.timestamp, $3::timestamptz[]) AS bucket, e.user_id,
           coalesce('=' || left({property}, 200), '') COLLATE "C" AS key
    FROM analytics_events AS e
    WHERE e.timestamp >= $1 AND e.timestamp < $2 AND {selection}
), kept AS (
    SELECT key, row_number() OVER (ORDER BY count(*) DESC, key) AS rank, count(*) OVER () AS keys
    FROM chosen GROUP BY key ORDER BY rank LIMIT $4
)
SELECT bucket, substr(kept.key, 2) AS value, kept.key = '' AS is_absent, max(kept.keys) AS keys,
       count(*) AS events, count(DISTINCT user_id) AS users
FROM chosen LEFT JOIN kept USING (key)
GROUP BY bucket, kept.key, kept.rank ORDER BY bucket, kept.rank

-- name: funnel_entry
-- The first instant of each user. since: the first of the steps that were at the same instant as this one.
step_1 AS MATERIALIZED (
    SELECT e.user_id, min(e.timestamp) AS entered, min(e.timestamp) AS timestamp, 1 AS since
    FROM analytics_events AS e
    WHERE e.timestamp >= $1 AND e.timestamp < $2 AND e.user_id IS NOT NULL AND {selection}
    GROUP BY e.user_id
)

-- name: funnel_step
-- The first instant that is not before the step before, if it comes in time. The last user may enter
-- just before $2.
{step} AS MATERIALIZED (
    SELECT n.user_id, n.entered, n.timestamp,
           CASE WHEN n.timestamp = n.past THEN n.since ELSE {number} END AS since,
           extract(epoch FROM n.timestamp - n.past)::double precision AS seconds
    FROM (SELECT past.user_id, past.entered, past.timestamp AS past, past.since,
                 min(e.timestamp) AS timestamp
          FROM {previous} AS past
          JOIN analytics_events AS e ON e.user_id = past.user_id
          WHERE e.timestamp >= $1 AND e.timestamp <= $2 + make_interval(secs => $3)
            AND e.timestamp >= past.timestamp
            AND e.timestamp <= past.entered + make_interval(secs => $3) AND {selection}
          GROUP BY past.user_id, past.entered, past.timestamp, past.since) AS n
)

-- name: funnel_step_of_known_type
-- The same where steps before are of the same type: an event of that instant may be taken already. The
-- steps of the instant find an event each if every set of them matches at least as many events as it
-- has steps (Hall's theorem). That held for the steps before, so only sets with this step are looked at.
-- A step is a bit.
{step} AS MATERIALIZED (
    SELECT n.user_id, n.entered, n.timestamp,
           CASE WHEN n.timestamp = n.past THEN n.since ELSE {number} END AS since,
           extract(epoch FROM n.timestamp - n.past)::double precision AS seconds
    FROM (SELECT m.user_id, m.entered, m.past, m.since,
                 CASE WHEN m.matches IS NOT NULL AND NOT EXISTS (
                     SELECT FROM generate_series(0, {own} - 1) AS s (steps)
                     WHERE s.steps & {same} & -(1 << m.since - 1) = s.steps
                       AND (SELECT count(*) FROM unnest(m.matches) AS u (matched)
                            WHERE u.matched & (s.steps | {own}) <> 0)
                           < bit_count((s.steps | {own})::bit(32)))
                 THEN m.past ELSE m.later END AS timestamp
          FROM (SELECT past.user_id, past.entered, past.timestamp AS past, past.since,
                       min(e.timestamp) FILTER (WHERE e.timestamp > past.timestamp) AS later,
                       array_agg({matched}) FILTER (WHERE e.timestamp = past.timestamp) AS matches
                FROM {previous} AS past
                JOIN analytics_events AS e ON e.user_id = past.user_id
                WHERE e.timestamp >= $1 AND e.timestamp <= $2 + make_interval(secs => $3)
                  AND e.timestamp >= past.timestamp
                  AND e.timestamp <= past.entered + make_interval(secs => $3)
                  AND e.event_type = {type} AND (e.timestamp = past.timestamp OR {selection})
                GROUP BY past.user_id, past.entered, past.timestamp, past.since) AS m) AS n
    WHERE n.timestamp IS NOT NULL
)

-- name: funnel_entry_count
SELECT {number} AS step, count(*) AS users, NULL::double precision AS median FROM {step}

-- name: funnel_step_count
SELECT {number} AS step, count(*) AS users,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS median FROM {step}

-- name: cohorts
-- $1: where the local periods begin, and the last one ends. $2: how many of them are cohorts.
-- $3: for how many periods each cohort is followed.
WITH {members},
back AS (
    SELECT DISTINCT first.cohort, seen.period - first.cohort AS period, first.user_id
    FROM first JOIN seen USING (user_id)
    WHERE seen.period > first.cohort AND seen.period <= first.cohort + $3
)
SELECT cohort, 0 AS period, count(*) AS users FROM first GROUP BY cohort
UNION ALL
SELECT cohort, period, count(*) FROM back GROUP BY cohort, period

-- name: cohorts_first_event
-- Who was ever there is known by the UTC day, and on that day by the quarter of an hour.
first AS MATERIALIZED (
    SELECT user_id, cohort
    FROM analytics_users AS u
    JOIN analytics_rollup_activity_users AS m ON m.member = u.user_id AND m.day = u.first_day
    CROSS JOIN LATERAL width_bucket(
        m.day + (position(B'1' IN m.quarters) - 1) * interval '15 minutes', $1::timestamptz[])
        AS cohort
    WHERE u.first_day > ($1::timestamptz[])[1] - interval '1 day'
      AND u.first_day < ($1::timestamptz[])[$2 + 1]
      AND cohort BETWEEN 1 AND $2
)

-- name: cohorts_first_of_type
first AS MATERIALIZED (
    SELECT e.user_id, width_bucket(min(e.timestamp), $1::timestamptz[]) AS cohort
    FROM analytics_events AS e
    WHERE e.timestamp < ($1::timestamptz[])[$2 + 1] AND e.user_id IS NOT NULL
      AND e.event_type = {type}
    GROUP BY e.user_id
    HAVING min(e.timestamp) >= ($1::timestamptz[])[1]
)

-- name: cohorts_seen_at_all
-- Each local period is a few parts of UTC days, with the quarters of an hour that belong to it.
part AS MATERIALIZED (
    SELECT day, mask::bit(96) AS mask, period
    FROM unnest({days}::timestamptz[], {masks}::text[], {periods}::bigint[])
        AS part (day, mask, period)
), seen AS (
    SELECT m.member AS user_id, part.period
    FROM part JOIN analytics_rollup_activity_users AS m USING (day)
    WHERE m.quarters & part.mask <> 0::bit(96)
)

-- name: cohorts_seen_by_type
seen AS (
    SELECT DISTINCT e.user_id, width_bucket(e.timestamp, $1::timestamptz[])::bigint AS period
    FROM analytics_events AS e
    WHERE e.timestamp >= ($1::timestamptz[])[1]
      AND e.timestamp < ($1::timestamptz[])[cardinality($1::timestamptz[])]
      AND e.user_id IS NOT NULL AND e.event_type = {type}
)

-- name: timeline
-- First the keys: a user may have very many events, and their content need not be sorted.
WITH keys AS MATERIALIZED (
    SELECT e.timestamp, e.id FROM analytics_events AS e
    WHERE e.user_id = $1 AND {range}
), page AS MATERIALIZED (
    SELECT timestamp, id FROM keys ORDER BY timestamp DESC, id DESC LIMIT $2
)
SELECT e.timestamp, e.id, e.event_type, e.service, e.environment, e.hostname, e.data
FROM page JOIN analytics_events AS e USING (timestamp, id)
ORDER BY e.timestamp DESC, e.id DESC
