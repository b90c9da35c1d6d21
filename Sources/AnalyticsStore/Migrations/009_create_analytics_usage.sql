-- Usage counters: what is too frequent to be an event. Replicas add what they counted in memory;
-- members are kept as members, so distinct counts are exact over all replicas.

-- One is open; a delta lands wholly in the one that is open when it is written. A period that nobody
-- closed in time goes on until somebody does, so its true start and end are these.
CREATE TABLE analytics_usage_periods (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz CHECK (ended_at >= started_at)
);
CREATE UNIQUE INDEX analytics_usage_open_period
    ON analytics_usage_periods ((ended_at IS NULL)) WHERE ended_at IS NULL;
INSERT INTO analytics_usage_periods DEFAULT VALUES;

-- Inserting the row is what elects the one who closes the period.
CREATE TABLE telemetry_locks (
    event_type       text        NOT NULL,
    period_ending_at timestamptz NOT NULL,
    PRIMARY KEY (event_type, period_ending_at)
);

-- Up to which delta each replica's are here: it sends them in order, each until it has an answer.
CREATE TABLE analytics_usage_replicas (
    replica_id    uuid        PRIMARY KEY,
    last_sequence bigint      NOT NULL,
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Every replica has rows of its own, so none waits for another.
CREATE TABLE analytics_usage_counters (
    period_id    bigint      NOT NULL,
    kind         text        COLLATE "C" NOT NULL,
    replica_id   uuid        NOT NULL,
    name         text        COLLATE "C" NOT NULL,
    value        bigint      NOT NULL,
    window_start timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (period_id, kind, replica_id, name)
);

CREATE TABLE analytics_usage_members (
    period_id  bigint NOT NULL,
    kind       text   COLLATE "C" NOT NULL,
    set_name   text   COLLATE "C" NOT NULL,
    -- As text; a UUID in lower case with hyphens.
    member     text   COLLATE "C" NOT NULL,
    replica_id uuid   NOT NULL,
    PRIMARY KEY (period_id, kind, set_name, member, replica_id)
);

-- The lock around a cutover: who adds shares it, who closes a period or erases a person has it alone.
CREATE FUNCTION analytics_lock_usage(is_exclusive boolean) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
AS $function$
DECLARE
    class_id integer := 'analytics_usage_periods'::regclass::oid::integer;
    object_id integer := hashtext('analytics_lock_usage');
BEGIN
    IF is_exclusive THEN
        PERFORM pg_advisory_xact_lock(class_id, object_id);
    ELSE
        PERFORM pg_advisory_xact_lock_shared(class_id, object_id);
    END IF;
END
$function$;

-- Adds a delta, once: in READ COMMITTED, since it has to see the period that is open once it has the
-- lock. Returns whether it was new.
--
-- `age` is how many seconds ago the delta began: who was erased since then is not counted.
CREATE FUNCTION analytics_add_usage(
    replica uuid, sequence bigint, age double precision,
    counter_kinds text[], counter_names text[], counter_values bigint[],
    member_kinds text[], member_sets text[], members text[])
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
DECLARE
    period bigint;
    since timestamptz := clock_timestamp() - make_interval(secs => greatest(age, 0));
    has_erased boolean;
BEGIN
    PERFORM analytics_lock_usage(false);
    INSERT INTO analytics_usage_replicas AS known (replica_id, last_sequence)
    VALUES (replica, sequence)
    ON CONFLICT (replica_id) DO UPDATE
        SET last_sequence = excluded.last_sequence, updated_at = excluded.updated_at
        WHERE known.last_sequence < excluded.last_sequence;
    IF NOT FOUND THEN
        -- COMMIT waits for disk and standby all the same: the transaction that added it may have
        -- stopped waiting for them.
        PERFORM pg_logical_emit_message(true, 'analytics', '');
        RETURN false;
    END IF;
    SELECT id INTO STRICT period FROM analytics_usage_periods WHERE ended_at IS NULL;
    INSERT INTO analytics_usage_counters AS kept (period_id, kind, replica_id, name, value)
    SELECT period, kind, replica, name, value
    FROM unnest(counter_kinds, counter_names, counter_values) AS counter (kind, name, value)
    ORDER BY kind COLLATE "C", name COLLATE "C"
    ON CONFLICT (period_id, kind, replica_id, name) DO UPDATE
        SET value = kept.value + excluded.value, updated_at = excluded.updated_at;
    has_erased := EXISTS (SELECT FROM analytics_erasures WHERE erased_at > since);
    INSERT INTO analytics_usage_members (period_id, kind, set_name, member, replica_id)
    SELECT period, kind, set_name, member, replica
    FROM unnest(member_kinds, member_sets, members) AS seen (kind, set_name, member)
    WHERE NOT has_erased OR analytics_erased(
        member, CASE WHEN member LIKE '%@%' THEN ARRAY[lower(member)] ELSE '{}' END, since) = '{}'
    ORDER BY kind COLLATE "C", set_name COLLATE "C", member COLLATE "C"
    ON CONFLICT DO NOTHING;
    RETURN true;
END
$function$;

-- Closes the open period if it reaches back behind the last boundary: whole multiples of `length`
-- from midnight UTC. One of any number of callers does it, once for each boundary, also where the
-- clock was set back. The lock is held from here to the commit. Returns the period, or NULL.
--
-- `instant` stands for the clock in tests.
CREATE FUNCTION analytics_close_usage_at(length interval, instant timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
AS $function$
DECLARE
    boundary timestamptz :=
        date_bin(length, coalesce(instant, clock_timestamp()), '2000-01-01 00:00:00+00');
    began timestamptz;
    closed bigint;
    moment timestamptz;
BEGIN
    IF EXISTS (SELECT FROM telemetry_locks
               WHERE event_type = 'usage' AND period_ending_at = boundary) THEN
        RETURN NULL;
    END IF;
    SELECT started_at INTO STRICT began FROM analytics_usage_periods WHERE ended_at IS NULL;
    -- It began after the boundary; unless it began in what is the future by now.
    IF began >= boundary AND began <= coalesce(instant, clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    INSERT INTO telemetry_locks (event_type, period_ending_at) VALUES ('usage', boundary)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM analytics_lock_usage(true);
    moment := coalesce(instant, clock_timestamp());
    SELECT started_at INTO STRICT began FROM analytics_usage_periods WHERE ended_at IS NULL;
    -- Whoever was elected for the next boundary was here first.
    IF began >= boundary AND (began <= moment OR moment >= boundary + length) THEN
        RETURN NULL;
    END IF;
    moment := greatest(moment, began);
    UPDATE analytics_usage_periods SET ended_at = moment WHERE ended_at IS NULL
    RETURNING id INTO STRICT closed;
    INSERT INTO analytics_usage_periods (started_at)
    VALUES (coalesce(instant, clock_timestamp()));
    RETURN closed;
END
$function$;

CREATE FUNCTION analytics_close_usage(length interval) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$ SELECT analytics_close_usage_at(length, NULL) $function$;

-- What periods say: the open one too, as far as it is. Names do not begin with analytics_, since
-- views that do are those of rollups, which are made anew with each of their versions.
CREATE VIEW usage_summary AS
SELECT p.id AS period_id, p.started_at AS period_start, p.ended_at AS period_end,
       figure.kind, figure.name, figure.value
FROM analytics_usage_periods AS p
JOIN (
    SELECT period_id, kind, name, sum(value)::bigint AS value
    FROM analytics_usage_counters GROUP BY 1, 2, 3
    UNION ALL
    SELECT period_id, kind, set_name, count(DISTINCT member)
    FROM analytics_usage_members GROUP BY 1, 2, 3
) AS figure ON figure.period_id = p.id;

COMMENT ON VIEW usage_summary IS
    'Of each usage period and kind: sums, and distinct members over all replicas.';

CREATE VIEW boundary_usage_summary AS
SELECT p.id AS period_id,
       coalesce(max(s.value) FILTER (WHERE s.name = 'workspaces'), 0) AS unique_workspaces,
       coalesce(max(s.value) FILTER (WHERE s.name = 'users'), 0) AS unique_users,
       coalesce(max(s.value) FILTER (WHERE s.name = 'allowed_requests'), 0) AS allowed_requests,
       coalesce(max(s.value) FILTER (WHERE s.name = 'denied_requests'), 0) AS denied_requests,
       p.started_at AS period_start, p.ended_at AS period_end,
       (extract(epoch FROM coalesce(p.ended_at, greatest(now(), p.started_at)) - p.started_at)
        * 1000)::bigint AS period_duration_ms
FROM analytics_usage_periods AS p
LEFT JOIN usage_summary AS s ON s.period_id = p.id AND s.kind = 'boundary'
GROUP BY p.id;

COMMENT ON VIEW boundary_usage_summary IS
    'What went through boundaries in each period, exact over all replicas. period_end is NULL in the open one.';

-- As Coder has it: each replica in the open period.
CREATE VIEW boundary_usage_stats AS
SELECT c.replica_id,
       coalesce(m.workspaces, 0) AS unique_workspaces_count,
       coalesce(m.users, 0) AS unique_users_count,
       sum(c.value) FILTER (WHERE c.name = 'allowed_requests')::bigint AS allowed_requests,
       sum(c.value) FILTER (WHERE c.name = 'denied_requests')::bigint AS denied_requests,
       min(c.window_start) AS window_start, max(c.updated_at) AS updated_at
FROM analytics_usage_periods AS p
JOIN analytics_usage_counters AS c ON c.period_id = p.id AND c.kind = 'boundary'
LEFT JOIN LATERAL (
    SELECT replica_id, count(*) FILTER (WHERE set_name = 'workspaces') AS workspaces,
           count(*) FILTER (WHERE set_name = 'users') AS users
    FROM analytics_usage_members
    WHERE period_id = p.id AND kind = 'boundary'
    GROUP BY replica_id
) AS m USING (replica_id)
WHERE p.ended_at IS NULL
GROUP BY c.replica_id, m.workspaces, m.users;

COMMENT ON VIEW boundary_usage_stats IS 'Each replica in the open period.';

REVOKE ALL ON FUNCTION analytics_lock_usage(boolean), analytics_close_usage(interval),
    analytics_close_usage_at(interval, timestamptz),
    analytics_add_usage(uuid, bigint, double precision, text[], text[], bigint[], text[], text[],
                        text[]) FROM PUBLIC;
