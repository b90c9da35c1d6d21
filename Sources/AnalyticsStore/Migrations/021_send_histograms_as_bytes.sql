-- Histograms of UTC days as bytes, beside the arrays: the server sends an array entry by entry, and a report of two
-- months reads a million entries.

-- Who rolls up would wait for a table of ours, and we for one of theirs.
SELECT analytics_lock_rollups();

-- The entries one behind the other, eight bytes each.
CREATE FUNCTION analytics_histogram_bytes(histogram bigint[]) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT coalesce(string_agg(int8send(entry), ''::bytea), ''::bytea) FROM unnest(histogram) AS entry);

-- As new tables have them: see RollupTable.generated.
--
-- Reports have analytics_rollups first, and then the tables. While this waits for one of them, or for a dump, others
-- wait for this: so it waits for moments, and lets them pass in between.
DO $do$
DECLARE
    former CONSTANT text := current_setting('lock_timeout');
    part record;
BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    FOR moment IN 1..3000 LOOP
        BEGIN
            LOCK TABLE analytics_rollups IN ACCESS EXCLUSIVE MODE;
            FOR part IN
                SELECT format('analytics_rollup_%s_daily_v%s', r.name, r.version) AS name,
                       string_agg(format('ADD COLUMN %I bytea NOT NULL '
                                         'GENERATED ALWAYS AS (analytics_histogram_bytes(%I)) STORED',
                                         format('_%s_bytes', m.value->>'name'), m.value->>'name'), ', ') AS changes
                FROM analytics_rollups AS r
                CROSS JOIN jsonb_array_elements(r.definition::jsonb->'measures') AS m
                WHERE m.value->'kind' ? 'histogram'
                GROUP BY 1
            LOOP
                EXECUTE format('ALTER TABLE %I %s', part.name, part.changes);
            END LOOP;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF moment = 3000 THEN
                RAISE;
            END IF;
        END;
    END LOOP;
    PERFORM set_config('lock_timeout', former, true);
END
$do$;
