-- Ingest only appends; rolling up comes later.
--
-- Each transaction that stores events draws a number. Its events carry the number, and one row of
-- analytics_pending has it: whoever sees the one sees the other. analytics_roll_up takes such rows, merges
-- their events into the rollups and deletes the rows, in one transaction. Who reads a rollup adds the events
-- that are still pending, in the same snapshot. So no figure depends on a clock, a position in a log or the
-- order of transactions, and no writer waits for another. See ARCHITECTURE.md, decision 18.

DROP TRIGGER IF EXISTS analytics_roll_up ON analytics_events;
DROP FUNCTION IF EXISTS analytics_roll_up();

CREATE SEQUENCE analytics_batches;

CREATE TABLE analytics_pending (
    batch           bigint         PRIMARY KEY,
    -- Where its events lie, both ends included; NULL: anywhere.
    times           tstzmultirange,
    -- How many there are at most; NULL where nobody has said.
    events          bigint,
    -- Of a large batch, the events up to this key are in the rollups already.
    after_timestamp timestamptz    NOT NULL DEFAULT '-infinity',
    after_id        uuid           NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    stored_at       timestamptz    NOT NULL DEFAULT now()
);

COMMENT ON TABLE analytics_pending IS
    'Batches of events that the rollups do not have yet. Read it by analytics_pending_batches().';

-- Where to look for pending batches. Their rows come and go, and as long as somebody holds a snapshot the dead
-- ones stay: so nobody reads the table from its beginning.
CREATE TABLE analytics_rolled_up (
    is_only   boolean        PRIMARY KEY DEFAULT true CHECK (is_only),
    -- A batch is pending if its number is higher, or one of the others, and its row is visible.
    highest   bigint         NOT NULL DEFAULT 0,
    others    int8multirange NOT NULL DEFAULT '{}',
    -- Every transaction that drew one of the numbers so far has a lower id; NULL where that is not known.
    horizon   xid8
);

INSERT INTO analytics_rolled_up DEFAULT VALUES;

-- The batches that this snapshot sees and the rollups, as it sees them, do not have.
CREATE FUNCTION analytics_pending_batches() RETURNS SETOF analytics_pending
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT
-- By the key, also where there are few rows. What is off counts as dear, and what is dear is compiled and given
-- to workers.
SET enable_seqscan = off
SET jit = off
SET max_parallel_workers_per_gather = 0
AS $function$
DECLARE
    standing analytics_rolled_up;
BEGIN
    SELECT * INTO standing FROM analytics_rolled_up;
    RETURN QUERY SELECT p.* FROM analytics_pending AS p WHERE p.batch > standing.highest;
    IF NOT isempty(standing.others) THEN
        RETURN QUERY
            SELECT p.* FROM unnest(standing.others) AS other, analytics_pending AS p
            WHERE p.batch >= lower(other) AND p.batch < upper(other);
    END IF;
END
$function$;

-- Draws a number for a transaction, once: a savepoint that is rolled back takes number and row back together.
--
-- The number lies above all that were rolled up, also where a restore or a switch-over set the sequence back.
CREATE FUNCTION analytics_mark_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
SET timezone = 'UTC'
AS $function$
DECLARE
    present CONSTANT text := current_setting(TG_ARGV[0], true);
    stored_times tstzmultirange := nullif(current_setting('analytics.stored_times', true), '');
    stored_events bigint := nullif(current_setting('analytics.stored_events', true), '');
    number bigint;
    least_ bigint;
