-- A writer can make partitions only for days of which it may store events: each partition makes every
-- query slower.

CREATE OR REPLACE FUNCTION analytics_ensure_partitions(instants timestamptz[])
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
    asker name := coalesce(nullif(current_setting('role'), 'none'), session_user);
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
    -- By who asks, not by whose rights these are. Who may become the owner may make any.
    IF missing IS NOT NULL
       AND NOT pg_has_role(asker, current_user, 'MEMBER')
       AND EXISTS (SELECT FROM unnest(missing) AS i, analytics_ingest_bounds() AS b
                   WHERE i < b.accepts_from OR i >= b.accepts_before) THEN
        RAISE EXCEPTION 'only the owner of the events makes partitions for times that are not accepted'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
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
