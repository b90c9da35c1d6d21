-- Who was erased, so that an old spool or a file that is imported again brings nobody back: only as
-- keyed hashes, which tell whether a text that is at hand was erased, and nothing else.

-- The key of the hashes, as HMAC-SHA256 (RFC 2104) uses it: with both paddings applied. From the
-- server's own strong random numbers; four UUIDs have 488 random bits.
CREATE TABLE analytics_erasure_key (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    inner_key bytea NOT NULL,
    outer_key bytea NOT NULL
);
DO $do$
DECLARE
    key bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                 || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    inner_key bytea := key;
    outer_key bytea := key;
BEGIN
    FOR i IN 0..63 LOOP
        inner_key := set_byte(inner_key, i, get_byte(key, i) # 54);
        outer_key := set_byte(outer_key, i, get_byte(key, i) # 92);
    END LOOP;
    INSERT INTO analytics_erasure_key (inner_key, outer_key) VALUES (inner_key, outer_key);
END
$do$;

CREATE TABLE analytics_erasures (
    hash      bytea       PRIMARY KEY,
    -- Of events dated before, the person is emptied when they are stored.
    erased_at timestamptz NOT NULL
);

COMMENT ON TABLE analytics_erasures IS
    'Keyed hashes of erased user ids and e-mail addresses. `analytics erase-user` adds to it.';

-- Of a user's id in lower case with hyphens, or of an e-mail address in lower case.
CREATE FUNCTION analytics_erasure_hash(content text) RETURNS bytea
LANGUAGE sql STABLE
SET search_path FROM CURRENT
AS $function$
    SELECT sha256(outer_key || sha256(inner_key || convert_to(content, 'UTF8')))
    FROM analytics_erasure_key
$function$;

-- Which of `candidates`, and of the UUIDs that occur in `content`, were erased after `instant`.
--
-- In steps, each a plan that is made once a session: this runs once an event.
CREATE FUNCTION analytics_erased(content text, candidates text[], instant timestamptz)
RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT
AS $function$
DECLARE
    hashes bytea[];
BEGIN
    candidates := candidates || ARRAY(
        SELECT match[1] FROM regexp_matches(content COLLATE "C",
            '[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}', 'gi') AS match);
    IF candidates = '{}' THEN
        RETURN candidates;
    END IF;
    hashes := ARRAY(
        SELECT sha256(outer_key || sha256(inner_key || convert_to(
            CASE WHEN candidate LIKE '%@%' OR candidate LIKE '%:%' THEN candidate
                 ELSE candidate::uuid::text END, 'UTF8')))
        FROM analytics_erasure_key, unnest(candidates) AS candidate);
    PERFORM FROM analytics_erasures WHERE hash = ANY (hashes) AND instant < erased_at;
    IF NOT FOUND THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        SELECT DISTINCT CASE WHEN candidate LIKE '%@%' OR candidate LIKE '%:%' THEN candidate
                             ELSE candidate::uuid::text END
        FROM unnest(candidates, hashes) AS c (candidate, candidate_hash)
        JOIN analytics_erasures ON hash = candidate_hash AND instant < erased_at);
END
$function$;

-- A regular expression that finds such texts, in any case, a UUID also without its hyphens, an
-- address not within a longer one.
CREATE FUNCTION analytics_erasure_pattern(texts text[]) RETURNS text
LANGUAGE sql IMMUTABLE
AS $function$
    SELECT string_agg(
        CASE WHEN content ~ '^[0-9a-f-]{36}$' THEN replace(content, '-', '-?')
             ELSE '(?<![[:alnum:]._%+-])'
                  || regexp_replace(content, '([^[:alnum:]@:])', '\\\1', 'g')
                  || '(?![[:alnum:]-])' END, '|')
    FROM unnest(texts) AS content
$function$;

-- A text without what the pattern finds; NULL where it is nothing else.
CREATE FUNCTION analytics_erased_text(content text, pattern text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $function$
    SELECT CASE WHEN content COLLATE "C" ~* ('^(?:' || pattern || ')$') THEN NULL
                ELSE regexp_replace(content COLLATE "C", pattern, 'erased', 'gi') END
$function$;

-- Any JSON without what the pattern finds.
CREATE FUNCTION analytics_erased_json(value jsonb, pattern text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path FROM CURRENT
AS $function$
BEGIN
    RETURN CASE jsonb_typeof(value)
        WHEN 'object' THEN (
            SELECT coalesce(jsonb_object_agg(
                regexp_replace(key COLLATE "C", pattern, 'erased', 'gi'),
                analytics_erased_json(part, pattern)), '{}')
            FROM jsonb_each(value) AS fields (key, part))
        WHEN 'array' THEN (
            SELECT coalesce(jsonb_agg(analytics_erased_json(part, pattern) ORDER BY place), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS parts (part, place))
        WHEN 'string' THEN
            to_jsonb(regexp_replace(value #>> '{}' COLLATE "C", pattern, 'erased', 'gi'))
        ELSE value END;
END
$function$;

-- The fields that say nothing about a person: texts of the catalogue that no privacy preset touches,
-- and what rollups of this type are kept by.
CREATE FUNCTION analytics_impersonal_fields(type text) RETURNS text[]
LANGUAGE sql STABLE
SET search_path FROM CURRENT
AS $function$
    SELECT ARRAY['action', 'cocoon_id', 'delivery_id', 'endpoint', 'error_type', 'event_type',
                 'integration_id', 'method', 'project_id', 'provider', 'query_type', 'task_id',
                 'token_id']
        || ARRAY(SELECT dimension #>> '{source,field,_0}'
                 FROM analytics_rollups AS r
                 CROSS JOIN LATERAL jsonb_array_elements(r.definition::jsonb->'dimensions')
                     AS dimension
                 WHERE (r.definition::jsonb->'eventTypes' = '[]'
                        OR r.definition::jsonb->'eventTypes' ? type)
                   AND dimension->'source' ? 'field')
$function$;

-- What remains of an event's fields when its user is erased: numbers, truth values and impersonal
-- fields, each without what the pattern finds. A field that is nothing else is left out.
CREATE FUNCTION analytics_erased_data(type text, data jsonb, is_own boolean, pattern text)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path FROM CURRENT
AS $function$
    SELECT analytics_erased_json(CASE WHEN jsonb_typeof(data) <> 'object' THEN
        CASE WHEN is_own THEN '{}' ELSE data END
    ELSE (
        SELECT coalesce(jsonb_object_agg(key, value), '{}')
        FROM jsonb_each(data)
        WHERE (NOT is_own OR jsonb_typeof(value) IN ('number', 'boolean', 'null')
               OR key = ANY (analytics_impersonal_fields(type)))
          AND (jsonb_typeof(value) <> 'string'
               OR analytics_erased_text(value #>> '{}', pattern) IS NOT NULL)) END, pattern)
$function$;

-- Empties the person in an event from before their erasure. The trigger is made with the first
-- erasure, and asks for events that are older than the last one only: ingest of what happens now is
-- as fast as without it. The rollups' trigger sees the event as it is stored.
CREATE FUNCTION analytics_erase_new_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
DECLARE
    own text[] := CASE WHEN NEW.user_id IS NOT NULL THEN ARRAY[NEW.user_id::text] ELSE '{}' END;
    found_ text[];
    pattern text;
    is_own boolean;
BEGIN
    found_ := analytics_erased(
        concat_ws(' ', NEW.data::text, NEW.hostname, NEW.environment, NEW.service, NEW.event_type),
        -- Without a user an address tells whose event it is.
        own || CASE WHEN NEW.user_id IS NULL AND NEW.data->>'email' ~ '.@|^hmac:'
                    THEN ARRAY[lower(NEW.data->>'email')] ELSE '{}' END,
        NEW.timestamp);
    IF found_ <> '{}' THEN
        pattern := analytics_erasure_pattern(found_);
        is_own := coalesce(NEW.user_id::text = ANY (found_), false);
        NEW.data := analytics_erased_data(NEW.event_type, NEW.data, is_own, pattern);
        NEW.event_type := coalesce(analytics_erased_text(NEW.event_type, pattern), '');
        NEW.service := coalesce(analytics_erased_text(NEW.service, pattern), '');
        NEW.hostname := analytics_erased_text(NEW.hostname, pattern);
        NEW.environment := analytics_erased_text(NEW.environment, pattern);
        IF is_own THEN
            NEW.user_id := NULL;
        END IF;
    END IF;
    RETURN NEW;
END
$function$;

-- A refused event of an erased person is not set aside: there is nothing of it that may be kept.
CREATE FUNCTION analytics_erase_new_dead_letter() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
BEGIN
    IF analytics_erased(
        encode(NEW.row, 'escape'),
        CASE WHEN NEW.user_id IS NOT NULL THEN ARRAY[NEW.user_id::text] ELSE ARRAY(
            SELECT lower(match[1])
            FROM regexp_matches(encode(NEW.row, 'escape'), '"email": ?"([^"]*)"', 'g') AS match
            WHERE match[1] ~ '.@|^hmac:') END,
        NEW.timestamp) <> '{}' THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$function$;

CREATE TRIGGER analytics_erase_new_dead_letter BEFORE INSERT ON analytics_dead_letters
    FOR EACH ROW EXECUTE FUNCTION analytics_erase_new_dead_letter();

-- Remembers who was erased when, and makes or moves the trigger. Waits for those who store at the
-- moment, so that whoever stores afterwards does so without the person.
--
-- CREATE OR REPLACE TRIGGER does not exist on hypertables.
CREATE FUNCTION analytics_remember_erasure(texts text[]) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET client_min_messages = warning
SET timezone = 'UTC'
AS $function$
DECLARE
    instant timestamptz;
BEGIN
    LOCK TABLE analytics_events IN SHARE ROW EXCLUSIVE MODE;
    instant := clock_timestamp();
    INSERT INTO analytics_erasures (hash, erased_at)
    SELECT analytics_erasure_hash(content), instant FROM unnest(texts) AS content
    ON CONFLICT (hash) DO UPDATE SET erased_at = excluded.erased_at;
    DROP TRIGGER IF EXISTS analytics_erase_new_event ON analytics_events;
    EXECUTE format(
        'CREATE TRIGGER analytics_erase_new_event BEFORE INSERT ON analytics_events '
        'FOR EACH ROW WHEN (NEW.timestamp < %L::timestamptz) '
        'EXECUTE FUNCTION analytics_erase_new_event()', instant);
    RETURN instant;
END
$function$;

-- ANALYZE that also forgets what a table held which is empty now: it needs a row to look at.
CREATE FUNCTION analytics_analyze(relation regclass) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
AS $function$
DECLARE
    is_empty boolean;
BEGIN
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', relation) INTO is_empty;
    IF is_empty THEN
        EXECUTE (
            SELECT format('INSERT INTO %s VALUES (%s)', relation, string_agg(
                CASE WHEN atttypid = 'uuid'::regtype THEN quote_literal(gen_random_uuid())
                     WHEN atttypid IN ('date'::regtype, 'timestamptz'::regtype)
                         THEN quote_literal('epoch')
                     WHEN atttypid = 'bit'::regtype THEN format('0::bit(%s)', atttypmod)
                     WHEN atttypid IN ('integer'::regtype, 'bigint'::regtype) THEN '0'
                     WHEN atttypid = 'bigint[]'::regtype THEN quote_literal('{}')
                     ELSE quote_literal('') END, ', ' ORDER BY attnum))
            FROM pg_catalog.pg_attribute
            WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped);
    END IF;
    EXECUTE format('ANALYZE %s', relation);
    IF is_empty THEN
        EXECUTE format('DELETE FROM %s', relation);
    END IF;
END
$function$;

REVOKE ALL ON FUNCTION analytics_erasure_hash(text), analytics_erased(text, text[], timestamptz),
    analytics_erase_new_event(), analytics_erase_new_dead_letter(),
    analytics_remember_erasure(text[]), analytics_analyze(regclass) FROM PUBLIC;
