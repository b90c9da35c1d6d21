-- Who was seen is kept as sets of small numbers.
--
-- A dictionary gives each member of a distinct measure a number: users theirs, texts by kind. Numbers are cut into
-- chunks of 32,000. A set has a row for each chunk: of a UTC day bits, of a quarter of an hour packed ones (see
-- analytics_packed). So distinct members of any stretch of time are an OR, and who was there on 30 days of a
-- million users is read in a few megabytes. See ARCHITECTURE.md, decision 20.
--
-- Columns and names that no dimension can collide with begin with an underscore.

-- Who rolls up would wait for a table of ours, and we for one of theirs.
SELECT analytics_lock_rollups();
SET LOCAL work_mem = '64MB';
SET LOCAL jit = off;

-- MARK: Sets
--
-- Their bodies are bound when they are made: views that use them can be read with any search_path.

-- The set of one place.
CREATE FUNCTION analytics_bit(place integer) RETURNS bit(32000)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN set_bit(0::bit(32000), place, 1);

-- The bits of 1,000 places, which are set faster than those of all, where they belong among all.
CREATE FUNCTION analytics_block(bits bit(1000), block integer) RETURNS bit(32000)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN bits::bit(32000) >> block * 1000;

-- Places one behind the other, two bytes each. What is stored compressed is unpacked once, and not for each byte;
-- and what is done with the places does not carry all of them along.
CREATE FUNCTION analytics_places_of_bytes(places bytea) RETURNS SETOF integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT get_byte(m, 2 * i) * 256 + get_byte(m, 2 * i + 1)
    FROM (SELECT places || ''::bytea AS m OFFSET 0) AS s, generate_series(0, length(m) / 2 - 1) AS i
    OFFSET 0;
END;

CREATE FUNCTION analytics_packed_bits(members bit(32000)) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN substring(bit_send(members) FROM 5);

CREATE FUNCTION analytics_bits_of_places(places bytea) RETURNS bit(32000)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT coalesce(bit_or(analytics_block(bits, block)), 0::bit(32000))
        FROM (SELECT place / 1000 AS block, bit_or(set_bit(0::bit(1000), place % 1000, 1)) AS bits
              FROM analytics_places_of_bytes(places) AS place GROUP BY 1) AS blocks);

-- A packed set: fewer than 2,000 places, in order, two bytes each; or else the bits, which are 4,000 bytes.
CREATE FUNCTION analytics_packed(places bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN length(places) < 4000 THEN places
            ELSE analytics_packed_bits(analytics_bits_of_places(places)) END;

-- The places of a packed set. bytea counts the bits of a byte from the right.
CREATE FUNCTION analytics_places(members bytea) RETURNS SETOF integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT place FROM analytics_places_of_bytes(members) AS place WHERE length(members) <> 4000
    UNION ALL
    SELECT i FROM (SELECT members || ''::bytea AS m WHERE length(members) = 4000 OFFSET 0) AS s,
                  generate_series(0, 31999) AS i
    WHERE get_bit(m, i / 8 * 8 + 7 - i % 8) = 1;
END;

-- A packed set as bits.
CREATE FUNCTION analytics_bits(members bytea) RETURNS bit(32000)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN length(members) = 4000 THEN ('x' || encode(members, 'hex'))::bit(32000)
            ELSE analytics_bits_of_places(members) END;

CREATE FUNCTION analytics_united(one bytea, other bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN length(one) = 4000 OR length(other) = 4000
            THEN analytics_packed_bits(analytics_bits(one) | analytics_bits(other))
            ELSE (SELECT analytics_packed(coalesce(string_agg(int2send(place::smallint), '' ORDER BY place), ''))
                  FROM (SELECT place FROM analytics_places_of_bytes(one) AS place
                        UNION
                        SELECT place FROM analytics_places_of_bytes(other) AS place) AS p) END;

CREATE AGGREGATE analytics_union(bytea) (sfunc = analytics_united, stype = bytea, parallel = safe);

-- Packed sets and bits have the same two functions.
CREATE FUNCTION analytics_without(members bytea, places integer[]) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT analytics_packed(coalesce(string_agg(int2send(place::smallint), '' ORDER BY place), ''))
        FROM analytics_places(members) AS place WHERE place <> ALL (places));

CREATE FUNCTION analytics_without(members bit(32000), places integer[]) RETURNS bit(32000)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT members & ~coalesce(bit_or(analytics_bit(place)), 0::bit(32000)) FROM unnest(places) AS place);

