-- Statements by name: each begins with a line `-- name: …` and ends before the next one.
-- {schema} stands for the quoted schema.

-- name: current_schema
SELECT current_schema()::text

-- name: schema_exists
SELECT to_regnamespace($1) IS NOT NULL

-- name: create_migrations_table
-- The records hold no trace of who or where: a dump of this database may travel.
CREATE TABLE IF NOT EXISTS {schema}.analytics_migrations (
    version    integer     PRIMARY KEY CHECK (version > 0),
    name       text        NOT NULL,
    phase      text        NOT NULL CHECK (phase IN ('pre', 'post')),
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)

-- name: migrations_table_exists
SELECT to_regclass($1) IS NOT NULL

-- name: select_migrations
SELECT version, name, phase, checksum, applied_at
FROM {schema}.analytics_migrations
ORDER BY version

-- name: insert_migration
INSERT INTO {schema}.analytics_migrations (version, name, phase, checksum)
VALUES ($1, $2, $3, $4)

-- name: ensure_partitions
SELECT lower_bound, upper_bound, is_new
FROM {schema}.analytics_ensure_partitions($1)

-- name: begin_ingest
-- One round trip: the commit must be durable whatever the server's default is, and the
-- transaction's number tells afterwards whether a COMMIT that got no answer took effect.
-- A client that vanished without a word must not keep its transaction, and so the answer to what
-- became of it, open for hours.
SELECT set_config('synchronous_commit', 'on', true), transaction, accepts_from, accepts_before,
       set_config('idle_in_transaction_session_timeout', '60s', true),
       set_config('tcp_keepalives_idle', '60', true)
FROM {schema}.analytics_begin_ingest()

-- name: ingest_bounds
SELECT accepts_from, accepts_before FROM {schema}.analytics_ingest_bounds()

-- name: transaction_status
SELECT pg_xact_status($1::text::xid8)

-- name: copy_events
COPY {schema}.analytics_events
    (id, timestamp, event_type, service, user_id, hostname, environment, data)
FROM STDIN (FORMAT binary)

-- name: insert_new_events
-- In key order, so that two writers of the same events wait for each other but never in a circle.
INSERT INTO {schema}.analytics_events
    (id, timestamp, event_type, service, user_id, hostname, environment, data)
SELECT id, timestamp, event_type, service, user_id, hostname, environment, data
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::text[],
            $7::text[], $8::jsonb[])
     AS event (id, timestamp, event_type, service, user_id, hostname, environment, data)
ORDER BY timestamp, id
ON CONFLICT (timestamp, id) DO NOTHING

-- name: make_partitions_ahead
-- One instant a day, from today to $1 days ahead.
SELECT lower_bound, is_new
FROM {schema}.analytics_ensure_partitions(ARRAY(
    SELECT now() + make_interval(days => ahead) FROM generate_series(0, $1) AS ahead))

-- name: engine
-- Of the events in $1, a quoted schema: plain, timescale or, where there is no table, nothing.
-- The second column is the extension's schema.
SELECT CASE WHEN relkind = 'p' THEN 'plain' ELSE 'timescale' END,
       (SELECT format('%I', nspname) FROM pg_catalog.pg_extension
        JOIN pg_catalog.pg_namespace AS n ON n.oid = extnamespace WHERE extname = 'timescaledb')
FROM pg_catalog.pg_class WHERE oid = to_regclass($1 || '.analytics_events')

-- name: timescale_availability
-- Whether the extension could be made here: its files are there, and the server has loaded its
-- loader. Without the loader CREATE EXTENSION would end the connection.
SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'timescaledb'),
       current_setting('timescaledb.disable_load', true) IS NOT NULL

-- name: has_partitions
SELECT EXISTS (SELECT FROM {schema}.analytics_partitions())

