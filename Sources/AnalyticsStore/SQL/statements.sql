-- Statements by name: each begins with a line `-- name: …` and ends before the next one.
-- {schema} stands for the quoted schema.

-- name: current_schema
SELECT current_schema()::text

-- name: server_version
-- Not as the connection began with: a pooler may have said that.
SELECT current_setting('server_version_num')::int4,
       split_part(current_setting('server_version'), ' ', 1)

-- name: schema_exists
SELECT to_regnamespace($1) IS NOT NULL

-- name: server_encoding
SELECT current_setting('server_encoding')

-- name: create_migrations_table
-- The records hold no trace of who or where: a dump of this database may travel.
CREATE TABLE IF NOT EXISTS {schema}.analytics_migrations (
    version    integer     PRIMARY KEY CHECK (version > 0),
    name       text        NOT NULL,
    phase      text        NOT NULL CHECK (phase IN ('pre', 'post')),
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)

-- name: table_exists
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
-- TimescaleDB before 2.16 decompresses what a key might be in, a hundred thousand rows for a single
-- one, and at its limit refuses the statement, today and always: there must be none.
-- $1 is what analytics_tracked_after() reads.
SELECT set_config('synchronous_commit', 'on', true), transaction, accepts_from, accepts_before,
       now() AS instant, set_config('analytics.tracked_after', $1, true),
       set_config('idle_in_transaction_session_timeout', '60s', true),
       set_config('tcp_keepalives_idle', '60', true),
       CASE WHEN current_setting(limit_, true) IS NOT NULL THEN set_config(limit_, '0', true) END,
       to_regclass('timescaledb_information.chunks') IS NOT NULL AS may_be_compressed
FROM {schema}.analytics_begin_ingest(),
     (VALUES ('timescaledb.max_tuples_decompressed_per_dml_transaction')) AS setting (limit_)

-- name: compressed_ranges
SELECT range_start, range_end FROM timescaledb_information.chunks
WHERE hypertable_schema = $1 AND hypertable_name = 'analytics_events' AND is_compressed

-- name: installation
SELECT {schema}.analytics_installation() AS id, now() AS instant

-- name: ingest_bounds
SELECT accepts_from, accepts_before FROM {schema}.analytics_ingest_bounds()

-- name: transaction_status
SELECT pg_xact_status($1::text::xid8)

-- name: copy_events
COPY {schema}.analytics_events
    (id, timestamp, event_type, service, user_id, hostname, environment, data)
FROM STDIN (FORMAT binary)

-- name: insert_new_events
SELECT {schema}.analytics_insert_new($1, $2, $3, $4, $5, $6, $7, $8)

-- name: count_suppressed
SELECT {schema}.analytics_count_suppressed($1, $2)

-- name: set_aside
-- $7 is what analytics_tracked_after() reads.
SELECT set_config('synchronous_commit', 'on', true),
       set_config('analytics.tracked_after', $7, true),
       {schema}.analytics_set_aside($1, $2, $3, $4, $5, $6)

-- name: select_dead_letters
-- Those named in $1, or all; the latest first, at most $2, from before ($3, $4).
SELECT id, timestamp, layout, row, reason, refused_at, attempts
FROM {schema}.analytics_dead_letters
WHERE ($1::uuid[] IS NULL OR id = ANY ($1))
  AND ($3::timestamptz IS NULL OR (refused_at, id) < ($3, $4::uuid))
ORDER BY refused_at DESC, id DESC
LIMIT $2

-- name: count_dead_letters
SELECT count(*), min(refused_at) FROM {schema}.analytics_dead_letters

-- name: delete_dead_letters
-- As they were seen: one that was refused once more meanwhile stays.
DELETE FROM {schema}.analytics_dead_letters
WHERE (id, refused_at) IN (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]))

-- name: purge_dead_letters
-- Those named in $1, or all; refused more than $2 days ago.
DELETE FROM {schema}.analytics_dead_letters
WHERE ($1::uuid[] IS NULL OR id = ANY ($1))
  AND ($2::integer IS NULL OR refused_at < now() - make_interval(days => $2))

