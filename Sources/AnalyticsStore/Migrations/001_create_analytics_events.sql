-- The events, partitioned by time, and the functions that make the partitions.
--
-- Runs with the target schema first in search_path (see MigrationRunner); SET search_path FROM
-- CURRENT pins that schema to the functions, whoever calls them later.

CREATE TABLE analytics_events (
    id          uuid         NOT NULL,
    timestamp   timestamptz  NOT NULL,
    -- No CHECK constraints: the planner looks at each of every partition, in every query.
    event_type  varchar(100) NOT NULL,
    service     varchar(100) NOT NULL,
    user_id     uuid,
    hostname    text,
    environment text,
    data        jsonb        NOT NULL,
    PRIMARY KEY (timestamp, id)
) PARTITION BY RANGE (timestamp);

-- The events of a user, of a type, of a service. Without the timestamp equal keys share one entry,
-- which makes them a third as large and ingest 1.7 times as fast; in order of time a partition's
-- rows come from the primary key, or from a sort of the few that are rare. See docs/INDEXES.md.
CREATE INDEX ON analytics_events (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX ON analytics_events (event_type);
CREATE INDEX ON analytics_events (service);

COMMENT ON TABLE analytics_events IS
    'Usage events, one row each. No DEFAULT partition: analytics_ensure_partitions makes what is missing.';
COMMENT ON COLUMN analytics_events.data IS
    'The fields that have no column of their own.';

-- What each partition holds: [lower_bound, upper_bound). MINVALUE and MAXVALUE are infinite.
--
-- timezone and datestyle are pinned because pg_get_expr writes the bounds as this session would.
CREATE FUNCTION analytics_partitions()
RETURNS TABLE (partition regclass, lower_bound timestamptz, upper_bound timestamptz)
LANGUAGE sql STABLE
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $function$
    SELECT part.oid::regclass,
           CASE bound[1] WHEN 'MINVALUE' THEN '-infinity' ELSE trim(bound[1], '''')::timestamptz END,
           CASE bound[2] WHEN 'MAXVALUE' THEN 'infinity' ELSE trim(bound[2], '''')::timestamptz END
    FROM pg_catalog.pg_inherits AS link
    JOIN pg_catalog.pg_class AS part ON part.oid = link.inhrelid
    CROSS JOIN LATERAL regexp_match(
        pg_get_expr(part.relpartbound, part.oid), 'FROM \((.*)\) TO \((.*)\)') AS bound
    WHERE link.inhparent = 'analytics_events'::regclass
      AND bound IS NOT NULL
$function$;

-- The range to make for an event at `instant`: the largest of year, month and day (UTC, aligned)
-- that suits its distance from `now` and overlaps none of `taken`.
--
-- Days up to 100 days away: raw events are kept for 90, so retention drops whole partitions on the
-- day they are due. Months up to two years away, years beyond: nineteen years of history are then
-- some 150 partitions instead of 7,000, and planning time grows with their number. A whole range
-- has to lie beyond the limit, so that what retention looks after is never coarse. The future is
-- treated alike: a host whose clock is far wrong makes a few partitions, not thousands.
CREATE FUNCTION analytics_partition_range(instant timestamptz, now timestamptz, taken tstzmultirange)
RETURNS tstzrange
LANGUAGE sql STABLE
SET search_path FROM CURRENT
SET timezone = 'UTC'
AS $function$
    (SELECT aligned
     FROM (VALUES ('year', interval '1 year', interval '2 years'),
                  ('month', interval '1 month', interval '100 days'),
                  ('day', interval '1 day', interval '0')) AS grain (unit, length, distance)
     CROSS JOIN LATERAL tstzrange(
         date_trunc(unit, instant), date_trunc(unit, instant) + length) AS aligned
     WHERE NOT aligned && taken
       AND (unit = 'day' OR NOT aligned && tstzrange(now - distance, now + distance))
     ORDER BY length DESC
     LIMIT 1)
    UNION ALL
    -- Somebody's own partition cuts the day in pieces: take the free piece around the event.
    (SELECT piece
     FROM unnest(tstzmultirange(tstzrange(
         date_trunc('day', instant), date_trunc('day', instant) + interval '1 day')) - taken) AS piece
     WHERE piece @> instant)
    LIMIT 1
$function$;

-- Makes one empty partition: created apart, then attached. CREATE TABLE … PARTITION OF would wait
-- behind every open SELECT on the events, and all ingest behind it; ATTACH does not. A CHECK
-- constraint would spare ATTACH its scan, but an empty table is scanned in no time.
CREATE FUNCTION analytics_create_partition(range tstzrange)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $function$
DECLARE
    base text := 'analytics_events_' || to_char(lower(range), CASE upper(range)
        WHEN lower(range) + interval '1 year' THEN 'YYYY'
        WHEN lower(range) + interval '1 month' THEN 'YYYY_MM'
        ELSE 'YYYY_MM_DD' END);
    name text := base;
    suffix integer := 1;
BEGIN
    -- A partition that was detached and kept still has the name.
    WHILE EXISTS (SELECT FROM pg_catalog.pg_class AS c
                  JOIN pg_catalog.pg_class AS parent ON parent.relnamespace = c.relnamespace
                  WHERE parent.oid = 'analytics_events'::regclass AND c.relname = name) LOOP
        suffix := suffix + 1;
        name := format('%s_part%s', base, suffix);
    END LOOP;
    EXECUTE format('CREATE TABLE %I (LIKE analytics_events INCLUDING ALL)', name);
    EXECUTE format('ALTER TABLE analytics_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   name, lower(range), upper(range));
END
$function$;

-- Sees to it that each of `instants` has a partition, and says which partitions those are.
--
-- Any number of callers at once: they take turns, and who comes second finds the partitions there.
-- Runs with its owner's rights, so that a role that may only insert need not own the table;
-- EXECUTE is granted to nobody yet.
CREATE FUNCTION analytics_ensure_partitions(instants timestamptz[])
RETURNS TABLE (lower_bound timestamptz, upper_bound timestamptz, is_new boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
SET timezone = 'UTC'
AS $function$
DECLARE
    instant timestamptz;
    missing timestamptz[];
    range tstzrange;
    taken tstzmultirange;
    made tstzmultirange := '{}';
BEGIN
    IF EXISTS (SELECT FROM unnest(instants) AS i
               WHERE i IS NULL OR i < '0001-01-01 00:00Z' OR i >= '10000-01-01 00:00Z') THEN
        RAISE EXCEPTION 'an event lies outside the years 1 to 9999'
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
    -- Look first: the lock, held until the commit, is for those who find something missing.
    FOR look IN 1..2 LOOP
        SELECT coalesce(range_agg(tstzrange(p.lower_bound, p.upper_bound)), '{}')
        INTO taken FROM analytics_partitions() AS p;
        SELECT array_agg(i ORDER BY i) INTO missing FROM unnest(instants) AS i WHERE NOT taken @> i;
        EXIT WHEN missing IS NULL;
        IF look = 1 THEN
            PERFORM pg_advisory_xact_lock(
                'analytics_events'::regclass::oid::integer, hashtext('analytics_ensure_partitions'));
        END IF;
    END LOOP;
    FOREACH instant IN ARRAY coalesce(missing, '{}') LOOP
        CONTINUE WHEN taken @> instant;
        range := analytics_partition_range(instant, now(), taken);
        PERFORM analytics_create_partition(range);
        taken := taken + tstzmultirange(range);
        made := made + tstzmultirange(range);
    END LOOP;
    RETURN QUERY
        SELECT p.lower_bound, p.upper_bound, made @> tstzrange(p.lower_bound, p.upper_bound)
        FROM analytics_partitions() AS p
        WHERE EXISTS (SELECT FROM unnest(instants) AS i
                      WHERE i >= p.lower_bound AND i < p.upper_bound)
        ORDER BY p.lower_bound;
END
$function$;

REVOKE ALL ON FUNCTION analytics_ensure_partitions(timestamptz[]) FROM PUBLIC;
