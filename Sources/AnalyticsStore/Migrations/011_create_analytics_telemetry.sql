-- Telemetry: what a deployment says of its closed usage periods to a collector, and what a collector
-- was told by deployments. Nothing here is of a person.

-- Whether anything is said, and to whom: one row, NULL while nothing is.
CREATE TABLE analytics_telemetry (
    is_only   boolean     PRIMARY KEY DEFAULT true CHECK (is_only),
    collector text,
    on_since  timestamptz CHECK ((on_since IS NULL) = (collector IS NULL)),
    -- Only periods after this one, which was open then, are spoken of: by number, since clocks are
    -- set back.
    on_after  bigint      CHECK ((on_after IS NULL) = (collector IS NULL))
);
INSERT INTO analytics_telemetry DEFAULT VALUES;

-- A document waits here until the collector says that it has it. The period's row makes it one a
-- period, whoever writes it.
CREATE TABLE analytics_telemetry_outbox (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- NULL in the notice that telemetry was turned off.
    period_id       bigint      UNIQUE,
    collector       text        NOT NULL,
    -- To the byte what is sent.
    document        text        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Why the last attempt failed.
    problem         text,
    delivered_at    timestamptz,
    given_up_at     timestamptz CHECK (given_up_at IS NULL OR delivered_at IS NULL)
);
CREATE INDEX analytics_telemetry_waiting ON analytics_telemetry_outbox (id)
    WHERE delivered_at IS NULL AND given_up_at IS NULL;

-- What a collector was told: a row a deployment and period, never changed.
CREATE TABLE analytics_telemetry_deployments (
    deployment_id uuid        PRIMARY KEY,
    -- Of the first document; every later one has to be signed with its private half.
    public_key    bytea       NOT NULL CHECK (octet_length(public_key) = 32),
    first_seen    timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When it said that telemetry was turned off; NULL once it speaks again.
    turned_off_at timestamptz
);

CREATE TABLE analytics_telemetry_snapshots (
    deployment_id uuid        NOT NULL REFERENCES analytics_telemetry_deployments,
    period_id     bigint      NOT NULL,
    started_at    timestamptz NOT NULL,
    ended_at      timestamptz NOT NULL CHECK (ended_at >= started_at),
    document      jsonb       NOT NULL,
    received_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (deployment_id, period_id)
);
CREATE INDEX analytics_telemetry_snapshots_by_time ON analytics_telemetry_snapshots (ended_at);