-- name: drop_expired_dead_letters
-- Retention has dropped their days, so they can never be stored any more.
DELETE FROM {schema}.analytics_dead_letters
WHERE timestamp < (SELECT dropped_before FROM {schema}.analytics_retention)

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
FROM pg_catalog.pg_class
WHERE relname = 'analytics_events' AND relnamespace = to_regnamespace($1)

-- name: timescale_availability
-- Whether the extension could be made here: its files are there, and the server has loaded its
-- loader. Without the loader CREATE EXTENSION would end the connection.
SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'timescaledb'),
       current_setting('timescaledb.disable_load', true) IS NOT NULL

-- name: engine_version
-- TimescaleDB's; NULL where the database has none.
SELECT (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'timescaledb'),
       split_part(current_setting('server_version'), ' ', 1)

-- name: space_plain
-- What has not been analysed yet says nothing of the size of an event.
SELECT false AS is_compressed, count(*) AS partitions, 0::int8 AS overdue,
       sum(size.bytes)::int8 AS bytes, sum(size.bytes) FILTER (WHERE reltuples > 0)::int8 AS sampled,
       sum(greatest(reltuples, 0))::float8 AS rows
FROM {schema}.analytics_partitions() AS part
JOIN pg_catalog.pg_class ON oid = part.partition
CROSS JOIN LATERAL (SELECT pg_total_relation_size(oid) AS bytes) AS size

-- name: space_timescale
-- Compressed rows lie in a table of their own beside the chunk, which holds what came late. Overdue
-- is what the policy, in schema $1, has left for more than a round.
WITH policy AS (
    SELECT (config->>'compress_after')::interval + schedule_interval AS grace
    FROM timescaledb_information.jobs
    WHERE hypertable_schema = $1 AND hypertable_name = 'analytics_events'
      AND proc_name = 'policy_compression'
)
SELECT chunk.compressed_chunk_id IS NOT NULL AS is_compressed, count(*) AS partitions,
       count(*) FILTER (WHERE chunk.compressed_chunk_id IS NULL
                        AND part.upper_bound < now() - (SELECT min(grace) FROM policy)) AS overdue,
       sum(size.bytes)::int8 AS bytes, sum(size.bytes) FILTER (WHERE size.rows > 0)::int8 AS sampled,
       sum(size.rows)::float8 AS rows
FROM {schema}.analytics_partitions() AS part
JOIN pg_catalog.pg_class AS heap ON heap.oid = part.partition
JOIN _timescaledb_catalog.chunk AS chunk
    ON format('%I.%I', chunk.schema_name, chunk.table_name)::regclass = part.partition
LEFT JOIN _timescaledb_catalog.chunk AS packed ON packed.id = chunk.compressed_chunk_id
LEFT JOIN _timescaledb_catalog.compression_chunk_size AS packing ON packing.chunk_id = chunk.id
CROSS JOIN LATERAL (SELECT
    pg_total_relation_size(heap.oid) + CASE WHEN packed.id IS NULL THEN 0
        ELSE pg_total_relation_size(format('%I.%I', packed.schema_name, packed.table_name)) END AS bytes,
    greatest(heap.reltuples, 0) + coalesce(packing.numrows_pre_compression, 0) AS rows) AS size
GROUP BY 1

-- name: timescale_jobs
-- Of the tables in schema $1: that compresses, and ours that drops.
SELECT job_id, proc_name = 'policy_compression' AS compresses, scheduled,
       coalesce(config->>'compress_after', config->>'keep_days' || ' days') AS age,
       coalesce(last_run_status = 'Failed', false) AS has_failed,
       nullif(last_successful_finish, '-infinity') AS last_success,
       coalesce(job.next_start < now() - interval '1 hour' AND scheduled, false) AS is_late