CREATE FUNCTION analytics_has(members bytea, place integer) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN length(members) = 4000 THEN get_bit(members, place / 8 * 8 + 7 - place % 8) = 1
            ELSE place IN (SELECT p FROM analytics_places_of_bytes(members) AS p) END;

CREATE FUNCTION analytics_has(members bit(32000), place integer) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN get_bit(members, place) = 1;

-- MARK: Numbers

-- The next number of each kind. None is ever given twice, also where somebody was erased.
CREATE TABLE analytics_numbers (
    kind text    COLLATE "C" PRIMARY KEY,
    next integer NOT NULL
);

-- Seen by every snapshot that sees what this migration made.
INSERT INTO analytics_numbers VALUES ('', 0);

-- Members that are texts: see Source.kind.
CREATE TABLE analytics_members_kept (
    kind   text    COLLATE "C" NOT NULL,
    member text    COLLATE "C" NOT NULL,
    number integer NOT NULL,
    PRIMARY KEY (kind, member),
    UNIQUE (kind, number)
);

-- Whom each UTC day saw for the first time. Numbers are given in the order of arrival, so the ranges are few where
-- events arrive about in the order of their times.
CREATE TABLE analytics_users_by_first_day_kept (
    first_day timestamptz    PRIMARY KEY,
    numbers   int4multirange NOT NULL
);

CREATE TABLE analytics_users_with_numbers (
    user_id   uuid        NOT NULL,
    number    integer     NOT NULL,
    first_day timestamptz NOT NULL
) WITH (fillfactor = 85);

-- The next number of a kind. Whoever took a snapshot before this migration and waited for it would find nobody.
CREATE FUNCTION analytics_next_number(members_kind text) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM analytics_numbers WHERE kind = '') THEN
        RAISE EXCEPTION 'the tables were migrated meanwhile: ask again' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN coalesce((SELECT next FROM analytics_numbers WHERE kind = members_kind), 0);
END
$function$;

-- MARK: What there is. Reports go on until all of it is there anew.

