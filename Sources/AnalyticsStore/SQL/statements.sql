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
SELECT set_config('synchronous_commit', 'on', true), pg_current_xact_id()::text,
       set_config('idle_in_transaction_session_timeout', '60s', true),
       set_config('tcp_keepalives_idle', '60', true)

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
