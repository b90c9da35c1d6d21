-- Statements of erasure, by name; run with the schema first in search_path. What finds a person's
-- texts is a regular expression, see analytics_erasure_pattern.

-- name: remember
SELECT analytics_remember_erasure($1)

-- name: addresses
-- Of the user's own events, and which of them analytics_addresses_in finds wherever they are. A domain
-- alone, which privacy presets leave, is nobody's.
SELECT address, address = ANY (analytics_addresses_in(address)) AS is_usual
FROM (SELECT DISTINCT lower(data->>'email') AS address FROM analytics_events
      WHERE user_id = $1 AND data->>'email' ~ '.@|^hmac:') AS addresses

-- name: pattern
SELECT analytics_erasure_pattern($1)

-- name: partitions
SELECT lower_bound, upper_bound FROM analytics_partitions() ORDER BY lower_bound

-- name: mentions
-- Events of others, or of nobody, that hold the id; and those of nobody with an address: of these, $5
-- finds the unusual ones and $6 has the usual ones, of which there may be thousands.
SELECT e.timestamp, e.id FROM analytics_events AS e
CROSS JOIN LATERAL analytics_event_text(
    e.data, e.hostname, e.environment, e.service, e.event_type) AS content
WHERE e.timestamp >= $1 AND e.timestamp < $2 AND e.user_id IS DISTINCT FROM $3
  AND (content COLLATE "C" ~* $4
       OR e.user_id IS NULL AND (
           content COLLATE "C" ~* $5
           OR EXISTS (SELECT FROM unnest(analytics_addresses_in(content)) AS address
                      WHERE address = ANY ($6))))

-- name: begin
-- Waits for those who store or fill in rollups at the moment, and keeps others from it until the
-- commit; not for long, since others wait behind whoever waits.
SET LOCAL lock_timeout = '5s';
LOCK TABLE analytics_events IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE analytics_rollup_pending IN SHARE ROW EXCLUSIVE MODE;
CREATE TEMPORARY TABLE analytics_erasing_before (LIKE analytics_events, is_own boolean)
    ON COMMIT DROP;
CREATE TEMPORARY TABLE analytics_erasing_after (LIKE analytics_events, is_own boolean)
    ON COMMIT DROP

-- name: keep_own
INSERT INTO analytics_erasing_before
SELECT id, timestamp, event_type, service, user_id, hostname, environment, data, true
FROM analytics_events WHERE user_id = $1

-- name: keep_mentions
INSERT INTO analytics_erasing_before
SELECT id, timestamp, event_type, service, user_id, hostname, environment, data, false
FROM unnest($1::timestamptz[], $2::uuid[]) AS mention (timestamp, id)
JOIN analytics_events USING (timestamp, id)
WHERE user_id IS DISTINCT FROM $3

-- name: empty
-- By the id and the unusual addresses ($1), and those of the usual ones ($2) that the event has.
INSERT INTO analytics_erasing_after
SELECT id, timestamp, coalesce(analytics_erased_text(event_type, pattern), ''),
       coalesce(analytics_erased_text(service, pattern), ''), CASE WHEN NOT is_own THEN user_id END,
       analytics_erased_text(hostname, pattern), analytics_erased_text(environment, pattern),
       analytics_erased_data(event_type, data, is_own, pattern), is_own
FROM analytics_erasing_before
CROSS JOIN LATERAL analytics_erasure_pattern($1 || ARRAY(
    SELECT address
    FROM unnest(analytics_addresses_in(
        analytics_event_text(data, hostname, environment, service, event_type))) AS address
    WHERE address = ANY ($2))) AS pattern

-- name: touched_partitions
SELECT lower_bound, upper_bound, partition::text AS partition FROM analytics_partitions()
WHERE EXISTS (SELECT FROM analytics_erasing_after AS a
              WHERE a.timestamp >= lower_bound AND a.timestamp < upper_bound)
ORDER BY lower_bound

-- name: replace_events
UPDATE analytics_events AS e
SET event_type = a.event_type, service = a.service, user_id = a.user_id, hostname = a.hostname,
    environment = a.environment, data = a.data
FROM analytics_erasing_after AS a
WHERE e.timestamp = a.timestamp AND e.id = a.id AND e.timestamp >= $1 AND e.timestamp < $2

-- name: erase_environments
WITH gone AS (
    DELETE FROM stat_environment_updates WHERE environment COLLATE "C" ~* $1 RETURNING *
), emptied AS (
    SELECT day, analytics_erased_text(environment, $1) AS environment, updates FROM gone
), merged AS (
    INSERT INTO stat_environment_updates AS kept (day, environment, updates)
    SELECT day, environment, sum(updates) FROM emptied WHERE environment IS NOT NULL GROUP BY 1, 2
    ON CONFLICT (day, environment) DO UPDATE SET updates = kept.updates + excluded.updates
)
SELECT count(*) FROM gone

-- name: erase_user
DELETE FROM analytics_users WHERE user_id = $1

-- name: erase_dead_letters
-- Their rows are bytes, in which an id is 16 of them or a text.
DELETE FROM analytics_dead_letters
WHERE user_id = $1 OR position(uuid_send($1) IN row) > 0
   OR (analytics_dead_letter_texts(row)).content COLLATE "C" ~* $2

-- name: await_usage
-- Those who add usage at the moment; who adds later sees the erasure.
SELECT analytics_lock_usage(true)

-- name: erase_usage_members
DELETE FROM analytics_usage_members WHERE member ~* $1

-- name: rollup_versions
SELECT definition,
       version = max(version) OVER (PARTITION BY name) AS is_newest,
       CASE WHEN version = max(version) OVER (PARTITION BY name)
            THEN coalesce((SELECT dropped_before FROM analytics_retention), '-infinity')
            ELSE 'infinity' END AS final_before
FROM analytics_rollups ORDER BY name, version

-- name: partitions_on_their_way_out
SELECT count(*) FROM analytics_partitions_to_drop

-- name: analyze
SELECT analytics_analyze($1::text::regclass)
