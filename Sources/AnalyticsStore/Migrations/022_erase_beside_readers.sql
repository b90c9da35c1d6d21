-- An erasure waits for no reader, and none waits for it.
--
-- Its trigger was dropped and made again: DROP TRIGGER locks each partition from readers, and before the table itself.
-- A report that had read one of them and went on to the next waited for the erasure, and the erasure for the report.
-- To replace a trigger keeps out who writes, and they wait anyway. TimescaleDB can do so from 2.12 on.
--
-- A program from before 021 knows by the trigger's OID that there was an erasure, and goes on to show what it has read of
-- a person: so this comes when none is left.

CREATE OR REPLACE FUNCTION analytics_remember_erasure(texts text[]) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET client_min_messages = warning
SET timezone = 'UTC'
AS $function$
DECLARE
    instant timestamptz;
    latest timestamptz;
BEGIN
    LOCK TABLE analytics_events IN SHARE ROW EXCLUSIVE MODE;
    instant := clock_timestamp();
    INSERT INTO analytics_erasures (hash, erased_at)
    SELECT analytics_erasure_hash(content), instant FROM unnest(texts) AS content
    ON CONFLICT (hash) DO UPDATE SET erased_at = excluded.erased_at;
    SELECT max(erased_at) INTO latest FROM analytics_erasures;
    IF latest IS NOT NULL THEN
        -- As analytics_is_erased has it, in numbers: this runs once an event, for a day.
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER analytics_erase_new_event BEFORE INSERT ON analytics_events '
            'FOR EACH ROW WHEN (NEW.timestamp < %L::timestamptz OR NEW.timestamp < %L::timestamptz '
            'AND coalesce(analytics_tracked_after_number(), 0) < %s) '
            'EXECUTE FUNCTION analytics_erase_new_event()',
            latest, latest + interval '24 hours',
            (extract(epoch FROM latest - '2000-01-01 00:00:00+00'::timestamptz) * 1000000)::bigint);
    END IF;
    RETURN instant;
END
$function$;