BEGIN
    IF present <> '' AND EXISTS (SELECT FROM analytics_pending
                                 WHERE batch = present::bigint AND after_timestamp = '-infinity') THEN
        -- Another statement of the transaction: what was said of the first one's events is not all.
        UPDATE analytics_pending SET times = NULL, events = NULL
        WHERE batch = present::bigint AND (times IS NOT NULL OR events IS NOT NULL);
        RETURN NULL;
    END IF;
    -- What somebody's own trigger makes of the events, nobody can say before.
    IF stored_times IS NOT NULL AND EXISTS (
        SELECT FROM pg_catalog.pg_trigger AS t
        JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
        WHERE t.tgtype & 7 = 7 AND t.tgenabled <> 'D' AND NOT t.tgisinternal
          AND t.tgname <> 'analytics_erase_new_event'
          AND NOT starts_with(f.pronamespace::regnamespace::text, '_timescaledb_')
          AND (t.tgrelid = TG_RELID
               OR t.tgrelid IN (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = TG_RELID))
    ) THEN
        stored_times := NULL;
        stored_events := NULL;
    END IF;
    -- The transaction's id comes before the number: see analytics_rolled_up.horizon.
    PERFORM pg_current_xact_id();
    FOR attempt IN 1..1000 LOOP
        number := nextval('analytics_batches');
        INSERT INTO analytics_pending (batch, times, events)
        VALUES (number, stored_times, stored_events) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            -- In a snapshot of its own: who rolls up may have ended what the INSERT waited for.
            EXIT WHEN (SELECT highest FROM analytics_rolled_up) < number;
            DELETE FROM analytics_pending WHERE batch = number;
        END IF;
        IF attempt = 1000 THEN
            RAISE EXCEPTION 'analytics_batches gives no new number'
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        least_ := greatest((SELECT highest FROM analytics_rolled_up), (SELECT max(batch) FROM analytics_pending));
        IF (SELECT last_value FROM analytics_batches) < least_ THEN
            PERFORM setval('analytics_batches', least_);
        END IF;
    END LOOP;
    PERFORM set_config(TG_ARGV[0], number::text, true),
            set_config('analytics.stored_times', '', true),
            set_config('analytics.stored_events', '', true);
    RETURN NULL;
END
$function$;

-- Stands where the trigger has not run: an INSERT straight into a partition, a replica, a session that
-- turned triggers off. The event would be in no report.
CREATE FUNCTION analytics_no_batch() RETURNS bigint
LANGUAGE plpgsql STABLE
AS $function$
BEGIN
    RAISE EXCEPTION 'this INSERT goes around the triggers of analytics_events: insert into analytics_events itself'
        USING ERRCODE = 'object_not_in_prerequisite_state';
END
$function$;

-- 0: stored before there were batches, and in the rollups.
ALTER TABLE analytics_events ADD COLUMN batch bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN analytics_events.batch IS
    'Which transaction stored the event, by a number of its own. Never given by who inserts.';

-- Gives new events their numbers. The setting has the installation's name, for one transaction may write into
-- two of them.
--
-- The DEFAULT is stable and the trigger has no transition table: with anything else COPY into a partitioned
-- table would insert row by row.
CREATE FUNCTION analytics_number_batches() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
AS $function$
DECLARE
    setting CONSTANT text := 'analytics.batch_'
        || (SELECT replace(id::text, '-', '') FROM analytics_instance);
