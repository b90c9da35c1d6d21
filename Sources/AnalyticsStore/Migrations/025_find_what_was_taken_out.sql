-- Days that the rollups count and that are not stored any more, since somebody has taken their partitions out; and
-- events whose batch is unknown here.

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

-- Batches that are neither rolled up nor pending, with how many events each has. Such events were written with the
-- triggers off and with numbers of another installation, as logical replication does. They are in no report. A number
-- that has been used here counts as rolled up and is not found.
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
--
-- False, and nothing is changed, where retention has dropped events of the day.
CREATE FUNCTION analytics_recompute_day(day timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET timezone = 'UTC'
AS $function$
DECLARE
    rollup record;
    begun timestamptz;
BEGIN
    PERFORM analytics_lock_rollups();
    -- In a snapshot of its own: retention may have come while this waited.
    IF EXISTS (SELECT FROM analytics_retention WHERE dropped_before > day) THEN
        RETURN false;
    END IF;
    FOR rollup IN SELECT name, max(version) AS version FROM analytics_rollups GROUP BY name LOOP
        FOR begun IN
            SELECT p.lower FROM analytics_rollup_pending AS p
            WHERE p.name = rollup.name AND p.version = rollup.version
              AND p.lower < day + interval '1 day' AND p.upper > day
        LOOP
            PERFORM analytics_fill_in(rollup.name, rollup.version, begun);
        END LOOP;
        PERFORM analytics_empty_rollup(rollup.name, rollup.version, day, day + interval '1 day');
        INSERT INTO analytics_rollup_pending (name, version, lower, upper)
        VALUES (rollup.name, rollup.version, day, day + interval '1 day');
        PERFORM analytics_fill_in(rollup.name, rollup.version, day);
    END LOOP;
    RETURN true;
END
$function$;

-- Moves the events of a table into analytics_events and drops the table: a partition that was detached, or a DEFAULT
-- partition. They keep the numbers of their batches, so that nothing is rolled up again, and the triggers see them, so
-- that nobody who was erased comes back. What is stored already stays. Their days are computed anew.
--
-- Returns how many events were moved.
CREATE FUNCTION analytics_take_back(source regclass) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET timezone = 'UTC'
AS $function$
DECLARE
    times timestamptz[];
    day timestamptz;
    moved bigint;
BEGIN
    -- Before the lock of DETACH, which who rolls up may wait for.
    PERFORM analytics_lock_rollups();
    IF EXISTS (SELECT FROM pg_catalog.pg_inherits
               WHERE inhrelid = source AND inhparent = 'analytics_events'::regclass) THEN
        EXECUTE format('ALTER TABLE analytics_events DETACH PARTITION %s', source);
    END IF;
    EXECUTE format(
        'SELECT array_agg(instant) FROM (SELECT min(timestamp), max(timestamp) FROM %s '
        'GROUP BY analytics_day(timestamp)) AS days (first, last), unnest(ARRAY[first, last]) AS instant', source)
    INTO times;
    PERFORM analytics_ensure_partitions(times);
    EXECUTE format(
        'INSERT INTO analytics_events '
        '(id, timestamp, event_type, service, user_id, hostname, environment, data, batch) '
        'SELECT id, timestamp, event_type, service, user_id, hostname, environment, data, batch FROM %s '
        'ON CONFLICT DO NOTHING', source);
    GET DIAGNOSTICS moved = ROW_COUNT;
    EXECUTE format('DROP TABLE %s', source);
    FOR day IN SELECT DISTINCT analytics_day(instant) FROM unnest(times) AS instant LOOP
        PERFORM analytics_recompute_day(day);
    END LOOP;
    RETURN moved;
END
$function$;

REVOKE ALL ON FUNCTION analytics_lost_days(), analytics_unknown_batches(), analytics_recompute_day(timestamptz),
    analytics_take_back(regclass) FROM PUBLIC;
