-- Stores events that may be there already, for writers, who may not read.
--
-- ON CONFLICT with a key wants the right to see it. That right a hypertable with compression cannot
-- grant: TimescaleDB passes a grant on columns on to the compressed table, which has none of ours.
-- Without the key it would want no right, but TimescaleDB then decompresses what it need not.

-- The columns of analytics_events, an array each. Returns how many events were not there before.
CREATE FUNCTION analytics_insert_new(
    uuid[], timestamptz[], text[], text[], uuid[], text[], text[], jsonb[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
DECLARE
    inserted bigint;
BEGIN
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

REVOKE ALL ON FUNCTION analytics_insert_new(
    uuid[], timestamptz[], text[], text[], uuid[], text[], text[], jsonb[]) FROM PUBLIC;