FROM timescaledb_information.jobs AS job
LEFT JOIN timescaledb_information.job_stats USING (job_id)
WHERE proc_name = 'policy_compression' AND job.hypertable_schema = $1
      AND job.hypertable_name = 'analytics_events'
   OR proc_name = 'analytics_retention_job' AND proc_schema = $1

-- name: compression_columns
SELECT coalesce(string_agg(attname, ', ' ORDER BY segmentby_column_index), '')
FROM timescaledb_information.compression_settings
WHERE hypertable_schema = $1 AND hypertable_name = 'analytics_events'
  AND segmentby_column_index IS NOT NULL

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

-- name: work_as_owner
-- Of the schema $1, unquoted, into which this login may not look yet. As SET ROLE would.
SELECT set_config('role', pg_get_userbyid(relowner), false)
FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace AS home ON home.oid = relnamespace
WHERE relname = 'analytics_migrations' AND nspname = $1

-- name: owner_steps
-- What is missing before all that is ours in the schema $2, quoted, belongs to the role $1, which has
-- to have LOGIN if $3: the statements that would do it, in order. The right to the schema can be passed
-- on, to the writer and the reader. From PostgreSQL 16 on not every member may SET ROLE.
WITH owner AS (
    SELECT (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1) AS oid,
           to_regnamespace($2) AS home,
           CASE WHEN current_setting('server_version_num')::integer < 160000
                THEN 'MEMBER' ELSE 'SET' END AS membership
)
SELECT step FROM owner CROSS JOIN LATERAL (
    SELECT 1, format('CREATE ROLE %I %s', $1, CASE WHEN $3 THEN 'LOGIN' ELSE 'NOLOGIN' END)
    WHERE owner.oid IS NULL
    UNION ALL
    SELECT 1, format('ALTER ROLE %I LOGIN', $1)
    FROM pg_catalog.pg_roles AS r WHERE r.oid = owner.oid AND $3 AND NOT rolcanlogin
    UNION ALL
    SELECT 2, format('GRANT %I TO %I', $1, session_user)
    FROM pg_catalog.pg_roles
    WHERE rolname = session_user AND NOT rolsuper
      AND pg_has_role(session_user, owner.oid, membership) IS NOT TRUE
    UNION ALL
    SELECT 3, format('CREATE SCHEMA %s AUTHORIZATION %I', $2, $1) WHERE home IS NULL
    UNION ALL
    SELECT 3, format('GRANT ALL ON SCHEMA %s TO %I WITH GRANT OPTION', $2, $1)
    WHERE home IS NOT NULL
      AND (has_schema_privilege(owner.oid, home, 'USAGE WITH GRANT OPTION')
           AND has_schema_privilege(owner.oid, home, 'CREATE')) IS NOT TRUE
    UNION ALL
    SELECT 4, format('ALTER TABLE %s.%I OWNER TO %I', $2, relname, $1)
    FROM pg_catalog.pg_class
    WHERE relnamespace = home AND relkind IN ('r', 'p', 'v', 'm')
      AND (starts_with(relname, 'analytics_')
           OR relname IN ('stat_environment_updates', 'telemetry_locks', 'usage_summary',
                          'boundary_usage_summary', 'boundary_usage_stats'))
      AND relowner IS DISTINCT FROM owner.oid
    UNION ALL
    SELECT 4, format('ALTER ROUTINE %s.%I(%s) OWNER TO %I', $2, proname,
                     pg_get_function_identity_arguments(p.oid), $1)
    FROM pg_catalog.pg_proc AS p
    WHERE pronamespace = home AND starts_with(proname, 'analytics_') AND proowner IS DISTINCT FROM owner.oid
) AS steps (place, step)
ORDER BY place, step

-- name: owner_job_steps
-- The same for the retention job: TimescaleDB lets it change hands by no statement of its own.
SELECT format('SELECT {extension}.delete_job(%s); SET ROLE %I; '
              'SELECT {extension}.add_job(%L, %L, config => %L, initial_start => %L, scheduled => %L); '
              'RESET ROLE', job_id, $1, format('%s.%I', $2, proc_name), schedule_interval, config,
              greatest(next_start, now()), scheduled)
