-- An erased person does not come back with events that a clock dated ahead, nor stays with an e-mail
-- address that JSON writes in another way.

-- Whether an event belongs to the time before an erasure.
--
-- A clock may be up to 24 hours ahead: what is dated so much later belongs there too, unless it was
-- certainly tracked afterwards. `tracked_after` is the time of this database after which the event was
-- tracked, as far as anybody knows.
CREATE FUNCTION analytics_is_erased(
    erased_at timestamptz, instant timestamptz, tracked_after timestamptz) RETURNS boolean
LANGUAGE sql STABLE
AS $function$
    SELECT instant < erased_at
        OR instant < erased_at + interval '24 hours'
           AND coalesce(tracked_after < erased_at, true)
$function$;

-- What a worker says of the events of its transaction, in microseconds since 2000: see `tracked_after`
-- above. NULL for all others: an import, a spool that was left behind, an older version of a service,
-- and a session whose setting is no such number.
CREATE FUNCTION analytics_tracked_after_number() RETURNS bigint
LANGUAGE sql STABLE
AS $function$
    SELECT CASE WHEN current_setting('analytics.tracked_after', true) ~ '^[0-9]{1,18}$'
                THEN current_setting('analytics.tracked_after', true)::bigint END
$function$;

CREATE FUNCTION analytics_tracked_after() RETURNS timestamptz
LANGUAGE sql STABLE
AS $function$
    SELECT '2000-01-01 00:00:00+00'::timestamptz
           + interval '1 microsecond' * analytics_tracked_after_number()
$function$;

