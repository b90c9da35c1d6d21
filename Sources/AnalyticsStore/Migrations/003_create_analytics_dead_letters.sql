-- Events that the database refused, kept until somebody has looked at them.
--
-- The row is kept as the client encoded it, as bytes: whatever made the events table refuse it (a
-- constraint, a trigger, a character the server's encoding lacks) cannot make this table refuse it.

CREATE TABLE analytics_dead_letters (
    id         uuid        NOT NULL,
    timestamp  timestamptz NOT NULL,
    -- Besides the row's bytes, so that what belongs to a person can be found.
    user_id    uuid,
    -- Of the row's bytes; see RowLayout.
    layout     integer     NOT NULL,
    row        bytea       NOT NULL,
    -- What the server said; without values of the event.
    reason     text        NOT NULL,
    refused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- How often the event was refused and set aside.
    attempts   integer     NOT NULL DEFAULT 1,
    PRIMARY KEY (timestamp, id)
);

COMMENT ON TABLE analytics_dead_letters IS
    'Refused events. `analytics dead-letters` lists, shows, retries and purges them.';

-- For writers, who may not read what is here. The same event again counts as one more attempt.
CREATE FUNCTION analytics_set_aside(
    id uuid, "timestamp" timestamptz, user_id uuid, layout integer, "row" bytea, reason text)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
    INSERT INTO analytics_dead_letters AS letter (id, timestamp, user_id, layout, row, reason)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT ON CONSTRAINT analytics_dead_letters_pkey DO UPDATE
        SET reason = excluded.reason, refused_at = excluded.refused_at,
            attempts = letter.attempts + 1
$function$;

REVOKE ALL ON FUNCTION
    analytics_set_aside(uuid, timestamptz, uuid, integer, bytea, text) FROM PUBLIC;
