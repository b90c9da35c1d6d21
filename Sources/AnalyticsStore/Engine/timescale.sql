-- Makes analytics_events a TimescaleDB hypertable and moves its rows, in one transaction. Meanwhile events wait in
-- the spools. search_path has our schema and that of the extension.
--
-- Only two of our functions depend on where rows are stored: the one that lists partitions, and the one that makes
-- them. As on plain PostgreSQL, a partition is a day for recent times, and a month or a year for distant times. So
-- nineteen years of history are some 150 chunks and not 7,000.

-- TimescaleDB warns about varchar, which we use because text has no limit on its length.
SET LOCAL client_min_messages = error;

-- Transactions that are storing end first, and later ones wait for this lock before they name the table. A COPY that
-- had named the table and waited for it would continue in the new table without TimescaleDB: its rows would be
-- stored outside the chunks, where no query finds them.
SELECT pg_advisory_xact_lock(class_id, object_id) FROM analytics_ingest_lock();
LOCK TABLE analytics_events IN ACCESS EXCLUSIVE MODE;

ALTER TABLE analytics_events RENAME TO analytics_events_plain;
CREATE TABLE analytics_events (LIKE analytics_events_plain INCLUDING ALL);
SELECT create_hypertable('analytics_events', by_range('timestamp', interval '1 day'),
                         create_default_indexes => false);

CREATE TEMPORARY TABLE analytics_moving ON COMMIT DROP AS
    SELECT part.partition, part.lower_bound, part.upper_bound
    FROM pg_catalog.pg_inherits AS link
    JOIN pg_catalog.pg_class AS child ON child.oid = link.inhrelid
    CROSS JOIN LATERAL regexp_match(
        pg_get_expr(child.relpartbound, child.oid), 'FROM [(]''(.*)''[)] TO [(]''(.*)''[)]') AS bound
    CROSS JOIN LATERAL (VALUES (child.oid::regclass, bound[1]::timestamptz, bound[2]::timestamptz))
        AS part (partition, lower_bound, upper_bound)
    WHERE link.inhparent = 'analytics_events_plain'::regclass AND NOT link.inhdetachpending;

CREATE OR REPLACE FUNCTION analytics_partitions()
RETURNS TABLE (partition regclass, lower_bound timestamptz, upper_bound timestamptz)
LANGUAGE sql STABLE
SET search_path FROM CURRENT
AS $function$
    SELECT format('%I.%I', chunk_schema, chunk_name)::regclass, range_start, range_end
    FROM timescaledb_information.chunks
    WHERE format('%I.%I', hypertable_schema, hypertable_name)::regclass
          = 'analytics_events'::regclass
$function$;

-- Not by the chunk interval, which is one for all times, but with its own bounds.
CREATE OR REPLACE FUNCTION analytics_create_partition(range tstzrange)
RETURNS void
LANGUAGE sql VOLATILE
SET search_path FROM CURRENT
AS $function$
    SELECT _timescaledb_functions.create_chunk('analytics_events', jsonb_build_object(
        'timestamp', jsonb_build_array(
            _timescaledb_functions.to_unix_microseconds(lower(range)),
            _timescaledb_functions.to_unix_microseconds(upper(range)))))
$function$;

-- Roles keep the rights that they had on the old table.
DO $do$
DECLARE
    right_ record;
BEGIN
    FOR right_ IN
        SELECT acl.privilege_type, acl.grantee, ''::text AS columns
        FROM pg_catalog.pg_class, aclexplode(relacl) AS acl
        WHERE oid = 'analytics_events_plain'::regclass AND acl.grantee <> relowner
        UNION ALL
        SELECT acl.privilege_type, acl.grantee, format(' (%I)', attname)
        FROM pg_catalog.pg_attribute, aclexplode(attacl) AS acl
        WHERE attrelid = 'analytics_events_plain'::regclass
    LOOP
        EXECUTE format('GRANT %s%s ON analytics_events TO %s', right_.privilege_type, right_.columns,
            CASE right_.grantee WHEN 0 THEN 'PUBLIC' ELSE right_.grantee::regrole::text END);
    END LOOP;
END
$do$;

DO $do$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT * FROM analytics_moving ORDER BY lower_bound LOOP
        PERFORM analytics_create_partition(tstzrange(part.lower_bound, part.upper_bound));
        EXECUTE format('INSERT INTO analytics_events SELECT * FROM %s ORDER BY timestamp, id',
                       part.partition);
    END LOOP;
END
$do$;

DROP TABLE analytics_events_plain;

-- The moved events keep their batches, pending or not. New batches are numbered as before.
SELECT analytics_number_batches();

-- The trigger that applies erasures was dropped with the old table, so it is created again.
SELECT analytics_remember_erasure('{}') WHERE EXISTS (SELECT FROM analytics_erasures);

COMMENT ON TABLE analytics_events IS
    'Usage events, one row each. A hypertable: days near now, months and years far away.';

-- A week late is late: until then rows arrive as they do on plain PostgreSQL.
ALTER TABLE analytics_events SET (
    timescaledb.compress, timescaledb.compress_segmentby = 'event_type, service',
    timescaledb.compress_orderby = 'timestamp DESC');
SELECT add_compression_policy('analytics_events', interval '7 days');