-- As Rollup.identifier(_:) has it.
CREATE FUNCTION analytics_identifier(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $function$
DECLARE
    mark bigint := 0;
BEGIN
    IF length(name) <= 63 THEN
        RETURN name;
    END IF;
    FOR place IN 1..length(name) LOOP
        mark := (mark * 257 + ascii(substr(name, place, 1))) % 2147483647;
    END LOOP;
    RETURN left(name, 62 - length(to_hex(mark))) || '_' || to_hex(mark);
END
$function$;

-- PostgreSQL cut names that were too long, before their version too: then the newest one has all there is.
CREATE TABLE analytics_distinct_measures AS
SELECT left(format('analytics_rollup_%s_%s_v%s', r.name, m.value->>'name', r.version), 63) AS old,
       format('analytics_rollup_%s_%s', r.name, m.value->>'name') AS relation, r.version,
       CASE source.key WHEN 'userID' THEN 'user_id' WHEN 'eventType' THEN 'event_type'
                       WHEN 'field' THEN 'data.' || (source.value->>'_0') ELSE source.key END AS kind,
       ARRAY(SELECT quote_ident(d.value->>'name')
             FROM jsonb_array_elements(r.definition::jsonb->'dimensions') WITH ORDINALITY AS d (value, place)
             ORDER BY place) AS dimensions,
       false AS has_rows
FROM analytics_rollups AS r
CROSS JOIN jsonb_array_elements(r.definition::jsonb->'measures') AS m
CROSS JOIN jsonb_each(m.value->'kind'->'distinct'->'_0') AS source;

UPDATE analytics_distinct_measures AS m SET has_rows = true
FROM (SELECT DISTINCT ON (old) old, relation, version FROM analytics_distinct_measures
      WHERE to_regclass(quote_ident(old)) IS NOT NULL ORDER BY old, version DESC) AS newest
WHERE (m.old, m.relation, m.version) = (newest.old, newest.relation, newest.version);

DO $do$
DECLARE
    part record;
    rows text;
    quarters text;
    days text;
    columns text;
BEGIN
    INSERT INTO analytics_users_with_numbers
    SELECT user_id, row_number() OVER (ORDER BY first_day, user_id) - 1, first_day FROM analytics_users_kept;
    ALTER TABLE analytics_users_with_numbers ADD PRIMARY KEY (user_id), ADD UNIQUE (number);
    FOR part IN SELECT * FROM analytics_distinct_measures WHERE has_rows ORDER BY old LOOP
        IF part.kind = 'user_id' THEN
            EXECUTE format('INSERT INTO analytics_users_with_numbers '
                           'SELECT member, (SELECT count(*) FROM analytics_users_with_numbers) '
                           '+ row_number() OVER (ORDER BY first, member) - 1, first '
                           'FROM (SELECT member, min(day) AS first FROM %I GROUP BY member) AS m '
                           'WHERE NOT EXISTS (SELECT FROM analytics_users_with_numbers AS k '
                           'WHERE k.user_id = m.member)', part.old);
        ELSE
            EXECUTE format('INSERT INTO analytics_members_kept '
                           'SELECT %L, member, coalesce((SELECT max(number) + 1 FROM analytics_members_kept '
                           'WHERE kind = %1$L), 0) + row_number() OVER (ORDER BY first, member) - 1 '
                           'FROM (SELECT member, min(day) AS first FROM %2$I GROUP BY member) AS m '
                           'WHERE NOT EXISTS (SELECT FROM analytics_members_kept AS k '
                           'WHERE k.kind = %1$L AND k.member = m.member)', part.kind, part.old);
        END IF;
    END LOOP;
    INSERT INTO analytics_users_by_first_day_kept
    SELECT first_day, range_agg(int4range(number, number + 1)) FROM analytics_users_with_numbers GROUP BY first_day;
    INSERT INTO analytics_numbers
    SELECT 'user_id', max(number) + 1 FROM analytics_users_with_numbers HAVING count(*) > 0
    UNION ALL
    SELECT kind, max(number) + 1 FROM analytics_members_kept GROUP BY kind;
    ANALYZE analytics_users_with_numbers, analytics_members_kept;

    FOR part IN SELECT * FROM analytics_distinct_measures ORDER BY old LOOP
        quarters := analytics_identifier(format('%s_quarterly_v%s', part.relation, part.version));
        days := analytics_identifier(format('%s_daily_v%s', part.relation, part.version));
        columns := array_to_string(array_append(part.dimensions, '_chunk'), ', ');
        rows := array_to_string(ARRAY(SELECT d || ' text COLLATE "C" NOT NULL, ' FROM unnest(part.dimensions) AS d), '');
        EXECUTE format('CREATE TABLE %I (quarter timestamptz NOT NULL, %s _chunk integer NOT NULL, '
                       '_members bytea NOT NULL, PRIMARY KEY (quarter, %s)) WITH (fillfactor = 80)',
                       quarters, rows, columns);
        EXECUTE format('CREATE TABLE %I (day timestamptz NOT NULL, %s _chunk integer NOT NULL, '
                       '_members bit(32000) NOT NULL, PRIMARY KEY (day, %s))', days, rows, columns);
        EXECUTE format('ALTER TABLE %I ALTER COLUMN _members SET STORAGE MAIN', quarters);
        EXECUTE format('ALTER TABLE %I ALTER COLUMN _members SET STORAGE MAIN', days);
        CONTINUE WHEN NOT part.has_rows;
        rows := format('(SELECT f.*, n.number / 32000 AS _chunk, n.number %% 32000 AS _place FROM %I AS f JOIN %s) AS f',
                       part.old,
                       CASE part.kind WHEN 'user_id' THEN 'analytics_users_with_numbers AS n ON n.user_id = f.member'
                                      ELSE format('analytics_members_kept AS n ON n.kind = %L AND n.member = f.member',
                                                  part.kind) END);
        EXECUTE format('INSERT INTO %I SELECT day, %s, bit_or(analytics_block(_bits, _block)) FROM ('
                       'SELECT day, %2$s, _place / 1000 AS _block, '
                       'bit_or(set_bit(0::bit(1000), _place %% 1000, 1)) AS _bits '
                       'FROM %3$s GROUP BY day, %2$s, _block) AS blocks GROUP BY day, %2$s',
                       days, columns, rows);
        -- Most of the 96 bits are not set: eight at a time are looked at.
        EXECUTE format(
            'INSERT INTO %I SELECT day + _quarter * interval ''15 minutes'', %s, '
            'analytics_packed(string_agg(int2send(_place::smallint), '''' ORDER BY _place)) '
            'FROM %s CROSS JOIN LATERAL (SELECT _eight FROM generate_series(0, 88, 8) AS _eight '
            'WHERE substring(f.quarters FROM _eight + 1 FOR 8) <> B''00000000'' OFFSET 0) AS e '
            'CROSS JOIN LATERAL (SELECT _quarter FROM generate_series(_eight, _eight + 7) AS _quarter '
            'WHERE get_bit(f.quarters, _quarter) = 1 OFFSET 0) AS q '
            'GROUP BY day, _quarter, %2$s', quarters, columns, rows);
    END LOOP;

    -- Our views are made again when all migrations are applied. One of somebody's own over them stands in the way.
    SELECT string_agg(oid::regclass::text, ', ') INTO rows FROM pg_catalog.pg_class
    WHERE relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = 'analytics_events'::regclass)
      AND relkind = 'v'
      AND (starts_with(relname, 'analytics_rollup_')
           OR relname IN ('analytics_users', 'stat_environment_updates', 'analytics_daily_active_users',
                          'analytics_task_stats_daily', 'analytics_api_latency_hourly',
                          'analytics_integration_health_daily', 'analytics_auth_events_daily',
                          'analytics_cocoon_activity_daily', 'analytics_errors_hourly'));
    EXECUTE coalesce('DROP VIEW ' || rows, 'SELECT');
    FOR part IN SELECT * FROM analytics_distinct_measures WHERE has_rows LOOP
        EXECUTE format('DROP TABLE %I', part.old);
    END LOOP;
END
$do$;

DROP TABLE analytics_users_kept;
ALTER TABLE analytics_users_with_numbers RENAME TO analytics_users_kept;
ALTER INDEX analytics_users_with_numbers_pkey RENAME TO analytics_users_kept_pkey;
ALTER INDEX analytics_users_with_numbers_number_key RENAME TO analytics_users_kept_number_key;
DROP TABLE analytics_distinct_measures;
DROP FUNCTION analytics_identifier(text);

-- MARK: Merging and reading

-- Common table expressions over `events`: `users` and `members` have the numbers of all that are seen in them. Those
-- who have none get the next ones: kept, or for a statement that only reads.
--
-- The planner cannot know how many there are. So whoever uses this has no joins by nested loops, and the
-- dictionaries, which may be large, are asked by the index.
CREATE FUNCTION analytics_numbering(names text[], keeps boolean) RETURNS text
LANGUAGE sql STABLE
SET search_path FROM CURRENT
AS $function$
    SELECT format($sql$
        seen_users AS MATERIALIZED (
            SELECT user_id, first_day, (k).number, (k).first_day AS kept_day
            FROM (SELECT e.user_id, min(analytics_day(e.timestamp)) AS first_day,
                         (SELECT k FROM analytics_users_kept AS k WHERE k.user_id = e.user_id) AS k
                  FROM events AS e WHERE e.user_id IS NOT NULL GROUP BY e.user_id OFFSET 0) AS s
        ), new_users AS MATERIALIZED (
            SELECT user_id, first_day,
                   (coalesce((SELECT next FROM analytics_numbers WHERE kind = 'user_id'), 0)
                    + row_number() OVER (ORDER BY first_day, user_id) - 1)::integer AS number
            FROM seen_users WHERE number IS NULL
        ), users AS MATERIALIZED (
            SELECT user_id AS member, number FROM seen_users WHERE number IS NOT NULL
            UNION ALL
            SELECT user_id, number FROM new_users
        ), seen_members AS MATERIALIZED (
            SELECT kind, member,
                   (SELECT k.number FROM analytics_members_kept AS k
                    WHERE k.kind = m.kind AND k.member = m.member) AS number
            FROM (SELECT DISTINCT kind, member FROM (%s) AS m) AS m
        ), new_members AS MATERIALIZED (
            SELECT kind, member,
                   (coalesce((SELECT next FROM analytics_numbers AS n WHERE n.kind = s.kind), 0)
                    + row_number() OVER (PARTITION BY kind ORDER BY member) - 1)::integer AS number
            FROM seen_members AS s WHERE number IS NULL
        ), members AS MATERIALIZED (
            SELECT kind, member, number FROM seen_members WHERE number IS NOT NULL
            UNION ALL
            SELECT kind, member, number FROM new_members
        )$sql$,
        coalesce((SELECT string_agg(members, ' UNION ')
                  FROM (SELECT DISTINCT ON (name) derived->>'members' AS members FROM analytics_rollups
                        WHERE name = ANY (names) ORDER BY name, version DESC) AS newest),
                 'SELECT NULL::text COLLATE "C" AS kind, NULL::text COLLATE "C" AS member WHERE false'))
    || CASE WHEN keeps THEN $sql$,
        kept_users AS (
            INSERT INTO analytics_users_kept (user_id, number, first_day)
            SELECT user_id, number, first_day FROM new_users
            UNION ALL
            SELECT user_id, number, first_day FROM seen_users WHERE first_day < kept_day
            ON CONFLICT (user_id) DO UPDATE SET first_day = excluded.first_day
        ), first_days AS (
            INSERT INTO analytics_users_by_first_day_kept AS kept (first_day, numbers)
            SELECT first_day, coalesce(k.numbers, '{}') - gone + come
            FROM (SELECT first_day, coalesce(range_agg(gone), '{}') AS gone, coalesce(range_agg(come), '{}') AS come
                  FROM (SELECT kept_day AS first_day, int4range(number, number + 1) AS gone, NULL::int4range AS come
                        FROM seen_users WHERE first_day < kept_day
                        UNION ALL
                        SELECT first_day, NULL, int4range(number, number + 1)
                        FROM seen_users WHERE first_day < kept_day
                        UNION ALL
                        SELECT first_day, NULL, int4range(number, number + 1) FROM new_users) AS changes
                  GROUP BY first_day) AS c
            LEFT JOIN analytics_users_by_first_day_kept AS k USING (first_day)
            ON CONFLICT (first_day) DO UPDATE SET numbers = excluded.numbers
        ), kept_members AS (
            INSERT INTO analytics_members_kept (kind, member, number) SELECT kind, member, number FROM new_members
        ), next_numbers AS (
            INSERT INTO analytics_numbers (kind, next)
            SELECT kind, max(number) + 1
            FROM (SELECT 'user_id' AS kind, number FROM new_users
                  UNION ALL
                  SELECT kind, number FROM new_members) AS new
            GROUP BY kind
            ON CONFLICT (kind) DO UPDATE SET next = excluded.next
        )$sql$ ELSE '' END
$function$;

-- Numbers for texts that have none, where they come otherwise than with events that are rolled up. Under the lock.
CREATE FUNCTION analytics_give_numbers(members_kind text, names text[]) RETURNS void
LANGUAGE sql VOLATILE
SET search_path FROM CURRENT
AS $function$
    WITH new AS (
        INSERT INTO analytics_members_kept (kind, member, number)
        SELECT members_kind, name,
               coalesce((SELECT next FROM analytics_numbers WHERE kind = members_kind), 0)
               + row_number() OVER (ORDER BY name) - 1
        FROM unnest(names) AS name
        WHERE NOT EXISTS (SELECT FROM analytics_members_kept WHERE kind = members_kind AND member = name)
        RETURNING number
    )
    INSERT INTO analytics_numbers (kind, next)
    SELECT members_kind, max(number) + 1 FROM new HAVING count(*) > 0
    ON CONFLICT (kind) DO UPDATE SET next = excluded.next
$function$;

-- Merges events into rollups, each of them read once.
CREATE OR REPLACE FUNCTION analytics_merge(condition text, names text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
SET work_mem = '64MB'
SET jit = off
SET enable_nestloop = off
AS $function$
DECLARE
    parts text;
BEGIN
    -- The program that migrates derives it when all migrations are applied.
    IF EXISTS (SELECT FROM unnest(names) AS name
               WHERE (SELECT r.derived->>'merging' FROM analytics_rollups AS r
                      WHERE r.name = name.name ORDER BY r.version DESC LIMIT 1) IS NULL)
       OR names = '{}' THEN
        RAISE EXCEPTION 'the rollups are not ready: run `analytics migrate`'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT string_agg(format(
               -- Materialized where a rollup has several tables: then each looks at its own events alone.
               '%I AS (SELECT * FROM events AS e WHERE %s AND %s), %s',
               name || ' events', derived->>'condition', analytics_are_live(name, version),
               derived->>'merging'), ', ')
    INTO parts
    FROM (SELECT DISTINCT ON (name) name, version, derived FROM analytics_rollups
          WHERE name = ANY (names) ORDER BY name, version DESC) AS newest;
    EXECUTE format('WITH events AS MATERIALIZED (%s), %s, %s SELECT', analytics_events_where(condition),
                   analytics_numbering(names, true), parts);
END
$function$;

-- Over the pending events; NULL if there are none. Of every rollup, whichever is asked: so a member has one
-- number in all that a snapshot shows.
CREATE FUNCTION analytics_numbering_of_pending() RETURNS text
LANGUAGE sql STABLE
SET search_path FROM CURRENT
AS $function$
    SELECT format('events AS (%s), %s', analytics_events_where(condition),
                  analytics_numbering(ARRAY(SELECT DISTINCT name FROM analytics_rollups), false))
    FROM (SELECT analytics_are_pending() AS condition) AS pending WHERE condition IS NOT NULL
$function$;

-- The rows that the pending events make in one of a rollup's relations. Views add them to what is kept.
CREATE OR REPLACE FUNCTION analytics_pending_rows(rollup_name text, relation text) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET jit = off
SET enable_nestloop = off
AS $function$
DECLARE
    numbering CONSTANT text := analytics_numbering_of_pending();
    rollup record;
BEGIN
    IF numbering IS NULL THEN
        RETURN;
    END IF;
    SELECT r.version, r.derived->'relations'->relation->>'rows' AS rows INTO rollup
    FROM analytics_rollups AS r WHERE r.name = rollup_name ORDER BY r.version DESC LIMIT 1;
    RETURN QUERY EXECUTE format(
        'WITH %s, %I AS (SELECT * FROM events AS e WHERE %s) %s', numbering, rollup_name || ' events',
        analytics_are_live(rollup_name, rollup.version), rollup.rows);
END
$function$;

-- Users whom the pending events show for the first time, or earlier than what is kept does: `kept_day`.
CREATE FUNCTION analytics_pending_users()
RETURNS TABLE (user_id uuid, number integer, first_day timestamptz, kept_day timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10000
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET jit = off
SET enable_nestloop = off
AS $function$
DECLARE
    numbering CONSTANT text := analytics_numbering_of_pending();
BEGIN
    IF numbering IS NOT NULL THEN
        RETURN QUERY EXECUTE format(
            'WITH %s SELECT n.user_id, n.number, n.first_day, NULL::timestamptz FROM new_users AS n '
            'UNION ALL SELECT s.user_id, s.number, s.first_day, s.kept_day FROM seen_users AS s '
            'WHERE s.first_day < s.kept_day', numbering);
    END IF;
END
$function$;

-- Members that are texts whom only the pending events show.
CREATE FUNCTION analytics_pending_members() RETURNS TABLE (kind text, member text, number integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10000
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET jit = off
SET enable_nestloop = off
AS $function$
DECLARE
    numbering CONSTANT text := analytics_numbering_of_pending();
BEGIN
    IF numbering IS NOT NULL THEN
        RETURN QUERY EXECUTE format('WITH %s SELECT n.kind, n.member, n.number FROM new_members AS n', numbering);
    END IF;
END
$function$;

REVOKE ALL ON FUNCTION analytics_pending_users(), analytics_pending_members() FROM PUBLIC;
