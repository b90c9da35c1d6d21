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
-- above. NULL for all others: an import, a spool that was left behind, an older version of a service.
CREATE FUNCTION analytics_tracked_after() RETURNS timestamptz
LANGUAGE sql STABLE
AS $function$
    SELECT '2000-01-01 00:00:00+00'::timestamptz + interval '1 microsecond'
           * nullif(current_setting('analytics.tracked_after', true), '')::bigint
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
-- address not within a longer one, and also as JSON writes it.
CREATE OR REPLACE FUNCTION analytics_erasure_pattern(texts text[]) RETURNS text
LANGUAGE sql STABLE
AS $function$
    SELECT string_agg(
        CASE WHEN content ~ '^[0-9a-f-]{36}$' THEN replace(content, '-', '-?')
             ELSE '(?<![[:alnum:]._%+-])(?:' || forms || ')(?![[:alnum:]-])' END, '|')
    FROM unnest(texts) AS content
    CROSS JOIN LATERAL (
        SELECT string_agg(form, '|')
        FROM (SELECT content UNION SELECT regexp_replace(to_json(content)::text, '^"|"$', '', 'g'))
             AS writing (written)
        CROSS JOIN LATERAL (
            SELECT string_agg(
                CASE WHEN letter COLLATE "C" ~ '[a-z0-9@:]' THEN letter
                     WHEN ascii(letter) < 128 THEN '\' || letter
                     -- The search knows upper and lower case of ASCII alone.
                     WHEN length(upper(letter)) = 1 THEN '[' || letter || upper(letter) || ']'
                     ELSE letter END, '' ORDER BY place)
            FROM string_to_table(lower(written), NULL) WITH ORDINALITY AS letters (letter, place)
        ) AS found (form)) AS writings (forms)
$function$;

-- The e-mail addresses of the usual kind in some texts or in JSON, in lower case. What no locale knows as
-- a letter may be one.
CREATE FUNCTION analytics_addresses_in(content text) RETURNS text[]
LANGUAGE sql STABLE
AS $function$
    SELECT ARRAY(
        SELECT rtrim(lower(match[1]), '.')
        FROM (VALUES ('[^][:space:][:cntrl:]"''(),:;<>@[\\/?!&=#]+')) AS part (letters),
             regexp_matches(regexp_replace(content, '\\.', ' ', 'g'),
                            format('(%s@%s)', letters, letters), 'g') AS match)
$function$;

-- Empties the person in an event from before their erasure, see analytics_is_erased. The trigger is
-- made with the first erasure, and asks for events that may be older than the last one only: ingest of
-- what happens now is as fast as without it. The rollups' trigger sees the event as it is stored.
CREATE OR REPLACE FUNCTION analytics_erase_new_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
DECLARE
    content text :=
        concat_ws(' ', NEW.data::text, NEW.hostname, NEW.environment, NEW.service, NEW.event_type);
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

-- The texts in a dead letter's row (see RowLayout), its JSON as jsonb writes it. What is no such row is
-- given byte by byte.
CREATE FUNCTION analytics_dead_letter_text(letter bytea) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT
AS $function$
DECLARE
    place integer := 1 + 2 + 4 + 16 + 4 + 8;
    length_ integer;
    content text := '';
    json text;
BEGIN
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
        RETURN content || json::jsonb::text;
    EXCEPTION WHEN data_exception OR program_limit_exceeded OR untranslatable_character THEN
        -- Why it was refused, most likely.
        RETURN content || json;
    END;
EXCEPTION WHEN data_exception OR untranslatable_character THEN
    RETURN encode(letter, 'escape');
END
$function$;

-- A refused event of an erased person is not set aside: there is nothing of it that may be kept.
CREATE OR REPLACE FUNCTION analytics_erase_new_dead_letter() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
DECLARE
    content text := analytics_dead_letter_text(NEW.row);
BEGIN
    IF analytics_erased(
        content,
        CASE WHEN NEW.user_id IS NOT NULL THEN ARRAY[NEW.user_id::text] ELSE ARRAY(
            SELECT lower(address)
            FROM regexp_matches(content, '"email": ?"((?:[^"\\]|\\.)*)"', 'g') AS match
            CROSS JOIN LATERAL analytics_unquoted(match[1]) AS address
            WHERE address ~ '.@|^hmac:') || analytics_addresses_in(content) END,
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
            'AND coalesce(nullif(current_setting(%L, true), %L)::bigint, 0) < %s) '
            'EXECUTE FUNCTION analytics_erase_new_event()',
            latest, latest + interval '24 hours', 'analytics.tracked_after', '',
            (extract(epoch FROM latest - '2000-01-01 00:00:00+00'::timestamptz) * 1000000)::bigint);
    END IF;
    RETURN instant;
END
$function$;

REVOKE ALL ON FUNCTION analytics_erased(text, text[], timestamptz, timestamptz),
    analytics_dead_letter_text(bytea) FROM PUBLIC;

-- The trigger of erasures that there were.
SELECT analytics_remember_erasure('{}') WHERE EXISTS (SELECT FROM analytics_erasures);