FROM timescaledb_information.jobs
WHERE to_regnamespace(quote_ident(proc_schema)) = to_regnamespace($2)
  AND proc_name = 'analytics_retention_job' AND pg_get_userbyid(owner) <> $1

-- name: missing_roles
SELECT name, (SELECT rolcreaterole OR rolsuper FROM pg_catalog.pg_roles
              WHERE rolname = current_user) AS may_create
FROM unnest($1::text[]) AS name
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)

-- name: granted_roles
-- Who has the rights of a writer or of a reader, by a function that only they may call.
SELECT f.proname = 'analytics_begin_ingest' AS is_writer, r.rolname
FROM pg_catalog.pg_proc AS f
CROSS JOIN LATERAL aclexplode(f.proacl) AS acl
JOIN pg_catalog.pg_roles AS r ON r.oid = acl.grantee
WHERE f.pronamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)
  AND f.proname IN ('analytics_begin_ingest', 'analytics_has_keys') AND f.proowner <> acl.grantee

-- name: grant_writer
-- {role} is a quoted name. It sees nothing; partitions, the boundary and what is stored already come
-- to it through functions with our rights.
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT INSERT ON {schema}.analytics_events TO {role};
GRANT EXECUTE ON FUNCTION {schema}.analytics_ensure_partitions(timestamptz[]),
    {schema}.analytics_begin_ingest(), {schema}.analytics_ingest_bounds(),
    {schema}.analytics_installation(),
    {schema}.analytics_set_aside(uuid, timestamptz, uuid, integer, bytea, text),
    {schema}.analytics_insert_new(
        uuid[], timestamptz[], text[], text[], uuid[], text[], text[], jsonb[]),
    {schema}.analytics_count_suppressed(uuid[], timestamptz[]),
    {schema}.analytics_close_usage(interval),
    {schema}.analytics_register_clients(
        text[], text[], text[], text[], timestamptz[], double precision[]),
    {schema}.analytics_add_usage(
        uuid, bigint, double precision, text[], text[], bigint[], text[], text[], text[]),
    {schema}.analytics_telemetry_turn_on(text), {schema}.analytics_telemetry_turn_off(text),
    {schema}.analytics_telemetry_due(), {schema}.analytics_telemetry_put(bigint, text),
    {schema}.analytics_telemetry_claim(interval, interval),
    {schema}.analytics_telemetry_settle(bigint, text, interval),
    {schema}.analytics_telemetry_receive(
        uuid, bytea, bigint, timestamptz, timestamptz, jsonb)
    TO {role};
GRANT SELECT ON {schema}.analytics_migrations TO {role}

-- name: grant_reader
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT ON {schema}.analytics_events, {schema}.analytics_retention,
    {schema}.analytics_rollups, {schema}.analytics_instance,
    {schema}.analytics_usage_periods, {schema}.analytics_usage_counters, {schema}.usage_summary,
    {schema}.boundary_usage_summary, {schema}.boundary_usage_stats,
    {schema}.analytics_client_applications, {schema}.analytics_client_instances,
    {schema}.analytics_telemetry, {schema}.analytics_telemetry_outbox,
    {schema}.analytics_telemetry_deployments, {schema}.analytics_telemetry_snapshots TO {role};
GRANT EXECUTE ON FUNCTION {schema}.analytics_key(bytea, uuid),
    {schema}.analytics_key_used(uuid), {schema}.analytics_has_keys() TO {role};
GRANT SELECT ON {schema}.analytics_migrations TO {role}