-- Turns it on, or leads what is said from now on to another collector. Returns whether it was off.
CREATE FUNCTION analytics_telemetry_turn_on(url text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
DECLARE
    was_off boolean;
BEGIN
    SELECT collector IS NULL INTO STRICT was_off FROM analytics_telemetry FOR UPDATE;
    UPDATE analytics_telemetry
    SET collector = url, on_since = coalesce(on_since, clock_timestamp()),
        on_after = coalesce(
            on_after, (SELECT id FROM analytics_usage_periods WHERE ended_at IS NULL))
    WHERE collector IS DISTINCT FROM url;
    -- A notice that it is off would come too late to be true.
    DELETE FROM analytics_telemetry_outbox WHERE delivered_at IS NULL AND period_id IS NULL;
    UPDATE analytics_telemetry_outbox SET collector = url
    WHERE delivered_at IS NULL AND given_up_at IS NULL AND collector <> url;
    RETURN was_off;
END
$function$;

-- Turns it off: what was not delivered goes, and the notice is the last that is said. Returns whether
-- it was on.
CREATE FUNCTION analytics_telemetry_turn_off(notice text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
DECLARE
    told text;
BEGIN
    SELECT collector INTO STRICT told FROM analytics_telemetry FOR UPDATE;
    IF told IS NULL THEN
        RETURN false;
    END IF;
    UPDATE analytics_telemetry SET collector = NULL, on_since = NULL, on_after = NULL;
    DELETE FROM analytics_telemetry_outbox WHERE delivered_at IS NULL;
    INSERT INTO analytics_telemetry_outbox (collector, document) VALUES (told, notice);
    RETURN true;
END
$function$;

-- The closed periods that nothing was written of yet.
CREATE FUNCTION analytics_telemetry_due()
RETURNS TABLE (period_id bigint, started_at timestamptz, ended_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
    SELECT p.id, p.started_at, p.ended_at
    FROM analytics_usage_periods AS p
    JOIN analytics_telemetry AS t ON p.id > t.on_after
    WHERE p.ended_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM analytics_telemetry_outbox AS o WHERE o.period_id = p.id)
    ORDER BY p.id
$function$;

-- Puts a period's document into the outbox, unless one is there, telemetry was turned off meanwhile,
-- or the period was purged while it was read. Returns whether it did.
CREATE FUNCTION analytics_telemetry_put(period bigint, content text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
BEGIN
    INSERT INTO analytics_telemetry_outbox (period_id, collector, document)
    SELECT period, collector, content
    FROM analytics_telemetry
    WHERE collector IS NOT NULL AND period > on_after
      AND EXISTS (SELECT FROM analytics_usage_periods
                  WHERE id = period AND ended_at IS NOT NULL)
    FOR SHARE
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$function$;

-- Takes the document that was tried the least, and of those the oldest, for as long as the lease:
-- nobody else takes it meanwhile, and none that is refused for ever is in the way of others. Those that waited for longer than `keep` are given up.
CREATE FUNCTION analytics_telemetry_claim(lease interval, keep interval)
RETURNS TABLE (id bigint, period_id bigint, collector text, document text, attempts integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    UPDATE analytics_telemetry_outbox SET given_up_at = clock_timestamp()
    WHERE delivered_at IS NULL AND given_up_at IS NULL AND created_at < clock_timestamp() - keep;
    RETURN QUERY
    UPDATE analytics_telemetry_outbox AS taken
    SET attempts = attempts + 1, next_attempt_at = clock_timestamp() + lease
    WHERE id = (
        SELECT id FROM analytics_telemetry_outbox
        WHERE delivered_at IS NULL AND given_up_at IS NULL
          AND next_attempt_at <= clock_timestamp()
        ORDER BY attempts, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING taken.id, taken.period_id, taken.collector, taken.document, taken.attempts;
END
$function$;

-- What became of an attempt: it was delivered, or failed and is to be tried again after `pause`.
CREATE FUNCTION analytics_telemetry_settle(document_id bigint, failure text, pause interval)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
    UPDATE analytics_telemetry_outbox
    SET delivered_at = CASE WHEN failure IS NULL THEN clock_timestamp() END,
        problem = failure, next_attempt_at = clock_timestamp() + pause
    WHERE id = document_id AND delivered_at IS NULL AND given_up_at IS NULL
$function$;

-- Stores what a deployment says of a period, or without a period that it says no more. Returns
-- `stored`; `known` for what is stored already; `differs` where something else is stored under that
-- period; `foreign` where another key signed.
CREATE FUNCTION analytics_telemetry_receive(
    deployment uuid, key bytea, period bigint, period_start timestamptz, period_end timestamptz,
    content jsonb)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
BEGIN
    -- What is acknowledged is on the disk, whatever the server's default.
    PERFORM set_config('synchronous_commit', 'on', true);
    INSERT INTO analytics_telemetry_deployments (deployment_id, public_key)
    VALUES (deployment, key) ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM analytics_telemetry_deployments
                   WHERE deployment_id = deployment AND public_key = key) THEN
        RETURN 'foreign';
    END IF;
    IF period IS NULL THEN
        UPDATE analytics_telemetry_deployments SET turned_off_at = clock_timestamp()
        WHERE deployment_id = deployment AND turned_off_at IS NULL;
        RETURN CASE WHEN FOUND THEN 'stored' ELSE 'known' END;
    END IF;
    INSERT INTO analytics_telemetry_snapshots
        (deployment_id, period_id, started_at, ended_at, document)
    VALUES (deployment, period, period_start, period_end, content) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        -- One that was on its way when it was turned off does not turn it on.
        UPDATE analytics_telemetry_deployments SET turned_off_at = NULL
        WHERE deployment_id = deployment AND turned_off_at < period_start;
        RETURN 'stored';
    END IF;
    RETURN (SELECT CASE WHEN document = content THEN 'known' ELSE 'differs' END
            FROM analytics_telemetry_snapshots
            WHERE deployment_id = deployment AND period_id = period);
END
$function$;

REVOKE ALL ON FUNCTION analytics_telemetry_turn_on(text), analytics_telemetry_turn_off(text),
    analytics_telemetry_due(), analytics_telemetry_put(bigint, text),
    analytics_telemetry_claim(interval, interval),
    analytics_telemetry_settle(bigint, text, interval),
    analytics_telemetry_receive(uuid, bytea, bigint, timestamptz, timestamptz, jsonb) FROM PUBLIC;