BEGIN
    EXECUTE format(
        'ALTER TABLE analytics_events ALTER COLUMN batch SET DEFAULT coalesce('
        'nullif(current_setting(%L, true), '''')::bigint, analytics_no_batch())', setting);
    EXECUTE format(
        'CREATE TRIGGER analytics_mark_batch BEFORE INSERT ON analytics_events '
        'FOR EACH STATEMENT EXECUTE FUNCTION analytics_mark_batch(%L)', setting);
END
$function$;

SELECT analytics_number_batches();

CREATE INDEX ON analytics_events USING brin (batch) WITH (autosummarize = on);

ALTER TABLE analytics_rollups
    -- SQL that follows from the definition: see DerivedRollup.
    ADD COLUMN derived    jsonb NOT NULL DEFAULT '{}',
    -- Why events could not be merged into it, and when that was tried last.
    ADD COLUMN problem    text,
    ADD COLUMN problem_at timestamptz;

COMMENT ON TABLE analytics_rollup_pending IS
    'Ranges of time in which a rollup has no figures yet; analytics_fill_in computes one.';

-- These names are views from here on: what is kept, with what is pending.
DROP TABLE stat_environment_updates;
ALTER TABLE analytics_users RENAME TO analytics_users_kept;
CREATE VIEW analytics_users AS SELECT * FROM analytics_users_kept;

-- Who changes rollups takes turns.
CREATE FUNCTION analytics_roll_up_lock()
RETURNS TABLE (class_id integer, object_id integer)
LANGUAGE sql STABLE
SET search_path FROM CURRENT
AS $function$
    SELECT 'analytics_pending'::regclass::oid::integer, hashtext('analytics_roll_up')
$function$;

-- Until the transaction ends. A client that vanished without a word must not keep the others from it for hours.
CREATE FUNCTION analytics_lock_rollups(waits boolean DEFAULT true) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM set_config('idle_in_transaction_session_timeout', '60s', true),
            set_config('tcp_keepalives_idle', '60', true);
    IF waits THEN
        PERFORM pg_advisory_xact_lock(class_id, object_id) FROM analytics_roll_up_lock();
        RETURN true;
    END IF;
    RETURN (SELECT pg_try_advisory_xact_lock(class_id, object_id) FROM analytics_roll_up_lock());
END
$function$;

-- MARK: Conditions on events `e`, as text. Constants tell the planner which partitions to read.

-- By the day, since a batch may have a few events of long ago.
CREATE FUNCTION analytics_in_times(times tstzmultirange) RETURNS text
LANGUAGE sql STABLE
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $function$
    SELECT CASE WHEN count(*) <= 32
                THEN format('(%s)', coalesce(string_agg(
                    format('e.timestamp >= %L AND e.timestamp <= %L', lower, upper), ' OR '), 'false'))
                ELSE format('e.timestamp >= %L AND e.timestamp <= %L', min(lower), max(upper)) END
    FROM (SELECT min(lower(part)) AS lower, max(upper(part)) AS upper
          FROM unnest(times) AS part GROUP BY analytics_day(lower(part))) AS days
$function$;

CREATE FUNCTION analytics_in_batches(batches int8multirange) RETURNS text
LANGUAGE sql STABLE
AS $function$
    SELECT CASE WHEN count(*) <= 32
                THEN format('(%s)', coalesce(string_agg(
                    format('e.batch >= %s AND e.batch < %s', lower(part), upper(part)), ' OR '), 'false'))
                ELSE format('(e.batch >= %s AND e.batch < %s AND e.batch <@ %L::int8multirange)',
                            min(lower(part)), max(upper(part)), batches) END
    FROM unnest(batches) AS part
$function$;

-- Of a batch that was rolled up in part, leaves out the events that the rollups have already.
CREATE FUNCTION analytics_but_begun(pending analytics_pending) RETURNS text
LANGUAGE sql STABLE
AS $function$
    SELECT format(' AND NOT (e.batch = %s AND e.timestamp <= %L AND (e.timestamp, e.id) <= (%2$L, %L))',
                  pending.batch, pending.after_timestamp, pending.after_id)
$function$;

-- Which events are pending; NULL if none are.
--
-- Above the highest number all that the snapshot sees are: an event is visible exactly if its batch's row is.
CREATE FUNCTION analytics_are_pending() RETURNS text
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $function$
DECLARE
    found_ record;
BEGIN
    SELECT count(*) AS batches, bool_or(p.times IS NULL) AS is_anywhere, range_agg(p.times) AS times,
           min(r.highest) AS highest,
           range_agg(int8range(p.batch, p.batch + 1)) FILTER (WHERE p.batch <= r.highest) AS others,
           string_agg(analytics_but_begun(p), '') FILTER (WHERE p.after_timestamp > '-infinity') AS begun
    INTO found_
    FROM analytics_pending_batches() AS p, analytics_rolled_up AS r;
    IF found_.batches = 0 THEN
        RETURN NULL;
    END IF;
    RETURN concat(
        format('(e.batch > %s', found_.highest), ' OR ' || analytics_in_batches(found_.others), ')', found_.begun,
        CASE WHEN NOT found_.is_anywhere THEN ' AND ' || analytics_in_times(found_.times) END);
END
$function$;

-- Which events the rollups do not have, whether or not this snapshot sees them: also those that come later.
CREATE FUNCTION analytics_are_not_rolled_up() RETURNS text
LANGUAGE sql STABLE
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $function$
    SELECT format('(e.batch > %s OR %s)', r.highest, analytics_in_batches(r.others))
           || coalesce((SELECT string_agg(analytics_but_begun(p), '') FROM analytics_pending_batches() AS p
                        WHERE p.after_timestamp > '-infinity'), '')
    FROM analytics_rolled_up AS r
$function$;

-- Which events a rollup counts: not those in ranges that it is still to be computed for.
CREATE FUNCTION analytics_are_live(rollup_name text, rollup_version integer) RETURNS text
LANGUAGE sql STABLE
SET search_path FROM CURRENT
AS $function$
    SELECT CASE WHEN EXISTS (SELECT FROM analytics_rollup_pending AS p
                             WHERE p.name = rollup_name AND p.version = rollup_version)
                THEN format('NOT EXISTS (SELECT FROM analytics_rollup_pending AS p '
                            'WHERE p.name = %L AND p.version = %s '
                            'AND e.timestamp >= p.lower AND e.timestamp < p.upper)', rollup_name, rollup_version)
                ELSE 'true' END
$function$;

CREATE FUNCTION analytics_events_where(condition text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $function$
    SELECT 'SELECT e.timestamp, e.event_type, e.service, e.environment, e.user_id, e.data '
           'FROM analytics_events AS e WHERE ' || condition
$function$;

-- MARK: Reading

-- The rows that the pending events make in one of a rollup's relations. Views add them to what is kept.
CREATE FUNCTION analytics_pending_rows(rollup_name text, relation text) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET jit = off
AS $function$
DECLARE
    pending CONSTANT text := analytics_are_pending();
    rollup record;
BEGIN
    IF pending IS NULL THEN
        RETURN;
    END IF;
    SELECT r.version, r.derived->'relations'->relation->>'rows' AS rows INTO rollup
    FROM analytics_rollups AS r WHERE r.name = rollup_name ORDER BY r.version DESC LIMIT 1;
    RETURN QUERY EXECUTE format(
        'WITH %I AS (%s AND %s) %s', rollup_name || ' events', analytics_events_where(pending),
        analytics_are_live(rollup_name, rollup.version), rollup.rows);
END
$function$;

-- MARK: Rolling up

-- Merges events into rollups, each of them read once.
CREATE FUNCTION analytics_merge(condition text, names text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
SET work_mem = '64MB'
SET jit = off
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
               '%I AS NOT MATERIALIZED (SELECT * FROM events AS e WHERE %s), %s',
               name || ' events', analytics_are_live(name, version), derived->>'merging'), ', ')
    INTO parts
    FROM (SELECT DISTINCT ON (name) name, version, derived FROM analytics_rollups
          WHERE name = ANY (names) ORDER BY name, version DESC) AS newest;
    EXECUTE format('WITH events AS MATERIALIZED (%s), %s SELECT', analytics_events_where(condition), parts);
END
$function$;

-- Empties a rollup between two instants.
CREATE FUNCTION analytics_empty_rollup(
    rollup_name text, rollup_version integer, lower timestamptz, upper timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
AS $function$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT value->>'table' AS name, value->>'time' AS instant
        FROM analytics_rollups AS r, jsonb_each(r.derived->'relations')
        WHERE r.name = rollup_name AND r.version = rollup_version
    LOOP
        EXECUTE format('DELETE FROM %I WHERE %I >= $1 AND %2$I < $2', part.name, part.instant)
        USING lower, upper;
    END LOOP;
END
$function$;

-- Sets a day of a rollup aside that events could not be merged into: then it holds up no other. The figures that
-- it has stay until it can be computed anew.
CREATE FUNCTION analytics_set_rollup_aside(rollup_name text, day timestamptz, reason text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
AS $function$
DECLARE
    newest integer;
BEGIN
    UPDATE analytics_rollups SET problem = reason, problem_at = clock_timestamp()
    WHERE (name, version) = (SELECT name, max(version) FROM analytics_rollups
                             WHERE name = rollup_name GROUP BY name)
    RETURNING version INTO newest;
    -- Where raw events are gone, what is kept is all there is.
    INSERT INTO analytics_rollup_pending (name, version, lower, upper)
    SELECT rollup_name, newest, day, day + interval '1 day'
    WHERE day >= coalesce((SELECT dropped_before FROM analytics_retention), '-infinity')
      AND NOT EXISTS (SELECT FROM analytics_rollup_pending AS p
                      WHERE p.name = rollup_name AND p.version = newest
                        AND p.lower < day + interval '1 day' AND p.upper > day);
END
$function$;

-- Learns where the events of batches lie that nobody has said that of. All are found by one look.
CREATE FUNCTION analytics_find_batches() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET jit = off
AS $function$
DECLARE
    unknown CONSTANT int8multirange := (
        SELECT range_agg(int8range(batch, batch + 1))
        FROM (SELECT batch FROM analytics_pending_batches() WHERE events IS NULL OR times IS NULL
              ORDER BY batch LIMIT 10000) AS p);
BEGIN
    IF unknown IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'WITH days AS ('
        'SELECT e.batch, min(e.timestamp) AS lower, max(e.timestamp) AS upper, count(*) AS events '
        'FROM analytics_events AS e WHERE %s GROUP BY e.batch, analytics_day(e.timestamp)), found AS ('
        'SELECT batch, range_agg(tstzrange(lower, upper, ''[]'')) AS times, sum(events)::bigint AS events '
        'FROM days GROUP BY batch) '
        'UPDATE analytics_pending AS p '
        'SET times = coalesce(f.times, ''{}''), events = coalesce(f.events, 0) '
        'FROM (SELECT e.batch FROM analytics_pending AS e WHERE %1$s) AS b LEFT JOIN found AS f USING (batch) '
        'WHERE p.batch = b.batch', analytics_in_batches(unknown));
END
$function$;

-- Merges events, or leaves all as it was where that fails because of them or of a definition. A day is set aside
-- then, if one is named.
CREATE FUNCTION analytics_could_merge(condition text, names text[], day timestamptz DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM analytics_merge(condition, names);
    RETURN true;
EXCEPTION
    WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded
         OR syntax_error_or_access_rule_violation THEN
        IF day IS NOT NULL THEN
            -- What stands between quotation marks may be somebody's.
            PERFORM analytics_set_rollup_aside(names[1], day, format(
                '%s (SQLSTATE %s)', left(regexp_replace(SQLERRM, '"[^"]*"', '"…"', 'g'), 300), SQLSTATE));
        END IF;
        RETURN false;
END
$function$;

-- Merges the oldest pending batches into the rollups, up to so many events, or a part of one that is larger.
-- In READ COMMITTED, for it has to see what others have just rolled up.
--
-- Any number may call it. One works; the others wait, or leave: `is_done` is NULL then. It is true when all is
-- rolled up that was pending when the first call looked, if each next one is given the `upto` of the one before:
-- whoever stores meanwhile keeps nobody at it.
CREATE FUNCTION analytics_roll_up(
    events_max bigint, waits boolean, INOUT upto bigint DEFAULT NULL,
    OUT rolled_up bigint, OUT is_done boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $function$
DECLARE
    -- A transaction without an id gets one below, after all that drew the numbers which it sees.
    is_fresh CONSTANT boolean := pg_current_xact_id_if_assigned() IS NULL;
    chosen record;
    condition text;
    upto_timestamp timestamptz;
    upto_id uuid;
    rollup_name text;
    days timestamptz[];
    day timestamptz;
BEGIN
    rolled_up := 0;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'analytics_roll_up works in READ COMMITTED only'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF NOT analytics_lock_rollups(waits) THEN
        RETURN;
    END IF;
    upto := coalesce(upto, (SELECT max(batch) FROM analytics_pending_batches()));
    -- In a transaction of its own: one that has written has its id already (see is_fresh).
    IF (SELECT events IS NULL OR times IS NULL FROM analytics_pending_batches() ORDER BY batch LIMIT 1) THEN
        PERFORM analytics_find_batches();
        is_done := false;
        RETURN;
    END IF;

    -- Of a batch that was begun the rest, alone; or some that are whole. What is not known yet waits for its turn.
    SELECT range_agg(int8range(batch, batch + 1)) AS batches, range_agg(times) AS times,
           sum(events)::bigint AS events, max(batch) AS highest,
           max(after_timestamp) AS after_timestamp, max(after_id::text)::uuid AS after_id
    INTO chosen
    FROM (SELECT *, sum(events) OVER in_order AS sum, row_number() OVER in_order AS place,
                 first_value(is_begun) OVER in_order AS is_first_begun
          FROM (SELECT *, after_timestamp > '-infinity' AS is_begun FROM analytics_pending_batches()
                WHERE events IS NOT NULL AND times IS NOT NULL
                ORDER BY is_begun DESC, batch LIMIT 10000) AS p
          WINDOW in_order AS (ORDER BY is_begun DESC, batch)) AS p
    WHERE place = 1 OR sum <= events_max AND NOT is_first_begun;
    is_done := NOT EXISTS (SELECT FROM analytics_pending_batches() AS p
                           WHERE p.batch <= upto AND p.batch <@ chosen.batches IS NOT TRUE);
    IF chosen.batches IS NULL THEN
        RETURN;
    END IF;
    PERFORM pg_current_xact_id();

    condition := analytics_in_batches(chosen.batches) || ' AND ' || analytics_in_times(chosen.times);
    IF chosen.after_timestamp > '-infinity' THEN
        condition := format('%s AND e.timestamp >= %L AND (e.timestamp, e.id) > (%2$L, %3$L)',
                            condition, chosen.after_timestamp, chosen.after_id);
    END IF;
    IF chosen.events > events_max THEN
        EXECUTE format('SELECT e.timestamp, e.id FROM analytics_events AS e WHERE %s '
                       'ORDER BY e.timestamp, e.id OFFSET %s LIMIT 1', condition, events_max - 1) INTO upto_timestamp, upto_id;
        IF upto_id IS NOT NULL THEN
            condition := format('%s AND e.timestamp <= %L AND (e.timestamp, e.id) <= (%2$L, %3$L)',
                                condition, upto_timestamp, upto_id);
        END IF;
    END IF;

    -- All at once; else each rollup by itself; else each day of it.
    IF NOT analytics_could_merge(condition, ARRAY(SELECT name FROM analytics_rollups)) THEN
        EXECUTE format('SELECT array_agg(DISTINCT analytics_day(e.timestamp)) FROM analytics_events AS e WHERE %s',
                       condition) INTO days;
        FOR rollup_name IN SELECT DISTINCT name FROM analytics_rollups ORDER BY name LOOP
            CONTINUE WHEN analytics_could_merge(condition, ARRAY[rollup_name]);
            FOREACH day IN ARRAY coalesce(days, '{}') LOOP
                PERFORM analytics_could_merge(
                    format('%s AND e.timestamp >= %L AND e.timestamp < %L', condition, day, day + interval '1 day'),
                    ARRAY[rollup_name], day);
            END LOOP;
        END LOOP;
    END IF;

    IF upto_id IS NOT NULL THEN
        UPDATE analytics_pending SET after_timestamp = upto_timestamp, after_id = upto_id
        WHERE batch = chosen.highest;
        rolled_up := events_max;
        is_done := false;
        RETURN;
    END IF;
    DELETE FROM analytics_pending AS p USING unnest(chosen.batches) AS part
    WHERE p.batch >= lower(part) AND p.batch < upper(part);
    -- Numbers up to the highest that were not seen: of transactions that go on, or were rolled back. Once all
    -- have ended that drew them, those that are still not seen never will be.
    UPDATE analytics_rolled_up AS r
    SET highest = greatest(r.highest, chosen.highest),
        others = (CASE WHEN pg_snapshot_xmin(pg_current_snapshot()) >= r.horizon
                       THEN coalesce((SELECT range_agg(int8range(p.batch, p.batch + 1))
                                      FROM unnest(r.others) AS other, analytics_pending AS p
                                      WHERE p.batch >= lower(other) AND p.batch < upper(other)), '{}')
                       ELSE r.others END
                  + int8multirange(CASE WHEN chosen.highest > r.highest
                                        THEN int8range(r.highest + 1, chosen.highest + 1) ELSE 'empty' END))
                 - chosen.batches,
        horizon = CASE WHEN is_fresh THEN pg_current_xact_id() END;
    rolled_up := chosen.events;
END
$function$;

-- Computes one range that a rollup is still to be computed for, anew. False if somebody else was faster.
CREATE FUNCTION analytics_fill_in(
    rollup_name text, rollup_version integer, range_lower timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $function$
DECLARE
    range_upper timestamptz;
BEGIN
    PERFORM analytics_lock_rollups();
    DELETE FROM analytics_rollup_pending
    WHERE name = rollup_name AND version = rollup_version AND lower = range_lower
    RETURNING upper INTO range_upper;
    IF range_upper IS NULL THEN
        RETURN false;
    END IF;
    -- A newer version has ranges of its own.
    IF EXISTS (SELECT FROM analytics_rollups AS r WHERE r.name = rollup_name AND r.version > rollup_version) THEN
        RETURN true;
    END IF;
    -- Nor can be computed anew what has no raw events any more: what is kept is all there is.
    IF NOT EXISTS (SELECT FROM analytics_partitions() WHERE lower_bound <= range_lower AND upper_bound > range_lower) THEN
        RETURN true;
    END IF;
    PERFORM analytics_empty_rollup(rollup_name, rollup_version, range_lower, range_upper);
    -- All others are counted when they are rolled up.
    PERFORM analytics_merge(
        format('e.timestamp >= %L AND e.timestamp < %L AND (%s) IS NOT TRUE', range_lower, range_upper,
               analytics_are_not_rolled_up()), ARRAY[rollup_name]);
    RETURN true;
END
$function$;

-- How far rolling up is behind, for who may read: nothing of the events themselves. Of a batch that nobody has
-- looked at yet, one event at least.
CREATE FUNCTION analytics_rolling_up(OUT batches bigint, OUT events bigint, OUT oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
    SELECT count(*), coalesce(sum(coalesce(p.events, 1)), 0)::bigint, min(p.stored_at)
    FROM analytics_pending_batches() AS p
$function$;

REVOKE ALL ON FUNCTION analytics_pending_rows(text, text), analytics_roll_up(bigint, boolean, bigint),
    analytics_fill_in(text, integer, timestamptz), analytics_rolling_up(), analytics_lock_rollups(boolean),
    analytics_mark_batch() FROM PUBLIC;
