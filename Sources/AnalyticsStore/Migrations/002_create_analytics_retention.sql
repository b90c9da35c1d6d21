-- What upkeep remembers, and what ingest has to know of it.
--
-- A dropped partition takes its keys along: an event from its days that came again would be stored
-- a second time. So the database says up to where raw events were dropped, and ingest passes over
-- older ones.

-- One row, from the first drop on.
CREATE TABLE analytics_retention (
    is_only        boolean     PRIMARY KEY DEFAULT true CHECK (is_only),
    dropped_before timestamptz NOT NULL
);

COMMENT ON COLUMN analytics_retention.dropped_before IS
    'Older events were dropped, or are about to be. Raised before the drop; must never fall.';

-- Partitions on their way out. Detaching cannot be done in a transaction, so a crash can leave one
-- detached by half, or detached and not dropped; the next run finds it here.
CREATE TABLE analytics_partitions_to_drop (
    name text PRIMARY KEY
);

-- What ingest may store: [accepts_from, accepts_before). The server's clock decides, since it is
-- the one that all services share.
CREATE FUNCTION analytics_ingest_bounds()
RETURNS TABLE (accepts_from timestamptz, accepts_before timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
    SELECT coalesce((SELECT r.dropped_before FROM analytics_retention AS r), '-infinity'),
           now() + interval '24 hours'
$function$;

-- The lock that every storing transaction shares, as pg_locks has it.
CREATE FUNCTION analytics_ingest_lock()
RETURNS TABLE (class_id integer, object_id integer)
LANGUAGE sql STABLE
SET search_path FROM CURRENT
AS $function$
    SELECT 'analytics_retention'::regclass::oid::integer, hashtext('analytics_begin_ingest')
$function$;

-- The transactions that hold it.
CREATE FUNCTION analytics_ingests_under_way()
RETURNS text[]
LANGUAGE sql VOLATILE
SET search_path FROM CURRENT
AS $function$
    SELECT coalesce(array_agg(pid || ' ' || virtualtransaction), '{}')
    FROM pg_catalog.pg_locks
    JOIN analytics_ingest_lock() AS l
        ON classid = l.class_id::oid AND objid = l.object_id::oid AND objsubid = 2
    WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
$function$;

-- Begins a transaction that stores events: in READ COMMITTED, and before anything is stored.
--
-- First the lock, then a look at the bounds with a snapshot of its own. Retention raises the
-- boundary, commits, and drops only when all who held the lock at that moment are gone: whoever
-- takes it later sees the new boundary. So nobody ever waits for retention here.
CREATE FUNCTION analytics_begin_ingest()
RETURNS TABLE (transaction text, accepts_from timestamptz, accepts_before timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(l.class_id, l.object_id) FROM analytics_ingest_lock() AS l;
    RETURN QUERY
        SELECT pg_current_xact_id()::text, b.accepts_from, b.accepts_before
        FROM analytics_ingest_bounds() AS b;
END
$function$;

REVOKE ALL ON FUNCTION analytics_ingest_bounds() FROM PUBLIC;
REVOKE ALL ON FUNCTION analytics_begin_ingest() FROM PUBLIC;
