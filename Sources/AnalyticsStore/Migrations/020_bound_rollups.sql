-- Sums of any size, and no more values of a dimension than its limit says.
--
-- How dimensions are bounded follows from each definition (see DimensionBounds): it is derived anew when all migrations
-- are applied. A program from before this migration leaves it alone.

-- Who rolls up would wait for a table of ours, and we for one of theirs.
SELECT analytics_lock_rollups();

-- A thousand of the largest numbers that events may have are more than a bigint holds, and no rollup refuses an
-- event.
DO $do$
DECLARE
    part record;
    views text;
BEGIN
    -- Our views are made again when all migrations are applied. One of somebody's own over them stands in the way.
    SELECT string_agg(oid::regclass::text, ', ') INTO views FROM pg_catalog.pg_class
    WHERE relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = 'analytics_events'::regclass)
      AND relkind = 'v'
      AND (starts_with(relname, 'analytics_rollup_')
           OR relname IN ('stat_environment_updates', 'analytics_daily_active_users', 'analytics_task_stats_daily',
                          'analytics_api_latency_hourly', 'analytics_integration_health_daily',
                          'analytics_auth_events_daily', 'analytics_cocoon_activity_daily',
                          'analytics_errors_hourly'));
    EXECUTE coalesce('DROP VIEW ' || views, 'SELECT');
    FOR part IN
        SELECT format('analytics_rollup_%s%s_v%s', r.name, kind, r.version) AS name,
               string_agg(format('ALTER COLUMN %I TYPE numeric', m.value->>'name'), ', ') AS changes
        FROM analytics_rollups AS r
        CROSS JOIN jsonb_array_elements(r.definition::jsonb->'measures') AS m
        CROSS JOIN unnest(ARRAY['', '_daily']) AS kind
        WHERE m.value->'kind' ? 'sum'
        GROUP BY 1
    LOOP
        EXECUTE format('ALTER TABLE %I %s', part.name, part.changes);
    END LOOP;
END
$do$;

-- What the views were made of: they are gone.
COMMENT ON FUNCTION analytics_roll_up(bigint, boolean, bigint) IS NULL;

-- With the batch: what comes first is admitted first.
CREATE OR REPLACE FUNCTION analytics_events_where(condition text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $function$
    SELECT 'SELECT e.timestamp, e.event_type, e.service, e.environment, e.user_id, e.data, e.batch '
           'FROM analytics_events AS e WHERE ' || condition
$function$;