-- name: register_rollup
-- With the ranges that raw events may lie in: a day each, or a month of old history. A later version
-- computes as far back as nothing was dropped; older days keep the figures of the one before.
WITH registered AS (
    INSERT INTO {schema}.analytics_rollups (name, version, definition, valid_from)
    SELECT $1, $2, $3, coalesce(
        (SELECT dropped_before FROM {schema}.analytics_retention WHERE $4), '-infinity')
    RETURNING valid_from
)
INSERT INTO {schema}.analytics_rollup_pending (name, version, lower, upper)
SELECT $1, $2, step, least(step + span, p.upper_bound)
FROM registered
CROSS JOIN {schema}.analytics_partitions() AS p
CROSS JOIN LATERAL (SELECT CASE WHEN p.upper_bound - p.lower_bound <= interval '31 days'
                                THEN interval '1 day' ELSE interval '30 days' END) AS s (span)
CROSS JOIN LATERAL generate_series(
    p.lower_bound, p.upper_bound - interval '1 microsecond', span) AS step
WHERE step >= valid_from
  AND EXISTS (SELECT FROM {schema}.analytics_events AS e
              WHERE e.timestamp >= step AND e.timestamp < least(step + span, p.upper_bound))

-- name: rollup_mark
-- What the trigger on the events was made of; NULL without one.
SELECT (SELECT obj_description(tgfoid, 'pg_proc') FROM pg_catalog.pg_trigger
        WHERE tgrelid = 'analytics_events'::regclass AND tgname = 'analytics_roll_up')

-- name: drop_rollup_views
-- All in one statement: they depend on one another.
DO $do$
DECLARE
    views text := (SELECT string_agg(oid::regclass::text, ', ') FROM pg_catalog.pg_class
                   WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema()) AND relkind = 'v'
                     AND starts_with(relname, 'analytics_'));
BEGIN
    IF views IS NOT NULL THEN
        EXECUTE 'DROP VIEW ' || views;
    END IF;
END
$do$

-- name: grant_rollups
-- Who may read the list of rollups may read them.
DO $do$
DECLARE
    right_ record;
BEGIN
    FOR right_ IN
        SELECT part.oid::regclass AS name, grantee.rolname
        FROM pg_catalog.pg_class AS list, aclexplode(list.relacl) AS acl
        JOIN pg_catalog.pg_roles AS grantee ON grantee.oid = acl.grantee
        CROSS JOIN pg_catalog.pg_class AS part
        WHERE list.oid = 'analytics_rollups'::regclass AND acl.privilege_type = 'SELECT'
          AND acl.grantee <> list.relowner
          AND part.relnamespace = list.relnamespace AND part.relkind IN ('r', 'v')
          AND (part.relkind = 'v' AND starts_with(part.relname, 'analytics_')
               OR starts_with(part.relname, 'analytics_rollup_')
               OR part.relname IN ('analytics_users', 'stat_environment_updates'))
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO %I', right_.name, right_.rolname);
    END LOOP;
END
$do$

-- name: next_pending_rollup
SELECT name, version, lower, upper, count(*) OVER () AS pending
FROM {schema}.analytics_rollup_pending ORDER BY lower DESC, name LIMIT 1

-- name: take_pending_rollup
DELETE FROM {schema}.analytics_rollup_pending WHERE name = $1 AND version = $2 AND lower = $3

-- name: select_newest_rollups
SELECT DISTINCT ON (name) definition FROM {schema}.analytics_rollups ORDER BY name, version DESC

-- name: rollup_status
SELECT DISTINCT ON (r.name) r.name, r.version, r.valid_from,
       (SELECT count(*) FROM {schema}.analytics_rollup_pending AS p
        WHERE p.name = r.name AND p.version = r.version) AS pending
FROM {schema}.analytics_rollups AS r ORDER BY r.name, r.version DESC

-- name: create_key
INSERT INTO {schema}.analytics_keys (name, role, hash, prefix) VALUES ($1, $2, $3, $4)
RETURNING id

-- name: select_keys
SELECT id, name, role, prefix, created_at, revoked_at, last_used_on::text AS last_used_on
FROM {schema}.analytics_keys ORDER BY created_at, id

-- name: revoke_key
-- By its name, its prefix or its id.
UPDATE {schema}.analytics_keys SET revoked_at = clock_timestamp()
WHERE revoked_at IS NULL AND (name = $1 OR prefix = $1 OR id::text = $1)