-- The keys and the texts in JSON. Its numbers can name nobody, and in digits a few kilobytes of them
-- can be more than PostgreSQL's longest text: 1e131071 takes 131,072 of them.
CREATE FUNCTION analytics_texts_in(data jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    WITH RECURSIVE parts (key, value) AS (
        SELECT NULL, data
        UNION ALL
        SELECT inner_.* FROM parts CROSS JOIN LATERAL (
            SELECT key, value
            FROM jsonb_each(CASE jsonb_typeof(parts.value) WHEN 'object' THEN parts.value END)
            UNION ALL
            SELECT NULL, value
            FROM jsonb_array_elements(CASE jsonb_typeof(parts.value) WHEN 'array' THEN parts.value END)
        ) AS inner_ (key, value)
    )
    SELECT string_agg(
        concat_ws(' ', key, CASE jsonb_typeof(value) WHEN 'string' THEN value #>> '{}' END), ' ')
    FROM parts
$function$;

-- All that an event says in texts. What is small and has no escapes is taken as JSON writes it, which is
-- ten times as fast.
CREATE FUNCTION analytics_event_text(
    data jsonb, hostname text, environment text, service text, event_type text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $function$
    SELECT concat_ws(' ',
        CASE WHEN pg_column_size(data) > 2000 OR pg_column_compression(data) IS NOT NULL
                  OR strpos(data::text, E'\\') > 0
             THEN analytics_texts_in(data) ELSE data::text END,
        hostname, environment, service, event_type)
$function$;

-- The texts in which a UUID may be written, with its hyphens or without, whatever digits are beside it:
-- all that begin anywhere in a run of hexadecimal digits and hyphens, of which the first 4,096 are
-- looked at.
CREATE FUNCTION analytics_uuids_in(content text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT ARRAY(
        SELECT uuid
        FROM regexp_matches(content COLLATE "C", '[0-9a-f-]{32,}', 'gi') AS run,
             generate_series(
                 1,
                 -- One with hyphens that stands alone is the usual case.
                 CASE WHEN length(run[1]) = 36 AND substr(run[1], 9, 1) = '-' THEN 1
                      ELSE least(length(run[1]), 4096) - 31 END) AS place,
             substring(substr(run[1], place, 36) COLLATE "C" FROM
                 '^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}')
                 AS uuid
        WHERE uuid IS NOT NULL)
$function$;

-- Which of `candidates`, and of the UUIDs that occur in `content`, were erased: of an event dated
-- `instant`, see above.
--
-- In steps, each a plan that is made once a session: this runs once an event.
CREATE FUNCTION analytics_erased(
    content text, candidates text[], instant timestamptz, tracked_after timestamptz)
RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT
AS $function$
DECLARE
    hashes bytea[];
BEGIN
    candidates := candidates || analytics_uuids_in(content);
    IF candidates = '{}' THEN
        RETURN candidates;
    END IF;
    hashes := ARRAY(
        SELECT sha256(outer_key || sha256(inner_key || convert_to(
            CASE WHEN candidate LIKE '%@%' OR candidate LIKE '%:%' THEN candidate
                 ELSE candidate::uuid::text END, 'UTF8')))
        FROM analytics_erasure_key, unnest(candidates) AS candidate);
    PERFORM FROM analytics_erasures
    WHERE hash = ANY (hashes) AND analytics_is_erased(erased_at, instant, tracked_after);
    IF NOT FOUND THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        SELECT DISTINCT CASE WHEN candidate LIKE '%@%' OR candidate LIKE '%:%' THEN candidate
                             ELSE candidate::uuid::text END
        FROM unnest(candidates, hashes) AS c (candidate, candidate_hash)
        JOIN analytics_erasures ON hash = candidate_hash
             AND analytics_is_erased(erased_at, instant, tracked_after));
END
$function$;

-- Of what began at `instant` by this database's clock: no clock was ahead.
CREATE OR REPLACE FUNCTION analytics_erased(content text, candidates text[], instant timestamptz)
RETURNS text[]
LANGUAGE sql STABLE
SET search_path FROM CURRENT
AS $function$
    SELECT analytics_erased(content, candidates, instant, instant)
$function$;

-- A regular expression that finds such texts, in any case, a UUID also without its hyphens, an
-- address not within a longer one, and also as JSON writes it. Thousands of addresses stand behind one
-- constraint: with one each the expression takes minutes to compile.
CREATE OR REPLACE FUNCTION analytics_erasure_pattern(texts text[]) RETURNS text
LANGUAGE sql STABLE
AS $function$
    SELECT concat_ws('|',
        string_agg(replace(content, '-', '-?'), '|') FILTER (WHERE is_uuid),
        '(?<![[:alnum:]._%+-])(?:' || string_agg(forms, '|') FILTER (WHERE NOT is_uuid)
            || ')(?![[:alnum:]-])')
    FROM unnest(texts) AS content
    CROSS JOIN LATERAL (SELECT content ~ '^[0-9a-f-]{36}$') AS kinds (is_uuid)
    CROSS JOIN LATERAL (
        SELECT string_agg(form, '|')
        FROM (SELECT content UNION SELECT regexp_replace(to_json(content)::text, '^"|"$', '', 'g'))
             AS writing (written)
        CROSS JOIN LATERAL (
            SELECT string_agg(
                CASE WHEN letter COLLATE "C" ~ '[a-z0-9@:]' THEN letter
                     WHEN ascii(letter) < 128 THEN E'\\' || letter
                     -- The search knows upper and lower case of ASCII alone.
                     WHEN length(upper(letter)) = 1 THEN '[' || letter || upper(letter) || ']'
                     ELSE letter END, '' ORDER BY place)
            FROM string_to_table(lower(written), NULL) WITH ORDINALITY AS letters (letter, place)
        ) AS found (form)) AS writings (forms)
    HAVING count(*) > 0
$function$;

-- What may be an e-mail address in some texts, in lower case: at each @ what is before it, of up to 64
-- characters (RFC 5321, 4.5.3.1), whole and from behind each sign beside which analytics_erasure_pattern
-- finds one; with what is behind it, of up to 255, whole and up to each such sign. Of these signs the 16
-- that are next to the @ count on either side. And what privacy makes of an address.
CREATE FUNCTION analytics_addresses_in(content text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $function$
DECLARE
    parts text[] := string_to_array(content, '@');
    side text;
    -- From the longest to the shortest.
    owns text[];
    hosts text[];
    found_ text[] := CASE WHEN strpos(content, 'hmac:') > 0 THEN ARRAY(
        SELECT match[1] FROM regexp_matches(content, 'hmac:[0-9a-f]+', 'g') AS match) ELSE '{}' END;
BEGIN
    FOR i IN 1 .. cardinality(parts) - 1 LOOP
        side := substring(right(parts[i], 64) COLLATE "C" FROM '[^[:space:][:cntrl:]]*$');
        owns := '{}';
        WHILE side <> '' LOOP
            owns := owns || side;
            side := substring(side COLLATE "C" FROM '[^[:alnum:]._%+-](.*)$');
        END LOOP;
        side := substring(left(parts[i + 1], 255) COLLATE "C" FROM '^[^[:space:][:cntrl:]]*');
        hosts := '{}';
        WHILE side <> '' LOOP
            hosts := hosts || side;
            side := substring(side COLLATE "C" FROM '^(.*)[^[:alnum:]-]');
        END LOOP;
        found_ := found_ || ARRAY(
            SELECT lower(own || '@' || host)
            FROM unnest(owns[1:1] || owns[greatest(2, cardinality(owns) - 15):]) AS own,
                 unnest(hosts[1:1] || hosts[greatest(2, cardinality(hosts) - 15):]) AS host);
    END LOOP;
    RETURN found_;
END
$function$;

-- As before; what is nested too deeply to be looked through part by part goes as a whole.
CREATE OR REPLACE FUNCTION analytics_erased_data(
    type text, data jsonb, is_own boolean, pattern text) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT
AS $function$
BEGIN
    IF jsonb_typeof(data) <> 'object' THEN
        data := CASE WHEN is_own THEN '{}' ELSE data END;
    ELSE
        data := (
            SELECT coalesce(jsonb_object_agg(key, value), '{}')
            FROM jsonb_each(data)
            WHERE (NOT is_own OR jsonb_typeof(value) IN ('number', 'boolean', 'null')
                   OR key = ANY (analytics_impersonal_fields(type)))
              AND (jsonb_typeof(value) <> 'string'
                   OR analytics_erased_text(value #>> '{}', pattern) IS NOT NULL));
    END IF;
    RETURN analytics_erased_json(data, pattern);
EXCEPTION WHEN statement_too_complex THEN
    RETURN '{}';
END
$function$;

-- Empties the person in an event from before their erasure, see analytics_is_erased. The trigger is
-- made with the first erasure, and asks for events that may be older than the last one only: ingest of
-- what happens now is as fast as without it. The rollups' trigger sees the event as it is stored.
CREATE OR REPLACE FUNCTION analytics_erase_new_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
DECLARE
    content text := analytics_event_text(
        NEW.data, NEW.hostname, NEW.environment, NEW.service, NEW.event_type);
    found_ text[];
    pattern text;
    is_own boolean;
BEGIN
    found_ := analytics_erased(
        content,
        CASE WHEN NEW.user_id IS NOT NULL THEN ARRAY[NEW.user_id::text]
             -- Without a user an address tells whose event it is.
             WHEN NEW.data->>'email' ~ '.@|^hmac:'
             THEN lower(NEW.data->>'email') || analytics_addresses_in(content)
             ELSE analytics_addresses_in(content) END,
        NEW.timestamp, analytics_tracked_after());
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

-- What one of these texts says, of JSON, without its quotes.
CREATE FUNCTION analytics_unquoted(content text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $function$
BEGIN
    RETURN ('"' || content || '"')::jsonb #>> '{}';
EXCEPTION WHEN data_exception THEN
    RETURN content;
END
$function$;

-- The texts in a dead letter's row (see RowLayout), and what its JSON has for `email`. What is no such
-- row is given byte by byte.
CREATE FUNCTION analytics_dead_letter_texts(letter bytea, OUT content text, OUT emails text[])
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT
AS $function$
DECLARE
    place integer := 1 + 2 + 4 + 16 + 4 + 8;
    length_ integer;
    json text;
BEGIN
    content := '';
    -- event_type, service, user_id, hostname, environment and data.
    FOR part IN 3..8 LOOP
        length_ := ('x' || encode(substr(letter, place, 4), 'hex'))::bit(32)::integer;
        place := place + 4;
        IF part = 8 THEN
            -- Behind the version of jsonb's format.
            json := convert_from(substr(letter, place + 1, length_ - 1), 'UTF8');
        ELSIF length_ > 0 THEN
            IF part <> 5 THEN
                content := content || convert_from(substr(letter, place, length_), 'UTF8') || ' ';
            END IF;
            place := place + length_;
        END IF;
    END LOOP;
    BEGIN
        emails := ARRAY[json::jsonb->>'email'];
        content := content || analytics_texts_in(json::jsonb);
        RETURN;
    EXCEPTION WHEN data_exception OR program_limit_exceeded OR untranslatable_character THEN
        -- Why it was refused, most likely.
        content := content || json;
    END;
    emails := ARRAY(
        SELECT analytics_unquoted(match[1])
        FROM regexp_matches(json, E'"email": ?"((?:[^"\\\\]|\\\\.)*)"', 'g') AS match);
EXCEPTION WHEN data_exception OR untranslatable_character THEN
    content := encode(letter, 'escape');
    emails := '{}';
END
$function$;

-- A refused event of an erased person is not set aside: there is nothing of it that may be kept.
CREATE OR REPLACE FUNCTION analytics_erase_new_dead_letter() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
DECLARE
    texts record;
BEGIN
    SELECT * INTO texts FROM analytics_dead_letter_texts(NEW.row);
    IF analytics_erased(
        texts.content,
        CASE WHEN NEW.user_id IS NOT NULL THEN ARRAY[NEW.user_id::text] ELSE ARRAY(
            SELECT lower(email) FROM unnest(texts.emails) AS email WHERE email ~ '.@|^hmac:')
            || analytics_addresses_in(texts.content) END,
        NEW.timestamp, analytics_tracked_after()) <> '{}' THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$function$;

-- Remembers who was erased when, and makes or moves the trigger. Waits for those who store at the
-- moment, so that whoever stores afterwards does so without the person.
--
-- CREATE OR REPLACE TRIGGER does not exist on hypertables.
CREATE OR REPLACE FUNCTION analytics_remember_erasure(texts text[]) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
SET search_path FROM CURRENT
SET client_min_messages = warning
SET timezone = 'UTC'
AS $function$
DECLARE
    instant timestamptz;
    latest timestamptz;
BEGIN
    LOCK TABLE analytics_events IN SHARE ROW EXCLUSIVE MODE;
    instant := clock_timestamp();
    INSERT INTO analytics_erasures (hash, erased_at)
    SELECT analytics_erasure_hash(content), instant FROM unnest(texts) AS content
    ON CONFLICT (hash) DO UPDATE SET erased_at = excluded.erased_at;
    DROP TRIGGER IF EXISTS analytics_erase_new_event ON analytics_events;
    SELECT max(erased_at) INTO latest FROM analytics_erasures;
    IF latest IS NOT NULL THEN
        -- As analytics_is_erased has it, in numbers: this runs once an event, for a day.
        EXECUTE format(
            'CREATE TRIGGER analytics_erase_new_event BEFORE INSERT ON analytics_events '
            'FOR EACH ROW WHEN (NEW.timestamp < %L::timestamptz OR NEW.timestamp < %L::timestamptz '
            'AND coalesce(analytics_tracked_after_number(), 0) < %s) '
            'EXECUTE FUNCTION analytics_erase_new_event()',
            latest, latest + interval '24 hours',
            (extract(epoch FROM latest - '2000-01-01 00:00:00+00'::timestamptz) * 1000000)::bigint);
    END IF;
    RETURN instant;
END
$function$;

REVOKE ALL ON FUNCTION analytics_erased(text, text[], timestamptz, timestamptz),
    analytics_dead_letter_texts(bytea) FROM PUBLIC;

-- The trigger of erasures that there were.
SELECT analytics_remember_erasure('{}') WHERE EXISTS (SELECT FROM analytics_erasures);