-- name: raise_boundary
-- To the end of what lies beyond $1 days as a whole.
INSERT INTO {schema}.analytics_retention AS kept (dropped_before)
SELECT max(upper_bound) FROM {schema}.analytics_partitions()
WHERE upper_bound <= now() - make_interval(days => $1)
HAVING count(*) > 0
ON CONFLICT (is_only)
    DO UPDATE SET dropped_before = greatest(kept.dropped_before, excluded.dropped_before)

-- name: drop_chunks
-- With the extension's schema put in.
SELECT {extension}.drop_chunks(
    to_regclass($1 || '.analytics_events'),
    older_than => (SELECT dropped_before FROM {schema}.analytics_retention))

-- name: expired_chunks
SELECT partition::text FROM {schema}.analytics_partitions()
WHERE upper_bound <= (SELECT dropped_before FROM {schema}.analytics_retention)

-- name: doom_partitions
-- Whole partitions beyond $1 days: first the record of what will be dropped, then the boundary.
WITH doomed AS (
    SELECT partition, upper_bound
    FROM {schema}.analytics_partitions()
    WHERE upper_bound <= now() - make_interval(days => $1)
), listed AS (
    INSERT INTO {schema}.analytics_partitions_to_drop (name)
    SELECT relname FROM doomed JOIN pg_catalog.pg_class ON oid = partition
    ON CONFLICT DO NOTHING
)
INSERT INTO {schema}.analytics_retention AS kept (dropped_before)
SELECT max(upper_bound) FROM doomed HAVING count(*) > 0
ON CONFLICT (is_only)
    DO UPDATE SET dropped_before = greatest(kept.dropped_before, excluded.dropped_before)

-- name: dropped_before
SELECT (SELECT dropped_before FROM {schema}.analytics_retention)

-- name: ingests_under_way
-- All that store, or those of $1 that still do.
SELECT holder FROM unnest({schema}.analytics_ingests_under_way()) AS holder
WHERE $1::text[] IS NULL OR holder = ANY ($1)

-- name: partitions_to_drop
-- One that is detached by half comes first: it keeps all others from being detached.
SELECT doomed.name, format('%s.%I', $1::text, doomed.name) AS identifier,
       CASE WHEN part.oid IS NULL THEN 'gone'
            WHEN link.inhrelid IS NULL THEN 'detached'
            WHEN link.inhdetachpending THEN 'half_detached'
            ELSE 'attached' END AS state
FROM {schema}.analytics_partitions_to_drop AS doomed
LEFT JOIN pg_catalog.pg_class AS part
    ON part.relname = doomed.name AND part.relnamespace = to_regnamespace($1)
LEFT JOIN pg_catalog.pg_inherits AS link
    ON link.inhrelid = part.oid AND link.inhparent = to_regclass($1 || '.analytics_events')
ORDER BY link.inhdetachpending DESC NULLS LAST, doomed.name

-- name: forget_dropped_partition
DELETE FROM {schema}.analytics_partitions_to_drop WHERE name = $1

-- name: missing_roles
SELECT name, (SELECT rolcreaterole OR rolsuper FROM pg_catalog.pg_roles
              WHERE rolname = current_user) AS may_create
FROM unnest($1::text[]) AS name
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)

-- name: grant_rights
-- {writer} and {reader} are quoted names. The writer sees keys, which ON CONFLICT has to compare,
-- and nothing else; partitions and the boundary come to it through functions with our rights.
GRANT USAGE ON SCHEMA {schema} TO {writer}, {reader};
GRANT INSERT, SELECT (timestamp, id) ON {schema}.analytics_events TO {writer};
GRANT EXECUTE ON FUNCTION {schema}.analytics_ensure_partitions(timestamptz[]),
    {schema}.analytics_begin_ingest(), {schema}.analytics_ingest_bounds() TO {writer};
GRANT SELECT ON {schema}.analytics_events, {schema}.analytics_retention TO {reader};
GRANT SELECT ON {schema}.analytics_migrations TO {writer}, {reader}
