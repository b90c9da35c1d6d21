-- Who may ask the server. A key has 256 random bits, so its SHA-256 is enough to find it and too
-- little to guess it; the key itself is nowhere.

CREATE TABLE analytics_keys (
    id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    name         text        NOT NULL CHECK (name <> ''),
    role         text        NOT NULL CHECK (role IN ('read', 'write', 'admin')),
    hash         bytea       NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    -- Of the key itself, so that its holder finds it in a list.
    prefix       text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at   timestamptz,
    -- UTC. A day is enough to see which keys nobody needs, and is written once a day.
    last_used_on date
);
CREATE UNIQUE INDEX ON analytics_keys (name) WHERE revoked_at IS NULL;

COMMENT ON TABLE analytics_keys IS
    'Keys of the server, hashed. `analytics keys` makes, lists and revokes them.';

-- The key with this hash or this id, unless it was revoked. For readers, who may not see the table:
-- one has to know a key, or a session's id of one, to learn of it.
CREATE FUNCTION analytics_key(key_hash bytea, key_id uuid)
RETURNS TABLE (id uuid, name text, role text, hash bytea, is_used_today boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
    SELECT k.id, k.name, k.role, k.hash,
           coalesce(k.last_used_on = (now() AT TIME ZONE 'UTC')::date, false)
    FROM analytics_keys AS k
    WHERE (k.hash = key_hash OR k.id = key_id) AND k.revoked_at IS NULL
$function$;

CREATE FUNCTION analytics_key_used(key_id uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
    UPDATE analytics_keys SET last_used_on = (now() AT TIME ZONE 'UTC')::date
    WHERE id = key_id AND last_used_on IS DISTINCT FROM (now() AT TIME ZONE 'UTC')::date
$function$;

-- Whether anybody would be let in.
CREATE FUNCTION analytics_has_keys() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$ SELECT EXISTS (SELECT FROM analytics_keys WHERE revoked_at IS NULL) $function$;

REVOKE ALL ON FUNCTION analytics_key(bytea, uuid), analytics_key_used(uuid), analytics_has_keys()
    FROM PUBLIC;
