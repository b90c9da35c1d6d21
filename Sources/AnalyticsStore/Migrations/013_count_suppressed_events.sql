-- What a trigger of somebody's own keeps out of the table is told, not taken for stored.

-- How many of these events, of which this transaction has not inserted all, are not there: a trigger
-- returned NULL for them. The others were there before.
--
-- For writers, who may not read. Without such a trigger nothing is looked up.
CREATE FUNCTION analytics_count_suppressed(ids uuid[], timestamps timestamptz[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
BEGIN
    -- What is there already has to be as safe as what is new; see analytics_insert_new.
    PERFORM pg_logical_emit_message(true, 'analytics', '');
    -- FOR EACH ROW (1), BEFORE (2) and INSERT (4). Ours and TimescaleDB's let all through.
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_trigger
        JOIN pg_catalog.pg_proc AS f ON f.oid = tgfoid
        WHERE tgrelid IN (SELECT 'analytics_events'::regclass
                          UNION ALL SELECT partition FROM analytics_partitions())
          AND tgtype & 7 = 7 AND tgenabled <> 'D' AND tgname <> 'analytics_erase_new_event'
          AND f.pronamespace::regnamespace::text NOT LIKE '\_timescaledb\_%'
    ) THEN
        RETURN 0;
    END IF;
    -- By the key, one by one: a join could read the whole table. By now a writer of the same events
    -- has committed, since INSERT has waited for it.
    RETURN (
        SELECT count(*) FROM unnest(ids, timestamps) AS event (id, timestamp)
        WHERE (SELECT true FROM analytics_events AS kept
               WHERE kept.timestamp = event.timestamp AND kept.id = event.id LIMIT 1) IS NULL);
END
$function$;

REVOKE ALL ON FUNCTION analytics_count_suppressed(uuid[], timestamptz[]) FROM PUBLIC;

-- As before, but refused where somebody has made a rule for INSERT. One that does nothing instead hides
-- what the INSERT would have done, and goes on to do so in this session when it is dropped: the plan
-- that is kept names no table, so that nothing makes it void. COPY knows no rules at all.
CREATE OR REPLACE FUNCTION analytics_insert_new(
    uuid[], timestamptz[], text[], text[], uuid[], text[], text[], jsonb[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
DECLARE
    inserted bigint;
BEGIN
    -- From here on nobody makes one.
    LOCK TABLE ONLY analytics_events IN ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM pg_catalog.pg_rewrite
               WHERE ev_class = 'analytics_events'::regclass AND ev_type = '3'
                 AND ev_enabled <> 'D') THEN
        RAISE EXCEPTION 'analytics_events has a rule for INSERT: make it a trigger'
            USING ERRCODE = 'feature_not_supported';
    END IF;
    -- In key order, so that two writers of the same events wait for each other but never in a circle.
    INSERT INTO analytics_events
        (id, timestamp, event_type, service, user_id, hostname, environment, data)
    SELECT id, timestamp, event_type, service, user_id, hostname, environment, data
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
         AS event (id, timestamp, event_type, service, user_id, hostname, environment, data)
    ORDER BY timestamp, id
    ON CONFLICT (timestamp, id) DO NOTHING;
    GET DIAGNOSTICS inserted = ROW_COUNT;
    -- COMMIT waits for disk and standby also where nothing is new: the transaction that stored these
    -- rows may have stopped waiting for them.
    PERFORM pg_logical_emit_message(true, 'analytics', '');
    RETURN inserted;
END
$function$;
