-- What somebody did to the events behind our back: days that the rollups count and that are not stored any more, and
-- events with a number that nobody here has drawn.

-- The UTC days of which the rollups count more events than are stored: partitions were dropped, detached or emptied by
-- hand. To store those events again would count them twice. Days before the boundary of retention are none of them.
--
-- Looks at so many events of a day at most, and so misses a day that has got as many new ones since.
CREATE FUNCTION analytics_lost_days() RETURNS SETOF timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET jit = off
SET max_parallel_workers_per_gather = 0
AS $function$
DECLARE
    looked_at_max CONSTANT integer := 1000;
    kept record;
BEGIN
    SELECT r.version, r.derived->'relations'->'analytics_rollup_events_daily'->>'table' AS name INTO kept
    FROM analytics_rollups AS r WHERE r.name = 'events' ORDER BY r.version DESC LIMIT 1;
    IF kept.name IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT d.day FROM (SELECT k.day, least(sum(k.events), $1)::integer AS events FROM %I AS k '
        'WHERE k.day >= coalesce((SELECT dropped_before FROM analytics_retention), ''-infinity'') '
        'GROUP BY k.day) AS d '
        'CROSS JOIN LATERAL (SELECT count(*) AS events FROM ('
        'SELECT FROM analytics_events AS e WHERE e.timestamp >= d.day AND e.timestamp < d.day + interval ''1 day'' '
        'LIMIT d.events) AS looked_at) AS stored '
        'WHERE stored.events < d.events AND NOT EXISTS ('
        'SELECT FROM analytics_rollup_pending AS p WHERE p.name = ''events'' AND p.version = $2 '
        'AND p.lower < d.day + interval ''1 day'' AND p.upper > d.day) '
        'ORDER BY d.day', kept.name)
    USING looked_at_max, kept.version;
END
$function$;

-- Batches that have neither been rolled up nor are pending, with how many events each has: rows that came with the
-- numbers of another installation, around the trigger, as logical replication writes them. They are in no report.
CREATE FUNCTION analytics_unknown_batches() RETURNS TABLE (batch bigint, events bigint)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT
SET jit = off
AS $function$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT e.batch, count(*) FROM analytics_events AS e WHERE (%s) AND NOT EXISTS ('
        'SELECT FROM analytics_pending AS p WHERE p.batch = e.batch) GROUP BY e.batch',
        analytics_are_not_rolled_up());
END
$function$;

-- Computes a UTC day of all rollups anew. Unlike `analytics_fill_in` it also empties a day that has no partition.
CREATE FUNCTION analytics_recompute_day(day timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET timezone = 'UTC'
AS $function$
DECLARE
    rollup record;
BEGIN
    PERFORM analytics_lock_rollups();
    FOR rollup IN SELECT name, max(version) AS version FROM analytics_rollups GROUP BY name LOOP
        PERFORM analytics_empty_rollup(rollup.name, rollup.version, day, day + interval '1 day');
        INSERT INTO analytics_rollup_pending (name, version, lower, upper)
        VALUES (rollup.name, rollup.version, day, day + interval '1 day') ON CONFLICT DO NOTHING;
        PERFORM analytics_fill_in(rollup.name, rollup.version, day);
    END LOOP;
END
$function$;

REVOKE ALL ON FUNCTION analytics_lost_days(), analytics_unknown_batches(), analytics_recompute_day(timestamptz)
    FROM PUBLIC;
