SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA before;
CREATE FUNCTION public.analytics_add_usage(replica uuid, sequence bigint, age double precision, counter_kinds text[], counter_names text[], counter_values bigint[], member_kinds text[], member_sets text[], members text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_addresses_in(content text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $_$
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
$_$;
CREATE FUNCTION public.analytics_analyze(relation regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_begin_ingest() RETURNS TABLE(transaction text, accepts_from timestamp with time zone, accepts_before timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(l.class_id, l.object_id) FROM analytics_ingest_lock() AS l;
    RETURN QUERY
        SELECT pg_current_xact_id()::text, b.accepts_from, b.accepts_before
        FROM analytics_ingest_bounds() AS b;
END
$$;
CREATE FUNCTION public.analytics_close_usage(length interval) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$ SELECT analytics_close_usage_at(length, NULL) $$;
CREATE FUNCTION public.analytics_close_usage_at(length interval, instant timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_count_suppressed(ids uuid[], timestamps timestamp with time zone[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET standard_conforming_strings TO 'on'
    AS $$
BEGIN
    -- What is there already has to be as safe as what is new; see analytics_insert_new.
    PERFORM pg_logical_emit_message(true, 'analytics', '');
    -- FOR EACH ROW (1), BEFORE (2) and INSERT (4). Ours and TimescaleDB's let all through.
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_trigger
        JOIN pg_catalog.pg_proc AS f ON f.oid = tgfoid
        WHERE tgrelid IN (SELECT 'analytics_events'::regclass
                          UNION ALL SELECT partition FROM analytics_partitions())
          AND tgtype & 7 = 7 AND tgenabled <> 'D' AND tgname <> 'analytics_erase_new_event'
          AND f.pronamespace::regnamespace::text NOT LIKE '\_timescaledb\_%'
    ) THEN
        RETURN 0;
    END IF;
    -- By the key, one by one: a join could read the whole table. By now a writer of the same events
    -- has committed, since INSERT has waited for it.
    RETURN (
        SELECT count(*) FROM unnest(ids, timestamps) AS event (id, timestamp)
        WHERE (SELECT true FROM analytics_events AS kept
               WHERE kept.timestamp = event.timestamp AND kept.id = event.id LIMIT 1) IS NULL);
END
$$;
CREATE FUNCTION public.analytics_create_partition(range tstzrange) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO, YMD'
    AS $$
DECLARE
    base text := 'analytics_events_' || to_char(lower(range), CASE upper(range)
        WHEN lower(range) + interval '1 year' THEN 'YYYY'
        WHEN lower(range) + interval '1 month' THEN 'YYYY_MM'
        ELSE 'YYYY_MM_DD' END);
    name text := base;
    suffix integer := 1;
BEGIN
    -- A partition that was detached and kept still has the name.
    WHILE EXISTS (SELECT FROM pg_catalog.pg_class AS c
                  JOIN pg_catalog.pg_class AS parent ON parent.relnamespace = c.relnamespace
                  WHERE parent.oid = 'analytics_events'::regclass AND c.relname = name) LOOP
        suffix := suffix + 1;
        name := format('%s_part%s', base, suffix);
    END LOOP;
    EXECUTE format('CREATE TABLE %I (LIKE analytics_events INCLUDING ALL)', name);
    EXECUTE format('ALTER TABLE analytics_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   name, lower(range), upper(range));
END
$$;
CREATE FUNCTION public.analytics_day(instant timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT date_bin('1 day', instant, '2000-01-01 00:00:00+00') $$;
CREATE FUNCTION public.analytics_dead_letter_texts(letter bytea, OUT content text, OUT emails text[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_ensure_partitions(instants timestamp with time zone[]) RETURNS TABLE(lower_bound timestamp with time zone, upper_bound timestamp with time zone, is_new boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
DECLARE
    instant timestamptz;
    missing timestamptz[];
    range tstzrange;
    taken tstzmultirange;
    made tstzmultirange := '{}';
    asker name := coalesce(nullif(current_setting('role'), 'none'), session_user);
BEGIN
    IF EXISTS (SELECT FROM unnest(instants) AS i
               WHERE i IS NULL OR i < '0001-01-01 00:00Z' OR i >= '10000-01-01 00:00Z') THEN
        RAISE EXCEPTION 'an event lies outside the years 1 to 9999'
            USING ERRCODE = 'datetime_field_overflow';
    END IF;
    -- Look first: the lock, held until the commit, is for those who find something missing.
    FOR look IN 1..2 LOOP
        SELECT coalesce(range_agg(tstzrange(p.lower_bound, p.upper_bound)), '{}')
        INTO taken FROM analytics_partitions() AS p;
        SELECT array_agg(i ORDER BY i) INTO missing FROM unnest(instants) AS i WHERE NOT taken @> i;
        EXIT WHEN missing IS NULL;
        IF look = 1 THEN
            PERFORM pg_advisory_xact_lock(
                'analytics_events'::regclass::oid::integer, hashtext('analytics_ensure_partitions'));
        END IF;
    END LOOP;
    -- By who asks, not by whose rights these are. Who may become the owner may make any.
    IF missing IS NOT NULL
       AND NOT pg_has_role(asker, current_user, 'MEMBER')
       AND EXISTS (SELECT FROM unnest(missing) AS i, analytics_ingest_bounds() AS b
                   WHERE i < b.accepts_from OR i >= b.accepts_before) THEN
        RAISE EXCEPTION 'only the owner of the events makes partitions for times that are not accepted'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOREACH instant IN ARRAY coalesce(missing, '{}') LOOP
        CONTINUE WHEN taken @> instant;
        range := analytics_partition_range(instant, now(), taken);
        PERFORM analytics_create_partition(range);
        taken := taken + tstzmultirange(range);
        made := made + tstzmultirange(range);
    END LOOP;
    RETURN QUERY
        SELECT p.lower_bound, p.upper_bound, made @> tstzrange(p.lower_bound, p.upper_bound)
        FROM analytics_partitions() AS p
        WHERE EXISTS (SELECT FROM unnest(instants) AS i
                      WHERE i >= p.lower_bound AND i < p.upper_bound)
        ORDER BY p.lower_bound;
END
$$;
CREATE FUNCTION public.analytics_erase_new_dead_letter() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_erase_new_event() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_erased(content text, candidates text[], instant timestamp with time zone) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT analytics_erased(content, candidates, instant, instant)
$$;
CREATE FUNCTION public.analytics_erased(content text, candidates text[], instant timestamp with time zone, tracked_after timestamp with time zone) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_erased_data(type text, data jsonb, is_own boolean, pattern text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_erased_json(value jsonb, pattern text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_erased_text(content text, pattern text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT CASE WHEN content COLLATE "C" ~* ('^(?:' || pattern || ')$') THEN NULL
                ELSE regexp_replace(content COLLATE "C", pattern, 'erased', 'gi') END
$_$;
CREATE FUNCTION public.analytics_erasure_hash(content text) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT sha256(outer_key || sha256(inner_key || convert_to(content, 'UTF8')))
    FROM analytics_erasure_key
$$;
CREATE FUNCTION public.analytics_erasure_pattern(texts text[]) RETURNS text
    LANGUAGE sql STABLE
    AS $_$
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
$_$;
CREATE FUNCTION public.analytics_event_text(data jsonb, hostname text, environment text, service text, event_type text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT concat_ws(' ',
        CASE WHEN pg_column_size(data) > 2000 OR pg_column_compression(data) IS NOT NULL
                  OR strpos(data::text, E'\\') > 0
             THEN analytics_texts_in(data) ELSE data::text END,
        hostname, environment, service, event_type)
$$;
CREATE FUNCTION public.analytics_has_keys() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$ SELECT EXISTS (SELECT FROM analytics_keys WHERE revoked_at IS NULL) $$;
CREATE FUNCTION public.analytics_histogram_add(kept bigint[], added bigint[]) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN cardinality(kept) + cardinality(added) > 128
                     AND (cardinality(kept) + cardinality(added)) / 64 > cardinality(kept) / 64
                THEN analytics_histogram_sorted(kept || added) ELSE kept || added END
$$;
CREATE FUNCTION public.analytics_histogram_compact(histogram bigint[]) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN cardinality(histogram) > 128 THEN analytics_histogram_sorted(histogram)
                ELSE coalesce(histogram, '{}') END
$$;
CREATE FUNCTION public.analytics_histogram_count(histogram bigint[]) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(sum(entry & 281474976710655)::bigint, 0) FROM unnest(histogram) AS entry
$$;
CREATE FUNCTION public.analytics_histogram_entry(number bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT (greatest(0, 1 + ceil(ln(greatest(number::double precision, 0.5))
                                 / 0.01980262729617973))::bigint << 48) + 1
$$;
CREATE FUNCTION public.analytics_histogram_sorted(histogram bigint[]) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(array_agg((slot << 48) + times::bigint ORDER BY slot), '{}')
    FROM (SELECT entry >> 48 AS slot, sum((entry & 281474976710655)::double precision) AS times
          FROM unnest(histogram) AS entry GROUP BY 1) AS slots
$$;
CREATE FUNCTION public.analytics_impersonal_fields(type text) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_ingest_bounds() RETURNS TABLE(accepts_from timestamp with time zone, accepts_before timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT coalesce((SELECT r.dropped_before FROM analytics_retention AS r), '-infinity'),
           now() + interval '24 hours'
$$;
CREATE FUNCTION public.analytics_ingest_lock() RETURNS TABLE(class_id integer, object_id integer)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT 'analytics_retention'::regclass::oid::integer, hashtext('analytics_begin_ingest')
$$;
CREATE FUNCTION public.analytics_ingests_under_way() RETURNS text[]
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT coalesce(array_agg(pid || ' ' || virtualtransaction), '{}')
    FROM pg_catalog.pg_locks
    JOIN analytics_ingest_lock() AS l
        ON classid = l.class_id::oid AND objid = l.object_id::oid AND objsubid = 2
    WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
$$;
CREATE FUNCTION public.analytics_insert_new(uuid[], timestamp with time zone[], text[], text[], uuid[], text[], text[], jsonb[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    inserted bigint;
BEGIN
    -- From here on nobody makes one.
    LOCK TABLE ONLY analytics_events IN ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM pg_catalog.pg_rewrite
               WHERE ev_class = 'analytics_events'::regclass AND ev_type = '3'
                 AND ev_enabled <> 'D') THEN
        RAISE EXCEPTION 'analytics_events has a rule for INSERT: make it a trigger'
            USING ERRCODE = 'feature_not_supported';
    END IF;
    -- In key order, so that two writers of the same events wait for each other but never in a circle.
    INSERT INTO analytics_events
        (id, timestamp, event_type, service, user_id, hostname, environment, data)
    SELECT id, timestamp, event_type, service, user_id, hostname, environment, data
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
         AS event (id, timestamp, event_type, service, user_id, hostname, environment, data)
    ORDER BY timestamp, id
    ON CONFLICT (timestamp, id) DO NOTHING;
    GET DIAGNOSTICS inserted = ROW_COUNT;
    -- COMMIT waits for disk and standby also where nothing is new: the transaction that stored these
    -- rows may have stopped waiting for them.
    PERFORM pg_logical_emit_message(true, 'analytics', '');
    RETURN inserted;
END
$_$;
CREATE FUNCTION public.analytics_installation() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT id FROM analytics_instance
$$;
CREATE FUNCTION public.analytics_is_erased(erased_at timestamp with time zone, instant timestamp with time zone, tracked_after timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT instant < erased_at
        OR instant < erased_at + interval '24 hours'
           AND coalesce(tracked_after < erased_at, true)
$$;
CREATE FUNCTION public.analytics_key(key_hash bytea, key_id uuid) RETURNS TABLE(id uuid, name text, role text, hash bytea, is_used_today boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT k.id, k.name, k.role, k.hash,
           coalesce(k.last_used_on = (now() AT TIME ZONE 'UTC')::date, false)
    FROM analytics_keys AS k
    WHERE (k.hash = key_hash OR k.id = key_id) AND k.revoked_at IS NULL
$$;
CREATE FUNCTION public.analytics_key_used(key_id uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    UPDATE analytics_keys SET last_used_on = (now() AT TIME ZONE 'UTC')::date
    WHERE id = key_id AND last_used_on IS DISTINCT FROM (now() AT TIME ZONE 'UTC')::date
$$;
CREATE FUNCTION public.analytics_lock_usage(is_exclusive boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_number(value jsonb) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN value BETWEEN '0' AND '9000000000000000' THEN value::bigint END
$$;
CREATE FUNCTION public.analytics_partition_range(instant timestamp with time zone, now timestamp with time zone, taken tstzmultirange) RETURNS tstzrange
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
    (SELECT aligned
     FROM (VALUES ('year', interval '1 year', interval '2 years'),
                  ('month', interval '1 month', interval '100 days'),
                  ('day', interval '1 day', interval '0')) AS grain (unit, length, distance)
     CROSS JOIN LATERAL tstzrange(
         date_trunc(unit, instant), date_trunc(unit, instant) + length) AS aligned
     WHERE NOT aligned && taken
       AND (unit = 'day' OR NOT aligned && tstzrange(now - distance, now + distance))
     ORDER BY length DESC
     LIMIT 1)
    UNION ALL
    -- Somebody's own partition cuts the day in pieces: take the free piece around the event.
    (SELECT piece
     FROM unnest(tstzmultirange(tstzrange(
         date_trunc('day', instant), date_trunc('day', instant) + interval '1 day')) - taken) AS piece
     WHERE piece @> instant)
    LIMIT 1
$$;
CREATE FUNCTION public.analytics_partitions() RETURNS TABLE(partition regclass, lower_bound timestamp with time zone, upper_bound timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO, YMD'
    SET standard_conforming_strings TO 'on'
    AS $$
    SELECT part.oid::regclass,
           CASE bound[1] WHEN 'MINVALUE' THEN '-infinity' ELSE trim(bound[1], '''')::timestamptz END,
           CASE bound[2] WHEN 'MAXVALUE' THEN 'infinity' ELSE trim(bound[2], '''')::timestamptz END
    FROM pg_catalog.pg_inherits AS link
    JOIN pg_catalog.pg_class AS part ON part.oid = link.inhrelid
    CROSS JOIN LATERAL regexp_match(
        pg_get_expr(part.relpartbound, part.oid), 'FROM \((.*)\) TO \((.*)\)') AS bound
    WHERE link.inhparent = 'analytics_events'::regclass
      AND bound IS NOT NULL
$$;
CREATE FUNCTION public.analytics_percentile(histogram bigint[], percentile double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN slot = 0 THEN 0
                WHEN middle < 50 THEN round(middle)
                ELSE middle END
    FROM (SELECT slot, 2 * power(1.02::double precision, slot - 1) / 2.02 AS middle,
                 sum(times) OVER (ORDER BY slot) AS rank, sum(times) OVER () AS total
          FROM (SELECT entry >> 48 AS slot, sum(entry & 281474976710655) AS times
                FROM unnest(histogram) AS entry GROUP BY 1) AS slots) AS ranked
    WHERE rank >= greatest(1, ceil(percentile::numeric / 100 * total))
    ORDER BY slot
    LIMIT 1
$$;
CREATE FUNCTION public.analytics_quarter_bit(instant timestamp with time zone) RETURNS bit
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT set_bit(B'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
        floor(date_part('epoch', instant - date_bin('1 day', instant, '2000-01-01 00:00:00+00'))
              / 900)::integer, 1)
$$;
CREATE FUNCTION public.analytics_register_clients(names text[], instances text[], versions text[], environments text[], started timestamp with time zone[], ages double precision[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    WITH seen AS (
        SELECT name, instance_id, nullif(version, '') AS version,
               nullif(environment, '') AS environment, started_at,
               clock_timestamp() - make_interval(secs => greatest(age, 0)) AS last_seen
        FROM unnest(names, instances, versions, environments, started, ages)
             AS client (name, instance_id, version, environment, started_at, age)
    ), registered AS (
        INSERT INTO analytics_client_applications (name)
        SELECT DISTINCT name COLLATE "C" FROM seen ORDER BY 1
        ON CONFLICT DO NOTHING
    )
    INSERT INTO analytics_client_instances AS kept
        (name, instance_id, version, environment, started_at, last_seen)
    SELECT name, instance_id, version, environment, started_at, last_seen
    FROM seen ORDER BY name COLLATE "C", instance_id COLLATE "C"
    ON CONFLICT (name, instance_id) DO UPDATE
        SET version = excluded.version, environment = excluded.environment,
            started_at = excluded.started_at, last_seen = excluded.last_seen
        WHERE kept.last_seen < excluded.last_seen
$$;
CREATE FUNCTION public.analytics_remember_erasure(texts text[]) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    SET client_min_messages TO 'warning'
    SET "TimeZone" TO 'UTC'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_roll_up() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_sort TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    types text[];
    is_pending boolean;
BEGIN
    SELECT array_agg(event_type) INTO types
    FROM (SELECT e.event_type::text FROM new_events AS e GROUP BY 1) AS seen;
    IF types IS NULL THEN
        RETURN NULL;
    END IF;
    -- A snapshot from before a rollup was made does not see what of it is pending.
    IF (SELECT count(*) FROM analytics_rollups) <> 10 THEN
        RAISE EXCEPTION 'a rollup was created since this transaction began: run it again'
            USING ERRCODE = 'serialization_failure';
    END IF;
    -- Ranges that a new rollup is still to be computed for. Whoever computes one holds its row.
    PERFORM FROM analytics_rollup_pending AS p
    WHERE EXISTS (SELECT FROM new_events AS e
                  WHERE e.timestamp >= p.lower AND e.timestamp < p.upper)
    ORDER BY p.name, p.version, p.lower
    FOR KEY SHARE;
    is_pending := EXISTS (SELECT FROM analytics_rollup_pending);
WITH days AS (
INSERT INTO "analytics_rollup_activity_users_v1" AS kept ("day", "member", "quarters")
SELECT date_bin('1 day', e.timestamp, '2000-01-01 00:00:00+00') AS "day",
       e.user_id AS "member",
       bit_or(analytics_quarter_bit(e.timestamp)) AS "quarters"
FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'activity' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.user_id IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
ON CONFLICT ("day", "member")
    DO UPDATE SET "quarters" = kept.quarters | excluded.quarters
    WHERE kept.quarters | excluded.quarters <> kept.quarters
RETURNING kept.day, kept.member, kept.xmax = 0 AS is_new
)
INSERT INTO analytics_users AS kept (user_id, first_day, last_day)
SELECT member, min(day), max(day) FROM days WHERE is_new GROUP BY member ORDER BY member
ON CONFLICT (user_id) DO UPDATE
    SET first_day = least(kept.first_day, excluded.first_day),
        last_day = greatest(kept.last_day, excluded.last_day)
    WHERE excluded.first_day < kept.first_day OR excluded.last_day > kept.last_day;
IF types && ARRAY['integration_connected', 'integration_disconnected', 'integration_used', 'integration_error'] THEN
INSERT INTO "analytics_rollup_integrations_users_v1" AS kept ("day", "provider", "member", "quarters")
SELECT date_bin('1 day', e.timestamp, '2000-01-01 00:00:00+00') AS "day",
       left(coalesce((e.data->>'provider'), ''), 200) COLLATE "C" AS "provider",
       e.user_id AS "member",
       bit_or(analytics_quarter_bit(e.timestamp)) AS "quarters"
FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'integrations' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type IN ('integration_connected', 'integration_disconnected', 'integration_used', 'integration_error')
  AND e.user_id IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT ("day", "provider", "member")
    DO UPDATE SET "quarters" = kept.quarters | excluded.quarters
    WHERE kept.quarters | excluded.quarters <> kept.quarters;
END IF;
IF types && ARRAY['auth_login_attempt', 'auth_code_verified', 'auth_token_refresh'] THEN
INSERT INTO "analytics_rollup_auth_users_v1" AS kept ("day", "member", "quarters")
SELECT date_bin('1 day', e.timestamp, '2000-01-01 00:00:00+00') AS "day",
       e.user_id AS "member",
       bit_or(analytics_quarter_bit(e.timestamp)) AS "quarters"
FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'auth' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type IN ('auth_login_attempt', 'auth_code_verified', 'auth_token_refresh')
  AND e.user_id IS NOT NULL
  AND e.data->'success' = 'true'
GROUP BY 1, 2
ORDER BY 1, 2
ON CONFLICT ("day", "member")
    DO UPDATE SET "quarters" = kept.quarters | excluded.quarters
    WHERE kept.quarters | excluded.quarters <> kept.quarters;
END IF;
IF types && ARRAY['cocoon_registered', 'cocoon_connected', 'cocoon_disconnected', 'cocoon_claimed'] THEN
INSERT INTO "analytics_rollup_cocoons_cocoons_v1" AS kept ("day", "member", "quarters")
SELECT date_bin('1 day', e.timestamp, '2000-01-01 00:00:00+00') AS "day",
       left((e.data->>'cocoon_id'), 200) AS "member",
       bit_or(analytics_quarter_bit(e.timestamp)) AS "quarters"
FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'cocoons' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type IN ('cocoon_registered', 'cocoon_connected', 'cocoon_disconnected', 'cocoon_claimed')
  AND left((e.data->>'cocoon_id'), 200) IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
ON CONFLICT ("day", "member")
    DO UPDATE SET "quarters" = kept.quarters | excluded.quarters
    WHERE kept.quarters | excluded.quarters <> kept.quarters;
END IF;
IF types && ARRAY['application_error'] THEN
INSERT INTO "analytics_rollup_errors_users_v1" AS kept ("day", "service", "error_type", "member", "quarters")
SELECT date_bin('1 day', e.timestamp, '2000-01-01 00:00:00+00') AS "day",
       left(coalesce(e.service, ''), 200) COLLATE "C" AS "service",
       left(coalesce((e.data->>'error_type'), ''), 200) COLLATE "C" AS "error_type",
       e.user_id AS "member",
       bit_or(analytics_quarter_bit(e.timestamp)) AS "quarters"
FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'errors' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type = 'application_error'
  AND e.user_id IS NOT NULL
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
ON CONFLICT ("day", "service", "error_type", "member")
    DO UPDATE SET "quarters" = kept.quarters | excluded.quarters
    WHERE kept.quarters | excluded.quarters <> kept.quarters;
END IF;
WITH fresh AS MATERIALIZED (
SELECT date_bin('15 minutes', e.timestamp, '2000-01-01 00:00:00+00') AS "quarter",
       left(coalesce(e.event_type, ''), 200) COLLATE "C" AS "event_type",
       left(coalesce(e.service, ''), 200) COLLATE "C" AS "service",
       left(coalesce(e.environment, ''), 200) COLLATE "C" AS "environment",
       count(*) AS "events",
       count(*) FILTER (WHERE e.user_id IS NOT NULL) AS "user_events"
FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'events' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
GROUP BY 1, 2, 3, 4
), quarters AS (
INSERT INTO "analytics_rollup_events_v1" AS kept ("quarter", "event_type", "service", "environment", "events", "user_events")
SELECT * FROM fresh ORDER BY 1, 2, 3, 4
ON CONFLICT ("quarter", "event_type", "service", "environment")
    DO UPDATE SET "events" = kept."events" + excluded."events", "user_events" = kept."user_events" + excluded."user_events"
), environments AS (
INSERT INTO stat_environment_updates AS kept (day, environment, updates)
SELECT (quarter AT TIME ZONE 'UTC')::date, environment, sum(events)::bigint
FROM fresh WHERE environment <> '' GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (day, environment) DO UPDATE SET updates = kept.updates + excluded.updates
)
INSERT INTO "analytics_rollup_events_daily_v1" AS kept ("day", "event_type", "service", "environment", "events", "user_events")
SELECT date_bin('1 day', quarter, '2000-01-01 00:00:00+00'), "event_type", "service", "environment", sum("events")::bigint, sum("user_events")::bigint FROM fresh GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
ON CONFLICT ("day", "event_type", "service", "environment")
    DO UPDATE SET "events" = kept."events" + excluded."events", "user_events" = kept."user_events" + excluded."user_events";
IF types && ARRAY['task_created', 'task_started', 'task_completed', 'task_failed', 'task_cancelled'] THEN
WITH fresh AS MATERIALIZED (
SELECT date_bin('15 minutes', e.timestamp, '2000-01-01 00:00:00+00') AS "quarter",
       count(*) FILTER (WHERE e.event_type = 'task_created') AS "created",
       count(*) FILTER (WHERE e.event_type = 'task_started') AS "started",
       count(*) FILTER (WHERE e.event_type = 'task_completed') AS "completed",
       count(*) FILTER (WHERE e.event_type = 'task_failed') AS "failed",
       count(*) FILTER (WHERE e.event_type = 'task_cancelled') AS "cancelled",
       coalesce(sum(e."number of duration_ms") FILTER (WHERE e.event_type = 'task_completed'), 0)::bigint AS "duration_ms_sum",
       analytics_histogram_compact(array_agg(analytics_histogram_entry(e."number of duration_ms")) FILTER (WHERE e.event_type = 'task_completed' AND e."number of duration_ms" IS NOT NULL)) AS "duration_ms"
FROM (SELECT e.*, analytics_number(e."json of duration_ms") AS "number of duration_ms"
 FROM (SELECT e.timestamp, e.event_type, e.service, e.environment, e.user_id, e.data,
              e.data->'duration_ms' AS "json of duration_ms"
       FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'tasks' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type IN ('task_created', 'task_started', 'task_completed', 'task_failed', 'task_cancelled') OFFSET 0) AS e OFFSET 0) AS e
GROUP BY 1
), quarters AS (
INSERT INTO "analytics_rollup_tasks_v1" AS kept ("quarter", "created", "started", "completed", "failed", "cancelled", "duration_ms_sum", "duration_ms")
SELECT * FROM fresh ORDER BY 1
ON CONFLICT ("quarter")
    DO UPDATE SET "created" = kept."created" + excluded."created", "started" = kept."started" + excluded."started", "completed" = kept."completed" + excluded."completed", "failed" = kept."failed" + excluded."failed", "cancelled" = kept."cancelled" + excluded."cancelled", "duration_ms_sum" = kept."duration_ms_sum" + excluded."duration_ms_sum", "duration_ms" = analytics_histogram_add(kept."duration_ms", excluded."duration_ms")
)
INSERT INTO "analytics_rollup_tasks_daily_v1" AS kept ("day", "created", "started", "completed", "failed", "cancelled", "duration_ms_sum", "duration_ms")
SELECT date_bin('1 day', quarter, '2000-01-01 00:00:00+00'), sum("created")::bigint, sum("started")::bigint, sum("completed")::bigint, sum("failed")::bigint, sum("cancelled")::bigint, sum("duration_ms_sum")::bigint, analytics_histogram_compact(analytics_histogram_sum("duration_ms")) FROM fresh GROUP BY 1
ORDER BY 1
ON CONFLICT ("day")
    DO UPDATE SET "created" = kept."created" + excluded."created", "started" = kept."started" + excluded."started", "completed" = kept."completed" + excluded."completed", "failed" = kept."failed" + excluded."failed", "cancelled" = kept."cancelled" + excluded."cancelled", "duration_ms_sum" = kept."duration_ms_sum" + excluded."duration_ms_sum", "duration_ms" = analytics_histogram_add(kept."duration_ms", excluded."duration_ms");
END IF;
IF types && ARRAY['api_request'] THEN
WITH fresh AS MATERIALIZED (
SELECT date_bin('15 minutes', e.timestamp, '2000-01-01 00:00:00+00') AS "quarter",
       left(coalesce(e.service, ''), 200) COLLATE "C" AS "service",
       left(coalesce((e.data->>'endpoint'), ''), 200) COLLATE "C" AS "endpoint",
       left(coalesce((e.data->>'method'), ''), 200) COLLATE "C" AS "method",
       count(*) AS "requests",
       count(*) FILTER (WHERE e."number of status_code" BETWEEN 400 AND 499) AS "errors_4xx",
       count(*) FILTER (WHERE e."number of status_code" BETWEEN 500 AND 599) AS "errors_5xx",
       coalesce(sum(e."number of duration_ms"), 0)::bigint AS "duration_ms_sum",
       analytics_histogram_compact(array_agg(analytics_histogram_entry(e."number of duration_ms")) FILTER (WHERE e."number of duration_ms" IS NOT NULL)) AS "duration_ms"
FROM (SELECT e.*, analytics_number(e."json of duration_ms") AS "number of duration_ms", analytics_number(e."json of status_code") AS "number of status_code"
 FROM (SELECT e.timestamp, e.event_type, e.service, e.environment, e.user_id, e.data,
              e.data->'duration_ms' AS "json of duration_ms", e.data->'status_code' AS "json of status_code"
       FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'api_requests' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type = 'api_request' OFFSET 0) AS e OFFSET 0) AS e
GROUP BY 1, 2, 3, 4
), quarters AS (
INSERT INTO "analytics_rollup_api_requests_v1" AS kept ("quarter", "service", "endpoint", "method", "requests", "errors_4xx", "errors_5xx", "duration_ms_sum", "duration_ms")
SELECT * FROM fresh ORDER BY 1, 2, 3, 4
ON CONFLICT ("quarter", "service", "endpoint", "method")
    DO UPDATE SET "requests" = kept."requests" + excluded."requests", "errors_4xx" = kept."errors_4xx" + excluded."errors_4xx", "errors_5xx" = kept."errors_5xx" + excluded."errors_5xx", "duration_ms_sum" = kept."duration_ms_sum" + excluded."duration_ms_sum", "duration_ms" = analytics_histogram_add(kept."duration_ms", excluded."duration_ms")
)
INSERT INTO "analytics_rollup_api_requests_daily_v1" AS kept ("day", "service", "endpoint", "method", "requests", "errors_4xx", "errors_5xx", "duration_ms_sum", "duration_ms")
SELECT date_bin('1 day', quarter, '2000-01-01 00:00:00+00'), "service", "endpoint", "method", sum("requests")::bigint, sum("errors_4xx")::bigint, sum("errors_5xx")::bigint, sum("duration_ms_sum")::bigint, analytics_histogram_compact(analytics_histogram_sum("duration_ms")) FROM fresh GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
ON CONFLICT ("day", "service", "endpoint", "method")
    DO UPDATE SET "requests" = kept."requests" + excluded."requests", "errors_4xx" = kept."errors_4xx" + excluded."errors_4xx", "errors_5xx" = kept."errors_5xx" + excluded."errors_5xx", "duration_ms_sum" = kept."duration_ms_sum" + excluded."duration_ms_sum", "duration_ms" = analytics_histogram_add(kept."duration_ms", excluded."duration_ms");
END IF;
IF types && ARRAY['integration_connected', 'integration_disconnected', 'integration_used', 'integration_error'] THEN
WITH fresh AS MATERIALIZED (
SELECT date_bin('15 minutes', e.timestamp, '2000-01-01 00:00:00+00') AS "quarter",
       left(coalesce((e.data->>'provider'), ''), 200) COLLATE "C" AS "provider",
       count(*) FILTER (WHERE e.event_type = 'integration_connected') AS "connections",
       count(*) FILTER (WHERE e.event_type = 'integration_disconnected') AS "disconnections",
       count(*) FILTER (WHERE e.event_type = 'integration_used') AS "uses",
       count(*) FILTER (WHERE e.event_type = 'integration_error') AS "errors"
FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'integrations' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type IN ('integration_connected', 'integration_disconnected', 'integration_used', 'integration_error')
GROUP BY 1, 2
), quarters AS (
INSERT INTO "analytics_rollup_integrations_v1" AS kept ("quarter", "provider", "connections", "disconnections", "uses", "errors")
SELECT * FROM fresh ORDER BY 1, 2
ON CONFLICT ("quarter", "provider")
    DO UPDATE SET "connections" = kept."connections" + excluded."connections", "disconnections" = kept."disconnections" + excluded."disconnections", "uses" = kept."uses" + excluded."uses", "errors" = kept."errors" + excluded."errors"
)
INSERT INTO "analytics_rollup_integrations_daily_v1" AS kept ("day", "provider", "connections", "disconnections", "uses", "errors")
SELECT date_bin('1 day', quarter, '2000-01-01 00:00:00+00'), "provider", sum("connections")::bigint, sum("disconnections")::bigint, sum("uses")::bigint, sum("errors")::bigint FROM fresh GROUP BY 1, 2
ORDER BY 1, 2
ON CONFLICT ("day", "provider")
    DO UPDATE SET "connections" = kept."connections" + excluded."connections", "disconnections" = kept."disconnections" + excluded."disconnections", "uses" = kept."uses" + excluded."uses", "errors" = kept."errors" + excluded."errors";
END IF;
IF types && ARRAY['auth_login_attempt', 'auth_code_verified', 'auth_token_refresh'] THEN
WITH fresh AS MATERIALIZED (
SELECT date_bin('15 minutes', e.timestamp, '2000-01-01 00:00:00+00') AS "quarter",
       count(*) FILTER (WHERE e.event_type = 'auth_login_attempt') AS "login_attempts",
       count(*) FILTER (WHERE (e.event_type = 'auth_login_attempt' AND e.data->'success' = 'true')) AS "successful_logins",
       count(*) FILTER (WHERE (e.event_type = 'auth_login_attempt' AND e.data->'success' = 'false')) AS "failed_logins",
       count(*) FILTER (WHERE e.event_type = 'auth_code_verified') AS "code_verifications",
       count(*) FILTER (WHERE e.event_type = 'auth_token_refresh') AS "token_refreshes"
FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'auth' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type IN ('auth_login_attempt', 'auth_code_verified', 'auth_token_refresh')
GROUP BY 1
), quarters AS (
INSERT INTO "analytics_rollup_auth_v1" AS kept ("quarter", "login_attempts", "successful_logins", "failed_logins", "code_verifications", "token_refreshes")
SELECT * FROM fresh ORDER BY 1
ON CONFLICT ("quarter")
    DO UPDATE SET "login_attempts" = kept."login_attempts" + excluded."login_attempts", "successful_logins" = kept."successful_logins" + excluded."successful_logins", "failed_logins" = kept."failed_logins" + excluded."failed_logins", "code_verifications" = kept."code_verifications" + excluded."code_verifications", "token_refreshes" = kept."token_refreshes" + excluded."token_refreshes"
)
INSERT INTO "analytics_rollup_auth_daily_v1" AS kept ("day", "login_attempts", "successful_logins", "failed_logins", "code_verifications", "token_refreshes")
SELECT date_bin('1 day', quarter, '2000-01-01 00:00:00+00'), sum("login_attempts")::bigint, sum("successful_logins")::bigint, sum("failed_logins")::bigint, sum("code_verifications")::bigint, sum("token_refreshes")::bigint FROM fresh GROUP BY 1
ORDER BY 1
ON CONFLICT ("day")
    DO UPDATE SET "login_attempts" = kept."login_attempts" + excluded."login_attempts", "successful_logins" = kept."successful_logins" + excluded."successful_logins", "failed_logins" = kept."failed_logins" + excluded."failed_logins", "code_verifications" = kept."code_verifications" + excluded."code_verifications", "token_refreshes" = kept."token_refreshes" + excluded."token_refreshes";
END IF;
IF types && ARRAY['cocoon_registered', 'cocoon_connected', 'cocoon_disconnected', 'cocoon_claimed'] THEN
WITH fresh AS MATERIALIZED (
SELECT date_bin('15 minutes', e.timestamp, '2000-01-01 00:00:00+00') AS "quarter",
       count(*) FILTER (WHERE e.event_type = 'cocoon_registered') AS "registrations",
       count(*) FILTER (WHERE e.event_type = 'cocoon_connected') AS "connections",
       count(*) FILTER (WHERE e.event_type = 'cocoon_disconnected') AS "disconnections",
       count(*) FILTER (WHERE e.event_type = 'cocoon_claimed') AS "claims",
       count(*) FILTER (WHERE e."number of duration_seconds" IS NOT NULL) AS "sessions",
       coalesce(sum(e."number of duration_seconds"), 0)::bigint AS "session_seconds_sum"
FROM (SELECT e.*, analytics_number(e."json of duration_seconds") AS "number of duration_seconds"
 FROM (SELECT e.timestamp, e.event_type, e.service, e.environment, e.user_id, e.data,
              e.data->'duration_seconds' AS "json of duration_seconds"
       FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'cocoons' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type IN ('cocoon_registered', 'cocoon_connected', 'cocoon_disconnected', 'cocoon_claimed') OFFSET 0) AS e OFFSET 0) AS e
GROUP BY 1
), quarters AS (
INSERT INTO "analytics_rollup_cocoons_v1" AS kept ("quarter", "registrations", "connections", "disconnections", "claims", "sessions", "session_seconds_sum")
SELECT * FROM fresh ORDER BY 1
ON CONFLICT ("quarter")
    DO UPDATE SET "registrations" = kept."registrations" + excluded."registrations", "connections" = kept."connections" + excluded."connections", "disconnections" = kept."disconnections" + excluded."disconnections", "claims" = kept."claims" + excluded."claims", "sessions" = kept."sessions" + excluded."sessions", "session_seconds_sum" = kept."session_seconds_sum" + excluded."session_seconds_sum"
)
INSERT INTO "analytics_rollup_cocoons_daily_v1" AS kept ("day", "registrations", "connections", "disconnections", "claims", "sessions", "session_seconds_sum")
SELECT date_bin('1 day', quarter, '2000-01-01 00:00:00+00'), sum("registrations")::bigint, sum("connections")::bigint, sum("disconnections")::bigint, sum("claims")::bigint, sum("sessions")::bigint, sum("session_seconds_sum")::bigint FROM fresh GROUP BY 1
ORDER BY 1
ON CONFLICT ("day")
    DO UPDATE SET "registrations" = kept."registrations" + excluded."registrations", "connections" = kept."connections" + excluded."connections", "disconnections" = kept."disconnections" + excluded."disconnections", "claims" = kept."claims" + excluded."claims", "sessions" = kept."sessions" + excluded."sessions", "session_seconds_sum" = kept."session_seconds_sum" + excluded."session_seconds_sum";
END IF;
IF types && ARRAY['application_error'] THEN
WITH fresh AS MATERIALIZED (
SELECT date_bin('15 minutes', e.timestamp, '2000-01-01 00:00:00+00') AS "quarter",
       left(coalesce(e.service, ''), 200) COLLATE "C" AS "service",
       left(coalesce((e.data->>'error_type'), ''), 200) COLLATE "C" AS "error_type",
       count(*) AS "errors",
       min(left(e.data->>'error_message', 500) COLLATE "C") AS "sample_error_message"
FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'errors' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type = 'application_error'
GROUP BY 1, 2, 3
), quarters AS (
INSERT INTO "analytics_rollup_errors_v1" AS kept ("quarter", "service", "error_type", "errors", "sample_error_message")
SELECT * FROM fresh ORDER BY 1, 2, 3
ON CONFLICT ("quarter", "service", "error_type")
    DO UPDATE SET "errors" = kept."errors" + excluded."errors", "sample_error_message" = least(kept."sample_error_message", excluded."sample_error_message")
)
INSERT INTO "analytics_rollup_errors_daily_v1" AS kept ("day", "service", "error_type", "errors", "sample_error_message")
SELECT date_bin('1 day', quarter, '2000-01-01 00:00:00+00'), "service", "error_type", sum("errors")::bigint, min("sample_error_message") FROM fresh GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT ("day", "service", "error_type")
    DO UPDATE SET "errors" = kept."errors" + excluded."errors", "sample_error_message" = least(kept."sample_error_message", excluded."sample_error_message");
END IF;
IF types && ARRAY['database_query'] THEN
WITH fresh AS MATERIALIZED (
SELECT date_bin('15 minutes', e.timestamp, '2000-01-01 00:00:00+00') AS "quarter",
       left(coalesce(e.service, ''), 200) COLLATE "C" AS "service",
       left(coalesce((e.data->>'query_type'), ''), 200) COLLATE "C" AS "query_type",
       count(*) AS "queries",
       coalesce(sum(e."number of rows_affected"), 0)::bigint AS "rows_affected_sum",
       coalesce(sum(e."number of duration_ms"), 0)::bigint AS "duration_ms_sum",
       analytics_histogram_compact(array_agg(analytics_histogram_entry(e."number of duration_ms")) FILTER (WHERE e."number of duration_ms" IS NOT NULL)) AS "duration_ms"
FROM (SELECT e.*, analytics_number(e."json of duration_ms") AS "number of duration_ms", analytics_number(e."json of rows_affected") AS "number of rows_affected"
 FROM (SELECT e.timestamp, e.event_type, e.service, e.environment, e.user_id, e.data,
              e.data->'duration_ms' AS "json of duration_ms", e.data->'rows_affected' AS "json of rows_affected"
       FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'database_queries' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type = 'database_query' OFFSET 0) AS e OFFSET 0) AS e
GROUP BY 1, 2, 3
), quarters AS (
INSERT INTO "analytics_rollup_database_queries_v1" AS kept ("quarter", "service", "query_type", "queries", "rows_affected_sum", "duration_ms_sum", "duration_ms")
SELECT * FROM fresh ORDER BY 1, 2, 3
ON CONFLICT ("quarter", "service", "query_type")
    DO UPDATE SET "queries" = kept."queries" + excluded."queries", "rows_affected_sum" = kept."rows_affected_sum" + excluded."rows_affected_sum", "duration_ms_sum" = kept."duration_ms_sum" + excluded."duration_ms_sum", "duration_ms" = analytics_histogram_add(kept."duration_ms", excluded."duration_ms")
)
INSERT INTO "analytics_rollup_database_queries_daily_v1" AS kept ("day", "service", "query_type", "queries", "rows_affected_sum", "duration_ms_sum", "duration_ms")
SELECT date_bin('1 day', quarter, '2000-01-01 00:00:00+00'), "service", "query_type", sum("queries")::bigint, sum("rows_affected_sum")::bigint, sum("duration_ms_sum")::bigint, analytics_histogram_compact(analytics_histogram_sum("duration_ms")) FROM fresh GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT ("day", "service", "query_type")
    DO UPDATE SET "queries" = kept."queries" + excluded."queries", "rows_affected_sum" = kept."rows_affected_sum" + excluded."rows_affected_sum", "duration_ms_sum" = kept."duration_ms_sum" + excluded."duration_ms_sum", "duration_ms" = analytics_histogram_add(kept."duration_ms", excluded."duration_ms");
END IF;
IF types && ARRAY['webhook_received', 'webhook_processed'] THEN
WITH fresh AS MATERIALIZED (
SELECT date_bin('15 minutes', e.timestamp, '2000-01-01 00:00:00+00') AS "quarter",
       left(coalesce((e.data->>'provider'), ''), 200) COLLATE "C" AS "provider",
       count(*) FILTER (WHERE e.event_type = 'webhook_received') AS "received",
       count(*) FILTER (WHERE e.event_type = 'webhook_processed') AS "processed",
       count(*) FILTER (WHERE (e.event_type = 'webhook_processed' AND e.data->'success' = 'false')) AS "failed",
       coalesce(sum(e."number of duration_ms"), 0)::bigint AS "duration_ms_sum",
       analytics_histogram_compact(array_agg(analytics_histogram_entry(e."number of duration_ms")) FILTER (WHERE e."number of duration_ms" IS NOT NULL)) AS "duration_ms"
FROM (SELECT e.*, analytics_number(e."json of duration_ms") AS "number of duration_ms"
 FROM (SELECT e.timestamp, e.event_type, e.service, e.environment, e.user_id, e.data,
              e.data->'duration_ms' AS "json of duration_ms"
       FROM new_events AS e
WHERE (NOT is_pending OR NOT EXISTS (
    SELECT FROM analytics_rollup_pending AS p
    WHERE p.name = 'webhooks' AND p.version = 1
      AND e.timestamp >= p.lower AND e.timestamp < p.upper))
  AND e.event_type IN ('webhook_received', 'webhook_processed') OFFSET 0) AS e OFFSET 0) AS e
GROUP BY 1, 2
), quarters AS (
INSERT INTO "analytics_rollup_webhooks_v1" AS kept ("quarter", "provider", "received", "processed", "failed", "duration_ms_sum", "duration_ms")
SELECT * FROM fresh ORDER BY 1, 2
ON CONFLICT ("quarter", "provider")
    DO UPDATE SET "received" = kept."received" + excluded."received", "processed" = kept."processed" + excluded."processed", "failed" = kept."failed" + excluded."failed", "duration_ms_sum" = kept."duration_ms_sum" + excluded."duration_ms_sum", "duration_ms" = analytics_histogram_add(kept."duration_ms", excluded."duration_ms")
)
INSERT INTO "analytics_rollup_webhooks_daily_v1" AS kept ("day", "provider", "received", "processed", "failed", "duration_ms_sum", "duration_ms")
SELECT date_bin('1 day', quarter, '2000-01-01 00:00:00+00'), "provider", sum("received")::bigint, sum("processed")::bigint, sum("failed")::bigint, sum("duration_ms_sum")::bigint, analytics_histogram_compact(analytics_histogram_sum("duration_ms")) FROM fresh GROUP BY 1, 2
ORDER BY 1, 2
ON CONFLICT ("day", "provider")
    DO UPDATE SET "received" = kept."received" + excluded."received", "processed" = kept."processed" + excluded."processed", "failed" = kept."failed" + excluded."failed", "duration_ms_sum" = kept."duration_ms_sum" + excluded."duration_ms_sum", "duration_ms" = analytics_histogram_add(kept."duration_ms", excluded."duration_ms");
END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION public.analytics_roll_up() IS '48a6d020956ebec725533afbb80abb52';
CREATE FUNCTION public.analytics_set_aside(id uuid, "timestamp" timestamp with time zone, user_id uuid, layout integer, "row" bytea, reason text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
    INSERT INTO analytics_dead_letters AS letter (id, timestamp, user_id, layout, row, reason)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT ON CONSTRAINT analytics_dead_letters_pkey DO UPDATE
        SET reason = excluded.reason, refused_at = excluded.refused_at,
            attempts = letter.attempts + 1
$_$;
CREATE FUNCTION public.analytics_telemetry_claim(lease interval, keep interval) RETURNS TABLE(id bigint, period_id bigint, collector text, document text, attempts integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_telemetry_due() RETURNS TABLE(period_id bigint, started_at timestamp with time zone, ended_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT p.id, p.started_at, p.ended_at
    FROM analytics_usage_periods AS p
    JOIN analytics_telemetry AS t ON p.id > t.on_after
    WHERE p.ended_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM analytics_telemetry_outbox AS o WHERE o.period_id = p.id)
    ORDER BY p.id
$$;
CREATE FUNCTION public.analytics_telemetry_put(period bigint, content text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_telemetry_receive(deployment uuid, key bytea, period bigint, period_start timestamp with time zone, period_end timestamp with time zone, content jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_telemetry_settle(document_id bigint, failure text, pause interval) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    UPDATE analytics_telemetry_outbox
    SET delivered_at = CASE WHEN failure IS NULL THEN clock_timestamp() END,
        problem = failure, next_attempt_at = clock_timestamp() + pause
    WHERE id = document_id AND delivered_at IS NULL AND given_up_at IS NULL
$$;
CREATE FUNCTION public.analytics_telemetry_turn_off(notice text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_telemetry_turn_on(url text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
$$;
CREATE FUNCTION public.analytics_texts_in(data jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
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
$$;
CREATE FUNCTION public.analytics_tracked_after() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
    SELECT '2000-01-01 00:00:00+00'::timestamptz
           + interval '1 microsecond' * analytics_tracked_after_number()
$$;
CREATE FUNCTION public.analytics_tracked_after_number() RETURNS bigint
    LANGUAGE sql STABLE
    AS $_$
    SELECT CASE WHEN current_setting('analytics.tracked_after', true) ~ '^[0-9]{1,18}$'
                THEN current_setting('analytics.tracked_after', true)::bigint END
$_$;
CREATE FUNCTION public.analytics_unquoted(content text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $$
BEGIN
    RETURN ('"' || content || '"')::jsonb #>> '{}';
EXCEPTION WHEN data_exception THEN
    RETURN content;
END
$$;
CREATE FUNCTION public.analytics_uuids_in(content text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
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
$$;
CREATE AGGREGATE public.analytics_histogram_sum(bigint[]) (
    SFUNC = array_cat,
    STYPE = bigint[],
    COMBINEFUNC = array_cat,
    PARALLEL = safe
);
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE before.active (
    day timestamp with time zone,
    active_users bigint,
    total_events bigint,
    weekly_active_users bigint,
    monthly_active_users bigint
);
CREATE TABLE before.days (
    day timestamp with time zone,
    member uuid,
    quarters bit(96),
    version integer
);
CREATE TABLE before.environments (
    day date,
    environment text,
    updates bigint
);
CREATE TABLE before.errors (
    hour timestamp with time zone,
    service text COLLATE pg_catalog."C",
    error_type text COLLATE pg_catalog."C",
    error_count bigint,
    affected_users bigint,
    sample_error_message text COLLATE pg_catalog."C"
);
CREATE TABLE before.events (
    quarter timestamp with time zone,
    event_type text COLLATE pg_catalog."C",
    service text COLLATE pg_catalog."C",
    environment text COLLATE pg_catalog."C",
    events bigint,
    user_events bigint,
    version integer
);
CREATE TABLE before.requests (
    day timestamp with time zone,
    service text COLLATE pg_catalog."C",
    endpoint text COLLATE pg_catalog."C",
    method text COLLATE pg_catalog."C",
    requests bigint,
    errors_4xx bigint,
    errors_5xx bigint,
    duration_ms_sum bigint,
    duration_ms bigint[],
    version integer
);
CREATE TABLE before.users (
    user_id uuid,
    first_day timestamp with time zone,
    last_day timestamp with time zone
);
CREATE TABLE public.analytics_rollup_api_requests_v1 (
    quarter timestamp with time zone NOT NULL,
    service text NOT NULL COLLATE pg_catalog."C",
    endpoint text NOT NULL COLLATE pg_catalog."C",
    method text NOT NULL COLLATE pg_catalog."C",
    requests bigint NOT NULL,
    errors_4xx bigint NOT NULL,
    errors_5xx bigint NOT NULL,
    duration_ms_sum bigint NOT NULL,
    duration_ms bigint[] NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_api_requests AS
 SELECT kept.quarter,
    kept.service,
    kept.endpoint,
    kept.method,
    kept.requests,
    kept.errors_4xx,
    kept.errors_5xx,
    kept.duration_ms_sum,
    kept.duration_ms,
    1 AS version
   FROM public.analytics_rollup_api_requests_v1 kept;
CREATE VIEW public.analytics_api_latency_hourly AS
 SELECT hours.hour,
    hours.service,
    hours.endpoint,
    hours.method,
    hours.request_count,
    ((hours.duration_ms_sum)::double precision / (NULLIF(public.analytics_histogram_count(hours.duration_ms), 0))::double precision) AS avg_duration_ms,
    public.analytics_percentile(hours.duration_ms, (50)::double precision) AS p50_duration_ms,
    public.analytics_percentile(hours.duration_ms, (95)::double precision) AS p95_duration_ms,
    public.analytics_percentile(hours.duration_ms, (99)::double precision) AS p99_duration_ms,
    hours.error_4xx_count,
    hours.error_5xx_count
   FROM ( SELECT date_bin('01:00:00'::interval, analytics_rollup_api_requests.quarter, '2000-01-01 00:00:00+00'::timestamp with time zone) AS hour,
            analytics_rollup_api_requests.service,
            analytics_rollup_api_requests.endpoint,
            analytics_rollup_api_requests.method,
            (sum(analytics_rollup_api_requests.requests))::bigint AS request_count,
            (sum(analytics_rollup_api_requests.duration_ms_sum))::bigint AS duration_ms_sum,
            public.analytics_histogram_sum(analytics_rollup_api_requests.duration_ms) AS duration_ms,
            (sum(analytics_rollup_api_requests.errors_4xx))::bigint AS error_4xx_count,
            (sum(analytics_rollup_api_requests.errors_5xx))::bigint AS error_5xx_count
           FROM public.analytics_rollup_api_requests
          GROUP BY (date_bin('01:00:00'::interval, analytics_rollup_api_requests.quarter, '2000-01-01 00:00:00+00'::timestamp with time zone)), analytics_rollup_api_requests.service, analytics_rollup_api_requests.endpoint, analytics_rollup_api_requests.method) hours;
CREATE TABLE public.analytics_rollup_auth_daily_v1 (
    day timestamp with time zone NOT NULL,
    login_attempts bigint NOT NULL,
    successful_logins bigint NOT NULL,
    failed_logins bigint NOT NULL,
    code_verifications bigint NOT NULL,
    token_refreshes bigint NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_auth_daily AS
 SELECT kept.day,
    kept.login_attempts,
    kept.successful_logins,
    kept.failed_logins,
    kept.code_verifications,
    kept.token_refreshes,
    1 AS version
   FROM public.analytics_rollup_auth_daily_v1 kept;
CREATE TABLE public.analytics_rollup_auth_users_v1 (
    day timestamp with time zone NOT NULL,
    member uuid NOT NULL,
    quarters bit(96) NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_auth_users AS
 SELECT kept.day,
    kept.member,
    kept.quarters,
    1 AS version
   FROM public.analytics_rollup_auth_users_v1 kept;
CREATE VIEW public.analytics_auth_events_daily AS
 SELECT d.day,
    (sum(d.login_attempts))::bigint AS login_attempts,
    (sum(d.successful_logins))::bigint AS successful_logins,
    (sum(d.failed_logins))::bigint AS failed_logins,
    (sum(d.code_verifications))::bigint AS code_verifications,
    (sum(d.token_refreshes))::bigint AS token_refreshes,
    ( SELECT count(*) AS count
           FROM public.analytics_rollup_auth_users m
          WHERE (m.day = d.day)) AS unique_users_authenticated
   FROM public.analytics_rollup_auth_daily d
  GROUP BY d.day;
CREATE TABLE public.analytics_client_applications (
    name text NOT NULL COLLATE pg_catalog."C",
    first_seen timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE public.analytics_client_instances (
    name text NOT NULL COLLATE pg_catalog."C",
    instance_id text NOT NULL COLLATE pg_catalog."C",
    version text,
    environment text,
    started_at timestamp with time zone NOT NULL,
    first_seen timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_seen timestamp with time zone NOT NULL
)
WITH (fillfactor='80');
CREATE TABLE public.analytics_rollup_cocoons_cocoons_v1 (
    day timestamp with time zone NOT NULL,
    member text NOT NULL COLLATE pg_catalog."C",
    quarters bit(96) NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_cocoons_cocoons AS
 SELECT kept.day,
    kept.member,
    kept.quarters,
    1 AS version
   FROM public.analytics_rollup_cocoons_cocoons_v1 kept;
CREATE TABLE public.analytics_rollup_cocoons_daily_v1 (
    day timestamp with time zone NOT NULL,
    registrations bigint NOT NULL,
    connections bigint NOT NULL,
    disconnections bigint NOT NULL,
    claims bigint NOT NULL,
    sessions bigint NOT NULL,
    session_seconds_sum bigint NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_cocoons_daily AS
 SELECT kept.day,
    kept.registrations,
    kept.connections,
    kept.disconnections,
    kept.claims,
    kept.sessions,
    kept.session_seconds_sum,
    1 AS version
   FROM public.analytics_rollup_cocoons_daily_v1 kept;
CREATE VIEW public.analytics_cocoon_activity_daily AS
 SELECT d.day,
    (sum(d.registrations))::bigint AS registrations,
    (sum(d.connections))::bigint AS connections,
    (sum(d.disconnections))::bigint AS disconnections,
    (sum(d.claims))::bigint AS claims,
    ((sum(d.session_seconds_sum))::double precision / (NULLIF(sum(d.sessions), (0)::numeric))::double precision) AS avg_session_duration_seconds,
    ( SELECT count(*) AS count
           FROM public.analytics_rollup_cocoons_cocoons m
          WHERE (m.day = d.day)) AS unique_cocoons
   FROM public.analytics_rollup_cocoons_daily d
  GROUP BY d.day;
CREATE TABLE public.analytics_rollup_activity_users_v1 (
    day timestamp with time zone NOT NULL,
    member uuid NOT NULL,
    quarters bit(96) NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_activity_users AS
 SELECT kept.day,
    kept.member,
    kept.quarters,
    1 AS version
   FROM public.analytics_rollup_activity_users_v1 kept;
CREATE TABLE public.analytics_rollup_events_daily_v1 (
    day timestamp with time zone NOT NULL,
    event_type text NOT NULL COLLATE pg_catalog."C",
    service text NOT NULL COLLATE pg_catalog."C",
    environment text NOT NULL COLLATE pg_catalog."C",
    events bigint NOT NULL,
    user_events bigint NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_events_daily AS
 SELECT kept.day,
    kept.event_type,
    kept.service,
    kept.environment,
    kept.events,
    kept.user_events,
    1 AS version
   FROM public.analytics_rollup_events_daily_v1 kept;
CREATE VIEW public.analytics_daily_active_users AS
 SELECT days.day,
    ( SELECT count(*) AS count
           FROM public.analytics_rollup_activity_users m
          WHERE (m.day = days.day)) AS active_users,
    ( SELECT (COALESCE(sum(e.user_events), (0)::numeric))::bigint AS "coalesce"
           FROM public.analytics_rollup_events_daily e
          WHERE (e.day = days.day)) AS total_events,
    ( SELECT count(DISTINCT m.member) AS count
           FROM public.analytics_rollup_activity_users m
          WHERE ((m.day > (days.day - '7 days'::interval)) AND (m.day <= days.day))) AS weekly_active_users,
    ( SELECT count(DISTINCT m.member) AS count
           FROM public.analytics_rollup_activity_users m
          WHERE ((m.day > (days.day - '30 days'::interval)) AND (m.day <= days.day))) AS monthly_active_users
   FROM ( SELECT analytics_rollup_events_daily.day
           FROM public.analytics_rollup_events_daily
          WHERE (analytics_rollup_events_daily.user_events > 0)
          GROUP BY analytics_rollup_events_daily.day) days;
COMMENT ON VIEW public.analytics_daily_active_users IS 'By UTC day; weekly and monthly: distinct users of the 7 and 30 days that end with it.';
CREATE TABLE public.analytics_dead_letters (
    id uuid NOT NULL,
    "timestamp" timestamp with time zone NOT NULL,
    user_id uuid,
    layout integer NOT NULL,
    "row" bytea NOT NULL,
    reason text NOT NULL,
    refused_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    attempts integer DEFAULT 1 NOT NULL
);
COMMENT ON TABLE public.analytics_dead_letters IS 'Refused events. `analytics dead-letters` lists, shows, retries and purges them.';
CREATE TABLE public.analytics_erasure_key (
    is_only boolean DEFAULT true NOT NULL,
    inner_key bytea NOT NULL,
    outer_key bytea NOT NULL,
    CONSTRAINT analytics_erasure_key_is_only_check CHECK (is_only)
);
CREATE TABLE public.analytics_erasures (
    hash bytea NOT NULL,
    erased_at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.analytics_erasures IS 'Keyed hashes of erased user ids and e-mail addresses. `analytics erase-user` adds to it.';
CREATE TABLE public.analytics_rollup_errors_v1 (
    quarter timestamp with time zone NOT NULL,
    service text NOT NULL COLLATE pg_catalog."C",
    error_type text NOT NULL COLLATE pg_catalog."C",
    errors bigint NOT NULL,
    sample_error_message text COLLATE pg_catalog."C"
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_errors AS
 SELECT kept.quarter,
    kept.service,
    kept.error_type,
    kept.errors,
    kept.sample_error_message,
    1 AS version
   FROM public.analytics_rollup_errors_v1 kept;
CREATE TABLE public.analytics_rollup_errors_users_v1 (
    day timestamp with time zone NOT NULL,
    service text NOT NULL COLLATE pg_catalog."C",
    error_type text NOT NULL COLLATE pg_catalog."C",
    member uuid NOT NULL,
    quarters bit(96) NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_errors_users AS
 SELECT kept.day,
    kept.service,
    kept.error_type,
    kept.member,
    kept.quarters,
    1 AS version
   FROM public.analytics_rollup_errors_users_v1 kept;
CREATE VIEW public.analytics_errors_hourly AS
 SELECT hours.hour,
    hours.service,
    hours.error_type,
    hours.error_count,
    ( SELECT count(*) AS count
           FROM public.analytics_rollup_errors_users m
          WHERE ((m.day = public.analytics_day(hours.hour)) AND (m.service = hours.service) AND (m.error_type = hours.error_type) AND (((m.quarters & (((public.analytics_quarter_bit(hours.hour) | public.analytics_quarter_bit((hours.hour + '00:15:00'::interval))) | public.analytics_quarter_bit((hours.hour + '00:30:00'::interval))) | public.analytics_quarter_bit((hours.hour + '00:45:00'::interval)))))::text ~~ '%1%'::text))) AS affected_users,
    hours.sample_error_message
   FROM ( SELECT date_bin('01:00:00'::interval, analytics_rollup_errors.quarter, '2000-01-01 00:00:00+00'::timestamp with time zone) AS hour,
            analytics_rollup_errors.service,
            analytics_rollup_errors.error_type,
            (sum(analytics_rollup_errors.errors))::bigint AS error_count,
            min(analytics_rollup_errors.sample_error_message) AS sample_error_message
           FROM public.analytics_rollup_errors
          GROUP BY (date_bin('01:00:00'::interval, analytics_rollup_errors.quarter, '2000-01-01 00:00:00+00'::timestamp with time zone)), analytics_rollup_errors.service, analytics_rollup_errors.error_type) hours;
CREATE TABLE public.analytics_events (
    id uuid NOT NULL,
    "timestamp" timestamp with time zone NOT NULL,
    event_type character varying(100) NOT NULL,
    service character varying(100) NOT NULL,
    user_id uuid,
    hostname text,
    environment text,
    data jsonb NOT NULL
)
PARTITION BY RANGE ("timestamp");
COMMENT ON TABLE public.analytics_events IS 'Usage events, one row each. No DEFAULT partition: analytics_ensure_partitions makes what is missing.';
COMMENT ON COLUMN public.analytics_events.data IS 'The fields that have no column of their own.';
CREATE TABLE public.analytics_events_2026_09_02 (
    id uuid NOT NULL,
    "timestamp" timestamp with time zone NOT NULL,
    event_type character varying(100) NOT NULL,
    service character varying(100) NOT NULL,
    user_id uuid,
    hostname text,
    environment text,
    data jsonb NOT NULL
);
COMMENT ON COLUMN public.analytics_events_2026_09_02.data IS 'The fields that have no column of their own.';
CREATE TABLE public.analytics_events_2026_09_03 (
    id uuid NOT NULL,
    "timestamp" timestamp with time zone NOT NULL,
    event_type character varying(100) NOT NULL,
    service character varying(100) NOT NULL,
    user_id uuid,
    hostname text,
    environment text,
    data jsonb NOT NULL
);
COMMENT ON COLUMN public.analytics_events_2026_09_03.data IS 'The fields that have no column of their own.';
CREATE TABLE public.analytics_events_2026_09_04 (
    id uuid NOT NULL,
    "timestamp" timestamp with time zone NOT NULL,
    event_type character varying(100) NOT NULL,
    service character varying(100) NOT NULL,
    user_id uuid,
    hostname text,
    environment text,
    data jsonb NOT NULL
);
COMMENT ON COLUMN public.analytics_events_2026_09_04.data IS 'The fields that have no column of their own.';
CREATE TABLE public.analytics_instance (
    is_only boolean DEFAULT true NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    signing_key bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT analytics_instance_is_only_check CHECK (is_only),
    CONSTRAINT analytics_instance_signing_key_check CHECK ((octet_length(signing_key) = 32))
);
COMMENT ON TABLE public.analytics_instance IS 'Id of this installation, and the key of the HMAC under its usage statistics.';
CREATE TABLE public.analytics_rollup_integrations_daily_v1 (
    day timestamp with time zone NOT NULL,
    provider text NOT NULL COLLATE pg_catalog."C",
    connections bigint NOT NULL,
    disconnections bigint NOT NULL,
    uses bigint NOT NULL,
    errors bigint NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_integrations_daily AS
 SELECT kept.day,
    kept.provider,
    kept.connections,
    kept.disconnections,
    kept.uses,
    kept.errors,
    1 AS version
   FROM public.analytics_rollup_integrations_daily_v1 kept;
CREATE TABLE public.analytics_rollup_integrations_users_v1 (
    day timestamp with time zone NOT NULL,
    provider text NOT NULL COLLATE pg_catalog."C",
    member uuid NOT NULL,
    quarters bit(96) NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_integrations_users AS
 SELECT kept.day,
    kept.provider,
    kept.member,
    kept.quarters,
    1 AS version
   FROM public.analytics_rollup_integrations_users_v1 kept;
CREATE VIEW public.analytics_integration_health_daily AS
 SELECT d.day,
    d.provider,
    (sum(d.connections))::bigint AS connections,
    (sum(d.disconnections))::bigint AS disconnections,
    (sum(d.uses))::bigint AS uses,
    (sum(d.errors))::bigint AS errors,
    ( SELECT count(*) AS count
           FROM public.analytics_rollup_integrations_users m
          WHERE ((m.day = d.day) AND (m.provider = d.provider))) AS unique_users
   FROM public.analytics_rollup_integrations_daily d
  GROUP BY d.day, d.provider;
CREATE TABLE public.analytics_keys (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    hash bytea NOT NULL,
    prefix text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    revoked_at timestamp with time zone,
    last_used_on date,
    CONSTRAINT analytics_keys_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT analytics_keys_name_check CHECK ((name <> ''::text)),
    CONSTRAINT analytics_keys_role_check CHECK ((role = ANY (ARRAY['read'::text, 'write'::text, 'admin'::text])))
);
COMMENT ON TABLE public.analytics_keys IS 'Keys of the server, hashed. `analytics keys` makes, lists and revokes them.';
CREATE TABLE public.analytics_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    phase text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT analytics_migrations_phase_check CHECK ((phase = ANY (ARRAY['pre'::text, 'post'::text]))),
    CONSTRAINT analytics_migrations_version_check CHECK ((version > 0))
);
CREATE TABLE public.analytics_partitions_to_drop (
    name text NOT NULL
);
CREATE TABLE public.analytics_retention (
    is_only boolean DEFAULT true NOT NULL,
    dropped_before timestamp with time zone NOT NULL,
    CONSTRAINT analytics_retention_is_only_check CHECK (is_only)
);
COMMENT ON COLUMN public.analytics_retention.dropped_before IS 'Older events were dropped, or are about to be. Raised before the drop; must never fall.';
CREATE TABLE public.analytics_rollup_api_requests_daily_v1 (
    day timestamp with time zone NOT NULL,
    service text NOT NULL COLLATE pg_catalog."C",
    endpoint text NOT NULL COLLATE pg_catalog."C",
    method text NOT NULL COLLATE pg_catalog."C",
    requests bigint NOT NULL,
    errors_4xx bigint NOT NULL,
    errors_5xx bigint NOT NULL,
    duration_ms_sum bigint NOT NULL,
    duration_ms bigint[] NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_api_requests_daily AS
 SELECT kept.day,
    kept.service,
    kept.endpoint,
    kept.method,
    kept.requests,
    kept.errors_4xx,
    kept.errors_5xx,
    kept.duration_ms_sum,
    kept.duration_ms,
    1 AS version
   FROM public.analytics_rollup_api_requests_daily_v1 kept;
CREATE TABLE public.analytics_rollup_auth_v1 (
    quarter timestamp with time zone NOT NULL,
    login_attempts bigint NOT NULL,
    successful_logins bigint NOT NULL,
    failed_logins bigint NOT NULL,
    code_verifications bigint NOT NULL,
    token_refreshes bigint NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_auth AS
 SELECT kept.quarter,
    kept.login_attempts,
    kept.successful_logins,
    kept.failed_logins,
    kept.code_verifications,
    kept.token_refreshes,
    1 AS version
   FROM public.analytics_rollup_auth_v1 kept;
CREATE TABLE public.analytics_rollup_cocoons_v1 (
    quarter timestamp with time zone NOT NULL,
    registrations bigint NOT NULL,
    connections bigint NOT NULL,
    disconnections bigint NOT NULL,
    claims bigint NOT NULL,
    sessions bigint NOT NULL,
    session_seconds_sum bigint NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_cocoons AS
 SELECT kept.quarter,
    kept.registrations,
    kept.connections,
    kept.disconnections,
    kept.claims,
    kept.sessions,
    kept.session_seconds_sum,
    1 AS version
   FROM public.analytics_rollup_cocoons_v1 kept;
CREATE TABLE public.analytics_rollup_database_queries_v1 (
    quarter timestamp with time zone NOT NULL,
    service text NOT NULL COLLATE pg_catalog."C",
    query_type text NOT NULL COLLATE pg_catalog."C",
    queries bigint NOT NULL,
    rows_affected_sum bigint NOT NULL,
    duration_ms_sum bigint NOT NULL,
    duration_ms bigint[] NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_database_queries AS
 SELECT kept.quarter,
    kept.service,
    kept.query_type,
    kept.queries,
    kept.rows_affected_sum,
    kept.duration_ms_sum,
    kept.duration_ms,
    1 AS version
   FROM public.analytics_rollup_database_queries_v1 kept;
CREATE TABLE public.analytics_rollup_database_queries_daily_v1 (
    day timestamp with time zone NOT NULL,
    service text NOT NULL COLLATE pg_catalog."C",
    query_type text NOT NULL COLLATE pg_catalog."C",
    queries bigint NOT NULL,
    rows_affected_sum bigint NOT NULL,
    duration_ms_sum bigint NOT NULL,
    duration_ms bigint[] NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_database_queries_daily AS
 SELECT kept.day,
    kept.service,
    kept.query_type,
    kept.queries,
    kept.rows_affected_sum,
    kept.duration_ms_sum,
    kept.duration_ms,
    1 AS version
   FROM public.analytics_rollup_database_queries_daily_v1 kept;
CREATE TABLE public.analytics_rollup_errors_daily_v1 (
    day timestamp with time zone NOT NULL,
    service text NOT NULL COLLATE pg_catalog."C",
    error_type text NOT NULL COLLATE pg_catalog."C",
    errors bigint NOT NULL,
    sample_error_message text COLLATE pg_catalog."C"
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_errors_daily AS
 SELECT kept.day,
    kept.service,
    kept.error_type,
    kept.errors,
    kept.sample_error_message,
    1 AS version
   FROM public.analytics_rollup_errors_daily_v1 kept;
CREATE TABLE public.analytics_rollup_events_v1 (
    quarter timestamp with time zone NOT NULL,
    event_type text NOT NULL COLLATE pg_catalog."C",
    service text NOT NULL COLLATE pg_catalog."C",
    environment text NOT NULL COLLATE pg_catalog."C",
    events bigint NOT NULL,
    user_events bigint NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_events AS
 SELECT kept.quarter,
    kept.event_type,
    kept.service,
    kept.environment,
    kept.events,
    kept.user_events,
    1 AS version
   FROM public.analytics_rollup_events_v1 kept;
CREATE TABLE public.analytics_rollup_integrations_v1 (
    quarter timestamp with time zone NOT NULL,
    provider text NOT NULL COLLATE pg_catalog."C",
    connections bigint NOT NULL,
    disconnections bigint NOT NULL,
    uses bigint NOT NULL,
    errors bigint NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_integrations AS
 SELECT kept.quarter,
    kept.provider,
    kept.connections,
    kept.disconnections,
    kept.uses,
    kept.errors,
    1 AS version
   FROM public.analytics_rollup_integrations_v1 kept;
CREATE TABLE public.analytics_rollup_pending (
    name text NOT NULL,
    version integer NOT NULL,
    lower timestamp with time zone NOT NULL,
    upper timestamp with time zone NOT NULL
);
CREATE TABLE public.analytics_rollup_tasks_v1 (
    quarter timestamp with time zone NOT NULL,
    created bigint NOT NULL,
    started bigint NOT NULL,
    completed bigint NOT NULL,
    failed bigint NOT NULL,
    cancelled bigint NOT NULL,
    duration_ms_sum bigint NOT NULL,
    duration_ms bigint[] NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_tasks AS
 SELECT kept.quarter,
    kept.created,
    kept.started,
    kept.completed,
    kept.failed,
    kept.cancelled,
    kept.duration_ms_sum,
    kept.duration_ms,
    1 AS version
   FROM public.analytics_rollup_tasks_v1 kept;
CREATE TABLE public.analytics_rollup_tasks_daily_v1 (
    day timestamp with time zone NOT NULL,
    created bigint NOT NULL,
    started bigint NOT NULL,
    completed bigint NOT NULL,
    failed bigint NOT NULL,
    cancelled bigint NOT NULL,
    duration_ms_sum bigint NOT NULL,
    duration_ms bigint[] NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_tasks_daily AS
 SELECT kept.day,
    kept.created,
    kept.started,
    kept.completed,
    kept.failed,
    kept.cancelled,
    kept.duration_ms_sum,
    kept.duration_ms,
    1 AS version
   FROM public.analytics_rollup_tasks_daily_v1 kept;
CREATE TABLE public.analytics_rollup_webhooks_v1 (
    quarter timestamp with time zone NOT NULL,
    provider text NOT NULL COLLATE pg_catalog."C",
    received bigint NOT NULL,
    processed bigint NOT NULL,
    failed bigint NOT NULL,
    duration_ms_sum bigint NOT NULL,
    duration_ms bigint[] NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_webhooks AS
 SELECT kept.quarter,
    kept.provider,
    kept.received,
    kept.processed,
    kept.failed,
    kept.duration_ms_sum,
    kept.duration_ms,
    1 AS version
   FROM public.analytics_rollup_webhooks_v1 kept;
CREATE TABLE public.analytics_rollup_webhooks_daily_v1 (
    day timestamp with time zone NOT NULL,
    provider text NOT NULL COLLATE pg_catalog."C",
    received bigint NOT NULL,
    processed bigint NOT NULL,
    failed bigint NOT NULL,
    duration_ms_sum bigint NOT NULL,
    duration_ms bigint[] NOT NULL
)
WITH (fillfactor='80');
CREATE VIEW public.analytics_rollup_webhooks_daily AS
 SELECT kept.day,
    kept.provider,
    kept.received,
    kept.processed,
    kept.failed,
    kept.duration_ms_sum,
    kept.duration_ms,
    1 AS version
   FROM public.analytics_rollup_webhooks_daily_v1 kept;
CREATE TABLE public.analytics_rollups (
    name text NOT NULL,
    version integer NOT NULL,
    definition text NOT NULL,
    valid_from timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT analytics_rollups_version_check CHECK ((version > 0))
);
CREATE VIEW public.analytics_task_stats_daily AS
 SELECT days.day,
    days.created,
    days.started,
    days.completed,
    days.failed,
    days.cancelled,
    ((days.duration_ms_sum)::double precision / (NULLIF(public.analytics_histogram_count(days.duration_ms), 0))::double precision) AS avg_duration_ms,
    public.analytics_percentile(days.duration_ms, (95)::double precision) AS p95_duration_ms
   FROM ( SELECT analytics_rollup_tasks_daily.day,
            (sum(analytics_rollup_tasks_daily.created))::bigint AS created,
            (sum(analytics_rollup_tasks_daily.started))::bigint AS started,
            (sum(analytics_rollup_tasks_daily.completed))::bigint AS completed,
            (sum(analytics_rollup_tasks_daily.failed))::bigint AS failed,
            (sum(analytics_rollup_tasks_daily.cancelled))::bigint AS cancelled,
            (sum(analytics_rollup_tasks_daily.duration_ms_sum))::bigint AS duration_ms_sum,
            public.analytics_histogram_sum(analytics_rollup_tasks_daily.duration_ms) AS duration_ms
           FROM public.analytics_rollup_tasks_daily
          GROUP BY analytics_rollup_tasks_daily.day) days;
CREATE TABLE public.analytics_telemetry (
    is_only boolean DEFAULT true NOT NULL,
    collector text,
    on_since timestamp with time zone,
    on_after bigint,
    CONSTRAINT analytics_telemetry_check CHECK (((on_since IS NULL) = (collector IS NULL))),
    CONSTRAINT analytics_telemetry_check1 CHECK (((on_after IS NULL) = (collector IS NULL))),
    CONSTRAINT analytics_telemetry_is_only_check CHECK (is_only)
);
CREATE TABLE public.analytics_telemetry_deployments (
    deployment_id uuid NOT NULL,
    public_key bytea NOT NULL,
    first_seen timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    turned_off_at timestamp with time zone,
    CONSTRAINT analytics_telemetry_deployments_public_key_check CHECK ((octet_length(public_key) = 32))
);
CREATE TABLE public.analytics_telemetry_outbox (
    id bigint NOT NULL,
    period_id bigint,
    collector text NOT NULL,
    document text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    problem text,
    delivered_at timestamp with time zone,
    given_up_at timestamp with time zone,
    CONSTRAINT analytics_telemetry_outbox_check CHECK (((given_up_at IS NULL) OR (delivered_at IS NULL)))
);
ALTER TABLE public.analytics_telemetry_outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.analytics_telemetry_outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_telemetry_snapshots (
    deployment_id uuid NOT NULL,
    period_id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    document jsonb NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT analytics_telemetry_snapshots_check CHECK ((ended_at >= started_at))
);
CREATE TABLE public.analytics_usage_counters (
    period_id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    replica_id uuid NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    value bigint NOT NULL,
    window_start timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE public.analytics_usage_members (
    period_id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    set_name text NOT NULL COLLATE pg_catalog."C",
    member text NOT NULL COLLATE pg_catalog."C",
    replica_id uuid NOT NULL
);
CREATE TABLE public.analytics_usage_periods (
    id bigint NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT analytics_usage_periods_check CHECK ((ended_at >= started_at))
);
ALTER TABLE public.analytics_usage_periods ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.analytics_usage_periods_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.analytics_usage_replicas (
    replica_id uuid NOT NULL,
    last_sequence bigint NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE public.analytics_users (
    user_id uuid NOT NULL,
    first_day timestamp with time zone NOT NULL,
    last_day timestamp with time zone NOT NULL
)
WITH (fillfactor='85');
CREATE VIEW public.boundary_usage_stats AS
 SELECT c.replica_id,
    COALESCE(m.workspaces, (0)::bigint) AS unique_workspaces_count,
    COALESCE(m.users, (0)::bigint) AS unique_users_count,
    (sum(c.value) FILTER (WHERE (c.name = 'allowed_requests'::text)))::bigint AS allowed_requests,
    (sum(c.value) FILTER (WHERE (c.name = 'denied_requests'::text)))::bigint AS denied_requests,
    min(c.window_start) AS window_start,
    max(c.updated_at) AS updated_at
   FROM ((public.analytics_usage_periods p
     JOIN public.analytics_usage_counters c ON (((c.period_id = p.id) AND (c.kind = 'boundary'::text))))
     LEFT JOIN LATERAL ( SELECT analytics_usage_members.replica_id,
            count(*) FILTER (WHERE (analytics_usage_members.set_name = 'workspaces'::text)) AS workspaces,
            count(*) FILTER (WHERE (analytics_usage_members.set_name = 'users'::text)) AS users
           FROM public.analytics_usage_members
          WHERE ((analytics_usage_members.period_id = p.id) AND (analytics_usage_members.kind = 'boundary'::text))
          GROUP BY analytics_usage_members.replica_id) m USING (replica_id))
  WHERE (p.ended_at IS NULL)
  GROUP BY c.replica_id, m.workspaces, m.users;
COMMENT ON VIEW public.boundary_usage_stats IS 'Each replica in the open period.';
CREATE VIEW public.boundary_usage_summary AS
SELECT
    NULL::bigint AS period_id,
    NULL::bigint AS unique_workspaces,
    NULL::bigint AS unique_users,
    NULL::bigint AS allowed_requests,
    NULL::bigint AS denied_requests,
    NULL::timestamp with time zone AS period_start,
    NULL::timestamp with time zone AS period_end,
    NULL::bigint AS period_duration_ms;
COMMENT ON VIEW public.boundary_usage_summary IS 'What went through boundaries in each period, exact over all replicas. period_end is NULL in the open one.';
CREATE TABLE public.stat_environment_updates (
    day date NOT NULL,
    environment text NOT NULL,
    updates bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE public.telemetry_locks (
    event_type text NOT NULL,
    period_ending_at timestamp with time zone NOT NULL
);
CREATE VIEW public.usage_summary AS
 SELECT p.id AS period_id,
    p.started_at AS period_start,
    p.ended_at AS period_end,
    figure.kind,
    figure.name,
    figure.value
   FROM (public.analytics_usage_periods p
     JOIN ( SELECT analytics_usage_counters.period_id,
            analytics_usage_counters.kind,
            analytics_usage_counters.name,
            (sum(analytics_usage_counters.value))::bigint AS value
           FROM public.analytics_usage_counters
          GROUP BY analytics_usage_counters.period_id, analytics_usage_counters.kind, analytics_usage_counters.name
        UNION ALL
         SELECT analytics_usage_members.period_id,
            analytics_usage_members.kind,
            analytics_usage_members.set_name,
            count(DISTINCT analytics_usage_members.member) AS count
           FROM public.analytics_usage_members
          GROUP BY analytics_usage_members.period_id, analytics_usage_members.kind, analytics_usage_members.set_name) figure ON ((figure.period_id = p.id)));
COMMENT ON VIEW public.usage_summary IS 'Of each usage period and kind: sums, and distinct members over all replicas.';
ALTER TABLE ONLY public.analytics_events ATTACH PARTITION public.analytics_events_2026_09_02 FOR VALUES FROM ('2026-09-02 00:00:00+00') TO ('2026-09-03 00:00:00+00');
ALTER TABLE ONLY public.analytics_events ATTACH PARTITION public.analytics_events_2026_09_03 FOR VALUES FROM ('2026-09-03 00:00:00+00') TO ('2026-09-04 00:00:00+00');
ALTER TABLE ONLY public.analytics_events ATTACH PARTITION public.analytics_events_2026_09_04 FOR VALUES FROM ('2026-09-04 00:00:00+00') TO ('2026-09-05 00:00:00+00');
INSERT INTO before.active VALUES
	('2026-09-02 00:00:00+00', 11, 45, 12, 12),
	('2026-09-04 00:00:00+00', 12, 59, 12, 12),
	('2026-09-03 00:00:00+00', 12, 59, 12, 12),
	('2026-09-01 00:00:00+00', 12, 98, 12, 12);
INSERT INTO before.days VALUES
	('2026-09-01 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'010010110000000000000000000000001000010000000000000100000000010000010000000000000000000000000000', 1),
	('2026-09-01 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000010000100000000000000110100000000000000001010000000000000000001000000110010000', 1),
	('2026-09-01 00:00:00+00', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'010000000000000000000010000000000000000000000100000100000000000000001100000000000000000000100000', 1),
	('2026-09-01 00:00:00+00', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000001000000000000000000000000000000000000000000000010000000010001000000000000000000000000000001', 1),
	('2026-09-01 00:00:00+00', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000100100000000000000000000000010000000000000000000000100000000000000010000000000000000001100000', 1),
	('2026-09-01 00:00:00+00', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'000000000000000000000000000000000100000000000000000000000101000000000001000000000000000010000100', 1),
	('2026-09-01 00:00:00+00', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'000000000000000000010000000000000000001010011010000000000000000000000011001000000000000000000000', 1),
	('2026-09-01 00:00:00+00', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000001000000000000010000000100000000110100100000010000000000010000000000000001000000000000', 1),
	('2026-09-01 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'010000000000000000000000000001000100000000000000000000000000011001000000000000000001000000000000', 1),
	('2026-09-01 00:00:00+00', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', B'000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000100', 1),
	('2026-09-01 00:00:00+00', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'010001100000000000000000100011000000000000100000010000010000100000000000000000000000000000001010', 1),
	('2026-09-01 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000010000010000000000000010001000000000000000000000000000000000000000010000000010000000000000000', 1),
	('2026-09-02 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000010000000000100000000000101000000000000000000000000000001000000000000000001000000000100000', 1),
	('2026-09-02 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000100000100000000000000000000000000000000000000000000100000000000000000100000000000000100000', 1),
	('2026-09-02 00:00:00+00', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000110000000100000000000000100000000000000000000000000000000000000000010000000000100000000000000', 1),
	('2026-09-02 00:00:00+00', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000000000000000000000000000000000000000000000000000000000000001001000000000000100000000000000', 1),
	('2026-09-02 00:00:00+00', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'000000000000000000100000000010000000000000000000100000000000000000100000000000000000100000000000', 1),
	('2026-09-02 00:00:00+00', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'000000000000000000000000000000000000000000000000001000000000000000000000000010000000000000000100', 1),
	('2026-09-02 00:00:00+00', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000000000000000000000000001000000000000000000000000000000000000000000000000100000000000000', 1),
	('2026-09-02 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'010000000000000000000000000100000000000000000000000000000000100000000000001000000000000000000000', 1),
	('2026-09-02 00:00:00+00', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', B'000000000000000000010000000000000100000010000000000100000000000000000000000000000100000000000000', 1),
	('2026-09-02 00:00:00+00', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'000000000000000000000000000000100000000001000000000000000000000000100000000000000000000000000000', 1),
	('2026-09-02 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000100000000000000000000000000000000000100000000000000000000000000000', 1),
	('2026-09-03 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000000000000100000000000000001000000000000000000000000000000000000000000000000000000000', 1),
	('2026-09-03 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000000000000000000000000000010000010000000000000000000000001000000000000000000000', 1),
	('2026-09-03 00:00:00+00', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'000000000000000000000000010000000000000000000000000000000100001000010000100000000000000010000000', 1),
	('2026-09-03 00:00:00+00', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000100000000000000000000010000000000000000000100000001000000001000000000100000000000001000000000', 1),
	('2026-09-03 00:00:00+00', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000010000000000000000001000000001000000000000100000100000000000000000000000000000000000000001', 1),
	('2026-09-03 00:00:00+00', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'010000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000', 1),
	('2026-09-03 00:00:00+00', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'100000000100000000000000000000000000000000001000000000000000000000000000000000000110000001000000', 1),
	('2026-09-03 00:00:00+00', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000010000000000000000000000000000001000000000000000000000000010110000000000000001000100000000000', 1),
	('2026-09-03 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'100001000000001010000000000000000001000010000000000000100000000000000000000000000000010010000000', 1),
	('2026-09-03 00:00:00+00', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', B'000000101000000000000000000100000000000000000000000000000010000000000000000000000001000000000000', 1),
	('2026-09-03 00:00:00+00', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', 1),
	('2026-09-03 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000001000000000000000000100000000000000000000001000000000000000000000000010000000000000000000000', 1),
	('2026-09-04 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000000000000100000000000000000000000000000000100000000001000000000100000000000001000000', 1),
	('2026-09-04 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'011000000000001000000000000000000000000000000000000001000000000000001000010000000000000000000000', 1),
	('2026-09-04 00:00:00+00', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'000000000000000000000000000000000000000000000000001100100000000000000000000000000000000000000000', 1),
	('2026-09-04 00:00:00+00', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000', 1),
	('2026-09-04 00:00:00+00', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000000000100000000000000000000000001001000001000000000000000000000000100000010000000000000000', 1),
	('2026-09-04 00:00:00+00', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'000000000000000000000000000000010000000000000000000010000000000000100000000000000000000000000000', 1),
	('2026-09-04 00:00:00+00', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'000000000000000000000000000000000000000000000000001000000000000000000010010010010000000000000000', 1),
	('2026-09-04 00:00:00+00', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000000000000000000010000000000000000000100000000000000000000000000000000000000001000000000', 1),
	('2026-09-04 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'010000000000100000000000000010010000000001000000000000000000000000000000000000000000000100000000', 1),
	('2026-09-04 00:00:00+00', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', B'000000000000000000010100000000000000000000000000000010000000001010000000000100000000000000000100', 1),
	('2026-09-04 00:00:00+00', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'001000000000000000100100000000000000000000000000000000000000000100000000010000000000000000100000', 1),
	('2026-09-04 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000000000010000000000100000001000000000000000000100000000000010000000', 1);
INSERT INTO before.environments VALUES
	('2026-09-01', 'production', 29),
	('2026-09-01', 'staging', 38),
	('2026-09-02', 'production', 13),
	('2026-09-02', 'staging', 13),
	('2026-09-03', 'production', 28),
	('2026-09-03', 'staging', 21),
	('2026-09-04', 'production', 20),
	('2026-09-04', 'staging', 21);
INSERT INTO before.errors VALUES
	('2026-09-04 05:00:00+00', 'web', 'E2', 1, 1, 'message 4'),
	('2026-09-01 10:00:00+00', 'web', 'E1', 1, 1, 'message 1'),
	('2026-09-03 00:00:00+00', 'web', 'E1', 1, 1, 'message 0'),
	('2026-09-02 08:00:00+00', 'web', 'E2', 1, 1, 'message 1'),
	('2026-09-01 22:00:00+00', 'web', 'E2', 1, 1, 'message 3'),
	('2026-09-01 15:00:00+00', 'web', 'E1', 1, 1, 'message 5'),
	('2026-09-01 14:00:00+00', 'web', 'E1', 1, 1, 'message 8'),
	('2026-09-02 15:00:00+00', 'web', 'E2', 1, 1, 'message 0'),
	('2026-09-04 15:00:00+00', 'web', 'E2', 1, 1, 'message 6'),
	('2026-09-04 09:00:00+00', 'web', 'E2', 1, 1, 'message 0'),
	('2026-09-02 14:00:00+00', 'web', 'E0', 1, 1, 'message 5'),
	('2026-09-02 22:00:00+00', 'web', 'E0', 1, 1, 'message 8'),
	('2026-09-02 01:00:00+00', 'web', 'E1', 1, 1, 'message 8'),
	('2026-09-03 01:00:00+00', 'web', 'E0', 1, 1, 'message 2'),
	('2026-09-03 10:00:00+00', 'web', 'E1', 1, 1, 'message 1'),
	('2026-09-03 12:00:00+00', 'web', 'E2', 1, 1, 'message 5'),
	('2026-09-02 07:00:00+00', 'web', 'E0', 4, 4, 'message 3'),
	('2026-09-01 16:00:00+00', 'web', 'E0', 1, 1, 'message 4'),
	('2026-09-04 16:00:00+00', 'web', 'E0', 1, 1, 'message 6'),
	('2026-09-01 17:00:00+00', 'web', 'E1', 1, 1, 'message 4'),
	('2026-09-03 16:00:00+00', 'web', 'E1', 1, 1, 'message 2'),
	('2026-09-02 06:00:00+00', 'web', 'E1', 2, 2, 'message 6'),
	('2026-09-04 22:00:00+00', 'web', 'E0', 2, 2, 'message 5'),
	('2026-09-03 04:00:00+00', 'web', 'E2', 1, 1, 'message 4'),
	('2026-09-02 20:00:00+00', 'web', 'E0', 2, 2, 'message 8'),
	('2026-09-02 23:00:00+00', 'web', 'E1', 1, 1, 'message 6'),
	('2026-09-01 01:00:00+00', 'web', 'E0', 1, 1, 'message 8'),
	('2026-09-03 13:00:00+00', 'web', 'E1', 1, 1, 'message 2'),
	('2026-09-01 12:00:00+00', 'web', 'E2', 1, 1, 'message 1'),
	('2026-09-04 07:00:00+00', 'web', 'E0', 1, 1, 'message 0'),
	('2026-09-01 23:00:00+00', 'web', 'E0', 1, 1, 'message 8'),
	('2026-09-02 20:00:00+00', 'web', 'E2', 1, 1, 'message 8'),
	('2026-09-01 05:00:00+00', 'web', 'E2', 1, 1, 'message 1'),
	('2026-09-01 13:00:00+00', 'web', 'E2', 2, 2, 'message 4'),
	('2026-09-04 18:00:00+00', 'web', 'E0', 1, 1, 'message 0');
INSERT INTO before.events VALUES
	('2026-09-01 00:15:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-01 00:15:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-01 00:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-01 00:15:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-01 00:30:00+00', 'database_query', 'web', 'staging', 1, 0, 1),
	('2026-09-01 00:45:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-01 01:00:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-01 01:00:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-01 01:00:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-01 01:00:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-01 01:15:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-01 01:15:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-01 01:30:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-01 01:30:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-01 01:30:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-01 01:30:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-01 01:45:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-01 02:30:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-01 02:45:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-01 02:45:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-01 04:45:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-01 04:45:00+00', 'integration_used', 'import', 'staging', 1, 1, 1),
	('2026-09-01 05:30:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-01 06:00:00+00', 'integration_used', 'import', 'staging', 1, 1, 1),
	('2026-09-01 06:00:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-01 06:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-01 06:15:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-01 07:00:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-01 07:15:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-01 07:15:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-01 07:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-01 07:45:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-01 08:00:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-01 08:15:00+00', 'integration_used', 'import', 'staging', 1, 1, 1),
	('2026-09-01 08:15:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-01 08:15:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-01 09:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-01 09:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-01 09:45:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-01 09:45:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-01 10:00:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-01 10:00:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-01 10:30:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-01 10:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-01 10:30:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-01 10:30:00+00', 'integration_used', 'import', 'staging', 2, 2, 1),
	('2026-09-01 10:45:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-01 10:45:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-01 10:45:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-01 11:00:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-01 11:15:00+00', 'api_request', 'web', 'production', 1, 1, 1),
	('2026-09-01 11:15:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-01 11:15:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-01 11:30:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-01 11:45:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-01 12:00:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-01 12:15:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-01 12:45:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-01 12:45:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-01 13:00:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-01 13:30:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-01 13:45:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-01 13:45:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-01 14:00:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-01 14:15:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-01 14:45:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-01 14:45:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-01 15:00:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-01 15:15:00+00', 'application_error', 'web', 'staging', 1, 1, 1),
	('2026-09-01 15:15:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-01 15:15:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-01 15:15:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-01 15:30:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-01 15:30:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-01 16:15:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-01 16:15:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-01 16:45:00+00', 'application_error', 'web', 'staging', 1, 1, 1),
	('2026-09-01 16:45:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-01 17:00:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-01 17:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-01 17:30:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-01 17:30:00+00', 'api_request', 'web', 'production', 1, 1, 1),
	('2026-09-01 17:30:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-01 17:30:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-01 17:45:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-01 17:45:00+00', 'application_error', 'web', 'staging', 1, 1, 1),
	('2026-09-01 18:30:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-01 18:30:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-01 19:45:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-01 19:45:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-01 20:00:00+00', 'api_request', 'web', 'production', 1, 1, 1),
	('2026-09-01 20:30:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-01 20:45:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-01 20:45:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-01 21:45:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-01 22:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-01 22:00:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-01 22:15:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-01 22:30:00+00', 'integration_used', 'import', 'staging', 1, 1, 1),
	('2026-09-01 22:30:00+00', 'task_created', 'import', 'production', 1, 1, 1);
INSERT INTO before.events VALUES
	('2026-09-01 22:45:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-01 23:00:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-01 23:15:00+00', 'task_completed', 'import', 'staging', 2, 2, 1),
	('2026-09-01 23:30:00+00', 'application_error', 'web', 'staging', 1, 1, 1),
	('2026-09-01 23:45:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-02 00:15:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-02 00:30:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-02 00:45:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-02 01:00:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-02 01:30:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-02 01:45:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-02 03:00:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-02 03:00:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-02 04:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-02 04:30:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-02 04:30:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-02 04:45:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-02 06:45:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-02 06:45:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-02 07:00:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-02 07:30:00+00', 'application_error', 'web', 'production', 2, 2, 1),
	('2026-09-02 07:30:00+00', 'application_error', 'web', 'staging', 1, 1, 1),
	('2026-09-02 08:00:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-02 08:00:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-02 08:00:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-02 08:15:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-02 08:30:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-02 10:00:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-02 10:00:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-02 10:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-02 12:00:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-02 12:30:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-02 12:45:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-02 14:15:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-02 14:15:00+00', 'database_query', 'web', 'staging', 1, 0, 1),
	('2026-09-02 15:00:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-02 15:30:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-02 16:15:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-02 16:30:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-02 16:30:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-02 16:30:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-02 17:00:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-02 17:30:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-02 18:30:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-02 18:45:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-02 19:00:00+00', 'api_request', 'web', 'production', 1, 1, 1),
	('2026-09-02 20:00:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-02 20:15:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-02 20:15:00+00', 'application_error', 'web', 'production', 2, 2, 1),
	('2026-09-02 20:15:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-02 21:00:00+00', 'integration_used', 'import', 'staging', 1, 1, 1),
	('2026-09-02 22:30:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-02 22:30:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-02 23:15:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-03 00:00:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-03 00:00:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-03 00:15:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-03 00:15:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-03 00:45:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-03 01:00:00+00', 'integration_used', 'import', 'staging', 1, 1, 1),
	('2026-09-03 01:15:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-03 01:15:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-03 01:30:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-03 01:45:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-03 01:45:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-03 02:00:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-03 02:15:00+00', 'api_request', 'web', 'production', 1, 1, 1),
	('2026-09-03 03:30:00+00', 'api_request', 'web', 'production', 1, 1, 1),
	('2026-09-03 04:00:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-03 05:15:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-03 05:45:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-03 06:00:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-03 06:15:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-03 06:15:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-03 06:30:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-03 06:45:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-03 07:30:00+00', 'database_query', 'web', 'staging', 1, 0, 1),
	('2026-09-03 07:45:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-03 08:30:00+00', 'api_request', 'web', 'production', 1, 1, 1),
	('2026-09-03 08:45:00+00', 'api_request', 'web', 'production', 1, 1, 1),
	('2026-09-03 08:45:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-03 08:45:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-03 09:30:00+00', 'api_request', 'web', 'production', 1, 1, 1),
	('2026-09-03 10:00:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-03 10:30:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-03 10:45:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-03 11:00:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-03 11:15:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-03 11:45:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-03 11:45:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-03 12:00:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-03 12:15:00+00', 'application_error', 'web', 'staging', 1, 1, 1),
	('2026-09-03 12:30:00+00', 'database_query', 'web', 'staging', 1, 0, 1),
	('2026-09-03 13:15:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-03 13:30:00+00', 'api_request', 'web', 'production', 1, 1, 1),
	('2026-09-03 13:30:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-03 14:15:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-03 14:30:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-03 14:30:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-03 15:15:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1);
INSERT INTO before.events VALUES
	('2026-09-03 15:30:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-03 15:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-03 15:45:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-03 16:00:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-03 16:45:00+00', 'application_error', 'web', 'staging', 1, 1, 1),
	('2026-09-03 17:00:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-03 18:00:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-03 18:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-03 18:15:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-03 18:30:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-03 20:00:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-03 20:00:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-03 20:15:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-03 20:30:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-03 20:45:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-03 20:45:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-03 21:00:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-03 21:15:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-03 21:30:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-03 22:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-03 22:00:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-03 22:15:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-03 23:45:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-04 00:00:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-04 00:15:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-04 00:15:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-04 00:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-04 00:30:00+00', 'integration_used', 'import', 'staging', 2, 2, 1),
	('2026-09-04 00:45:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-04 01:00:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-04 02:45:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-04 03:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-04 03:00:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-04 03:30:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-04 03:30:00+00', 'database_query', 'web', 'staging', 1, 0, 1),
	('2026-09-04 04:00:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-04 04:15:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-04 04:30:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-04 04:45:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-04 05:15:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-04 05:15:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-04 05:15:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-04 06:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-04 06:15:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-04 07:00:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-04 07:45:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-04 07:45:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-04 08:30:00+00', 'integration_used', 'import', '', 1, 1, 1),
	('2026-09-04 08:45:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-04 09:15:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-04 09:30:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-04 10:15:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-04 10:15:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-04 10:45:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-04 11:15:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-04 11:15:00+00', 'database_query', 'web', 'production', 1, 0, 1),
	('2026-09-04 11:45:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-04 12:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-04 12:30:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-04 12:30:00+00', 'integration_used', 'import', 'staging', 1, 1, 1),
	('2026-09-04 12:45:00+00', 'database_query', 'web', 'staging', 1, 0, 1),
	('2026-09-04 12:45:00+00', 'integration_used', 'import', 'staging', 1, 1, 1),
	('2026-09-04 13:00:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-04 13:00:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-04 13:15:00+00', 'task_completed', 'import', 'production', 1, 1, 1),
	('2026-09-04 13:30:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-04 13:30:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-04 14:00:00+00', 'integration_used', 'import', 'staging', 1, 1, 1),
	('2026-09-04 15:30:00+00', 'cocoon_connected', 'import', 'production', 1, 1, 1),
	('2026-09-04 15:45:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-04 16:00:00+00', 'task_completed', 'import', '', 1, 1, 1),
	('2026-09-04 16:15:00+00', 'integration_used', 'import', 'production', 1, 1, 1),
	('2026-09-04 16:30:00+00', 'application_error', 'web', '', 1, 1, 1),
	('2026-09-04 16:45:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-04 17:00:00+00', 'task_created', 'import', 'staging', 1, 1, 1),
	('2026-09-04 17:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-04 18:00:00+00', 'api_request', 'web', '', 1, 1, 1),
	('2026-09-04 18:00:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-04 18:15:00+00', 'api_request', 'web', 'staging', 1, 1, 1),
	('2026-09-04 18:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-04 18:15:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-04 18:45:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-04 18:45:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-04 18:45:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-04 19:00:00+00', 'task_created', 'import', '', 1, 1, 1),
	('2026-09-04 19:45:00+00', 'cocoon_connected', 'import', 'staging', 1, 1, 1),
	('2026-09-04 19:45:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-04 21:00:00+00', 'database_query', 'web', '', 1, 0, 1),
	('2026-09-04 21:30:00+00', 'task_created', 'import', 'production', 1, 1, 1),
	('2026-09-04 21:45:00+00', 'cocoon_connected', 'import', '', 1, 1, 1),
	('2026-09-04 22:00:00+00', 'application_error', 'web', 'staging', 1, 1, 1),
	('2026-09-04 22:15:00+00', 'task_completed', 'import', 'staging', 1, 1, 1),
	('2026-09-04 22:30:00+00', 'application_error', 'web', 'production', 1, 1, 1),
	('2026-09-04 22:45:00+00', 'database_query', 'web', 'staging', 1, 0, 1),
	('2026-09-04 23:15:00+00', 'api_request', 'web', '', 1, 1, 1);
INSERT INTO before.requests VALUES
	('2026-09-01 00:00:00+00', 'web', '/e0', 'GET', 2, 2, 0, 9668, '{120752765008871425,121315714962292737}', 1),
	('2026-09-01 00:00:00+00', 'web', '/e1', 'GET', 9, 1, 6, 25131, '{117656540265054209,108367866033602561,113715890591105025,113997365567815681,113715890591105025,120189815055450113,103301316452810753,105553116266496001,114841790497947649}', 1),
	('2026-09-01 00:00:00+00', 'web', '/e2', 'GET', 2, 1, 1, 4226, '{114278840544526337,101612466592546817}', 1),
	('2026-09-01 00:00:00+00', 'web', '/e3', 'GET', 7, 1, 3, 16019, '{105553116266496001,86975767803592705,116249165381500929,113434415614394369,120189815055450113,114560315521236993,37999121855938561}', 1),
	('2026-09-02 00:00:00+00', 'web', '/e0', 'GET', 1, 0, 1, 4768, '{120752765008871425}', 1),
	('2026-09-02 00:00:00+00', 'web', '/e1', 'GET', 1, 0, 0, 2784, '{113152940637683713}', 1),
	('2026-09-02 00:00:00+00', 'web', '/e2', 'GET', 4, 0, 3, 10871, '{101893941569257473,121034239985582081,103864266406232065,115686215428079617}', 1),
	('2026-09-02 00:00:00+00', 'web', '/e3', 'GET', 2, 0, 1, 7124, '{113997365567815681,118782440171896833}', 1),
	('2026-09-03 00:00:00+00', 'web', '/e0', 'GET', 1, 1, 0, 781, '{95138542128201729}', 1),
	('2026-09-03 00:00:00+00', 'web', '/e1', 'GET', 5, 1, 4, 18378, '{121315714962292737,120189815055450113,105271641289785345,113997365567815681,119626865102028801}', 1),
	('2026-09-03 00:00:00+00', 'web', '/e2', 'GET', 4, 0, 3, 11242, '{112308515707551745,68961369294110721,120189815055450113,117938015241764865}', 1),
	('2026-09-03 00:00:00+00', 'web', '/e3', 'GET', 1, 0, 0, 1385, '{103301316452810753}', 1),
	('2026-09-04 00:00:00+00', 'web', '/e0', 'GET', 1, 0, 1, 2488, '{111464090777419777}', 1),
	('2026-09-04 00:00:00+00', 'web', '/e1', 'GET', 1, 0, 1, 1285, '{102175416545968129}', 1),
	('2026-09-04 00:00:00+00', 'web', '/e2', 'GET', 1, 1, 0, 2605, '{112308515707551745}', 1);
INSERT INTO before.users VALUES
	('2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('4dad2986-ce83-4960-6a06-e9ab85a0bcc1', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('8a4996ef-b447-c0ce-b484-38b5c41f9dfd', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('8d1a6bff-ff9a-3914-2335-e9e266cea9fa', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('a3f96f0e-5143-6d1f-cd68-615c80690847', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('b969ec07-f1f8-3a79-af37-1d87d8a8f065', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('caa7e9bf-d007-24a1-23cf-493f0febddf8', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('cd425ec3-8f13-8999-8869-510db4a02517', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('d0b0090d-6259-0992-3fb8-1d2706e55426', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('dc159e6a-409c-38f2-6b68-b48ebf13c171', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('e1ff83ab-26a2-658f-3252-1553e014be00', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('eae0d2c1-1c33-9464-473d-212ba950666d', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00');
INSERT INTO public.analytics_erasure_key VALUES
	(true, '\x3b7d488e4cf67db0a81be6634e9dff2458e9ce597a187a2e95b42228fa6afd36d111335dbc6b7c47a9edd83e8d5e4b2b5b4e0cd925607bfa96c5dc38f89c9669', '\x511722e4269c17dac2718c0924f7954e3283a43310721044ffde48429000975cbb7b5937d601162dc387b254e7342141312466b34f0a1190fcafb65292f6fc03');
INSERT INTO public.analytics_events_2026_09_02 VALUES
	('19bdd381-a79a-8fe2-a0a5-c61ac2512262', '2026-09-02 00:26:53.129+00', 'task_created', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, 'production', '{"command": "ls", "task_id": "45d6514c-9935-3dfb-cce0-aff5cefb10fd"}'),
	('8eea101f-1524-897d-995f-17ee90e68397', '2026-09-02 00:44:37.75+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 102}'),
	('b84d7385-a59c-8e6d-b5cc-069261c38fea', '2026-09-02 00:55:36.282+00', 'cocoon_connected', 'import', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, NULL, '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('9ec9dc6e-6b7e-8e24-8d5a-893566d3fed1', '2026-09-02 01:07:58.936+00', 'application_error', 'web', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, NULL, '{"error_type": "E1", "error_message": "message 8"}'),
	('fb8f3348-ebd3-80f4-a893-e9ce639725e4', '2026-09-02 01:34:21.803+00', 'api_request', 'web', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, 'staging', '{"method": "GET", "endpoint": "/e2", "duration_ms": 1460, "status_code": 500}'),
	('f319ff3f-f10c-8f8f-ad90-dff9913a7ff2', '2026-09-02 01:49:03.266+00', 'task_created', 'import', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, NULL, '{"command": "ls", "task_id": "d3304319-8180-48e5-ad23-28dbe47d20f4"}'),
	('47284768-5756-81e1-b3c9-7818828a3f31', '2026-09-02 03:03:38.719+00', 'cocoon_connected', 'import', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, NULL, '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('2ae067db-8d2d-8785-9422-70f7471ef4f2', '2026-09-02 03:10:16.763+00', 'task_created', 'import', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, 'production', '{"command": "ls", "task_id": "51736bef-25c1-f35f-207f-ef49515d953b"}'),
	('f3905e16-22f6-8453-8f4f-6f15eb97fbd3', '2026-09-02 04:31:00.783+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 208}'),
	('b63a4486-8bed-856b-b5b8-77271528aae6', '2026-09-02 04:34:53.249+00', 'cocoon_connected', 'import', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', NULL, 'staging', '{"cocoon_id": "8a4996ef-b447-c0ce-b484-38b5c41f9dfd"}'),
	('0baee777-b9c9-82d4-a055-754609742055', '2026-09-02 04:36:25.798+00', 'task_created', 'import', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, 'staging', '{"command": "ls", "task_id": "2bbce3d1-bd83-5dca-bcb6-db5d0184462c"}'),
	('b3b78fd7-6692-83c7-ab09-0bd02fa4c590', '2026-09-02 04:57:55.648+00', 'task_completed', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'staging', '{"task_id": "2221f1ea-16a0-32c3-73aa-211aec656940", "exit_code": 0, "duration_ms": 45370}'),
	('da499aed-6df4-822b-9414-1c0699b2005d', '2026-09-02 06:50:03.657+00', 'application_error', 'web', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, NULL, '{"error_type": "E1", "error_message": "message 6"}'),
	('cbba150f-c6b7-882f-94a0-77be5dbfb323', '2026-09-02 06:54:49.024+00', 'application_error', 'web', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, 'production', '{"error_type": "E1", "error_message": "message 8"}'),
	('910e13cd-15f6-83c8-95a7-b2a84f3d4cb4', '2026-09-02 07:10:58.697+00', 'application_error', 'web', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', NULL, 'production', '{"error_type": "E0", "error_message": "message 7"}'),
	('61f88a80-ed11-8f85-8e30-6aa341bc6c35', '2026-09-02 07:36:46.25+00', 'application_error', 'web', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, 'production', '{"error_type": "E0", "error_message": "message 5"}'),
	('9b3148e0-6439-8f6e-a9b9-053518dc5bd2', '2026-09-02 07:39:20.756+00', 'application_error', 'web', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, 'production', '{"error_type": "E0", "error_message": "message 3"}'),
	('0d9c3c27-55fa-8666-b2e7-df37a8aed16d', '2026-09-02 07:44:47.807+00', 'application_error', 'web', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, 'staging', '{"error_type": "E0", "error_message": "message 3"}'),
	('10b6e822-c155-8070-b4d7-e84cbd569ea9', '2026-09-02 08:02:01.445+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 126}'),
	('4c25e226-919c-8e90-a516-33937d5cba20', '2026-09-02 08:05:27.539+00', 'cocoon_connected', 'import', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, NULL, '{"cocoon_id": "4dad2986-ce83-4960-6a06-e9ab85a0bcc1"}'),
	('841b2924-b892-8a94-b94a-0650976b1881', '2026-09-02 08:14:04.193+00', 'application_error', 'web', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, NULL, '{"error_type": "E2", "error_message": "message 1"}'),
	('1c25d516-1201-8705-89ec-5b8cfc3ab223', '2026-09-02 08:26:13.841+00', 'cocoon_connected', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'production', '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('ce53fa17-e255-8f35-bb61-3d74fd6bfd3f', '2026-09-02 08:42:25.491+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 201}'),
	('1e28f89f-3dc6-843c-a061-89927c9232ed', '2026-09-02 10:05:26.857+00', 'task_completed', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'staging', '{"task_id": "d0205131-2b35-f31e-0e35-068808daffca", "exit_code": 0, "duration_ms": 55233}'),
	('20840236-fc54-8369-b8b2-a4879f5e3b85', '2026-09-02 10:10:21.096+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 101}'),
	('3eac11d5-fa36-871e-98aa-3ea1dd89f809', '2026-09-02 10:29:56.187+00', 'cocoon_connected', 'import', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, 'staging', '{"cocoon_id": "2cb85f3f-4a24-e39a-5d99-8017f5e2fc57"}'),
	('0ebb5908-1839-889f-a85b-089f9da6a30c', '2026-09-02 12:03:53.485+00', 'api_request', 'web', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', NULL, 'staging', '{"method": "GET", "endpoint": "/e2", "duration_ms": 3356, "status_code": 500}'),
	('6faefa12-9077-8404-bce5-bd65e6d45179', '2026-09-02 12:31:33.305+00', 'api_request', 'web', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, NULL, '{"method": "GET", "endpoint": "/e3", "duration_ms": 4157, "status_code": 200}'),
	('25dd7e3a-1a6e-8ea4-ac4d-1085dda07645', '2026-09-02 12:58:41.208+00', 'api_request', 'web', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'staging', '{"method": "GET", "endpoint": "/e0", "duration_ms": 4768, "status_code": 500}'),
	('b3b99fe3-31d6-8bb7-b4a8-a959df710772', '2026-09-02 14:16:32.4+00', 'application_error', 'web', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, NULL, '{"error_type": "E0", "error_message": "message 5"}'),
	('806bd768-584f-8ad6-b266-9758f5eb6671', '2026-09-02 14:24:51.693+00', 'database_query', 'web', NULL, NULL, 'staging', '{"query_type": "select", "duration_ms": 132}'),
	('89ab1b83-f02b-8eff-acdc-0c31cc4f23db', '2026-09-02 15:06:42.36+00', 'application_error', 'web', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, 'production', '{"error_type": "E2", "error_message": "message 0"}'),
	('0dd02e97-8bf1-8181-b5bb-031cb7957306', '2026-09-02 15:31:39.168+00', 'cocoon_connected', 'import', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, NULL, '{"cocoon_id": "eae0d2c1-1c33-9464-473d-212ba950666d"}'),
	('30dd9a84-5e8e-89fa-bb43-12f4461797f5', '2026-09-02 16:23:52.048+00', 'task_created', 'import', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'production', '{"command": "ls", "task_id": "4650b2f6-15fe-1f8a-388e-7df0b1be9b11"}'),
	('474b46d8-0da4-8d92-95f2-9e02c6fa2dea', '2026-09-02 16:33:25.097+00', 'task_completed', 'import', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, 'staging', '{"task_id": "caf4ceac-9034-68bb-2b85-39708edde173", "exit_code": 0, "duration_ms": 37094}'),
	('c74ec905-eee2-8827-8847-1ccc5964742a', '2026-09-02 16:40:05.188+00', 'cocoon_connected', 'import', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', NULL, NULL, '{"cocoon_id": "8a4996ef-b447-c0ce-b484-38b5c41f9dfd"}'),
	('05a32145-027d-81f6-95dd-7ea369226940', '2026-09-02 16:42:16.218+00', 'task_completed', 'import', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, NULL, '{"task_id": "1e796356-e179-bc31-4c46-78a502b41298", "exit_code": 0, "duration_ms": 17001}'),
	('dfe3b689-8e3d-873f-b677-12fd8aa9ed50', '2026-09-02 17:12:49.28+00', 'cocoon_connected', 'import', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'staging', '{"cocoon_id": "4dad2986-ce83-4960-6a06-e9ab85a0bcc1"}'),
	('4dd5bc40-0f89-839f-a498-3cfbee3939da', '2026-09-02 17:38:58.411+00', 'task_created', 'import', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, NULL, '{"command": "ls", "task_id": "32feb9e4-8304-2592-5c20-ca64cd42e5e9"}'),
	('dc8bd2f3-d3e3-8378-ba4c-261533ee7da8', '2026-09-02 18:30:18.613+00', 'api_request', 'web', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, NULL, '{"method": "GET", "endpoint": "/e2", "duration_ms": 1253, "status_code": 200}'),
	('16c3ce7f-a425-8adc-8703-799a8deccd49', '2026-09-02 18:49:54.752+00', 'api_request', 'web', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, NULL, '{"method": "GET", "endpoint": "/e1", "duration_ms": 2784, "status_code": 200}'),
	('8370e749-9b82-82e0-a8ba-a662e2f7e022', '2026-09-02 19:01:47.655+00', 'api_request', 'web', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, 'production', '{"method": "GET", "endpoint": "/e3", "duration_ms": 2967, "status_code": 500}'),
	('daf3f49f-4e9b-86ca-a84a-08c60f5ff29d', '2026-09-02 20:10:09.821+00', 'application_error', 'web', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, NULL, '{"error_type": "E0", "error_message": "message 8"}'),
	('56d27df5-8192-809e-958c-af353734d3d0', '2026-09-02 20:17:26.577+00', 'api_request', 'web', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, NULL, '{"method": "GET", "endpoint": "/e2", "duration_ms": 4802, "status_code": 500}'),
	('fa9ad79e-cde9-83e4-ab3e-27cf6a9eb58a', '2026-09-02 20:19:17.025+00', 'application_error', 'web', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'production', '{"error_type": "E2", "error_message": "message 8"}'),
	('913dd9fb-93a0-8f2d-b891-21903dd1ee66', '2026-09-02 20:22:25.33+00', 'task_completed', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'production', '{"task_id": "7819ee71-0b5e-3bc0-e34d-35771bac5e1e", "exit_code": 0, "duration_ms": 27702}'),
	('137c099e-f121-8c40-ab94-09e8849216bb', '2026-09-02 20:25:31.13+00', 'application_error', 'web', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, 'production', '{"error_type": "E0", "error_message": "message 8"}'),
	('76342fa6-e5c2-8083-a8d8-d6410fc2ce45', '2026-09-02 21:07:22.659+00', 'integration_used', 'import', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', NULL, 'staging', '{"action": "push", "provider": "slack", "integration_id": "6ccbd3f0-f4e2-9617-5821-30920d10eca2"}'),
	('4e0daa5e-9585-8718-8e53-e62b41277faa', '2026-09-02 22:35:24.626+00', 'application_error', 'web', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, NULL, '{"error_type": "E0", "error_message": "message 8"}'),
	('af9b23e4-105d-8b0b-bcd5-e924aa2b48f0', '2026-09-02 22:37:14.973+00', 'task_completed', 'import', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, NULL, '{"task_id": "53e2f8d7-862c-1a47-2999-67e77cbcdd6b", "exit_code": 0, "duration_ms": 19160}'),
	('dc2f71bd-123d-81ef-97f4-2dc132a0ebcc', '2026-09-02 23:26:19.527+00', 'application_error', 'web', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, NULL, '{"error_type": "E1", "error_message": "message 6"}');
INSERT INTO public.analytics_events_2026_09_03 VALUES
	('98e9bf8e-9822-830b-b20a-b85798e3bc7a', '2026-09-03 00:04:47.562+00', 'task_created', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, 'staging', '{"command": "ls", "task_id": "9af6e688-9534-02c3-cd2d-3165a5e9093d"}'),
	('f048c9dc-4a18-8666-8f68-bcca3ce57df4', '2026-09-03 00:13:52.056+00', 'task_completed', 'import', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, 'production', '{"task_id": "0ebf089f-bd9e-621e-c7db-717ebef9d7dd", "exit_code": 0, "duration_ms": 79863}'),
	('150da20d-7ca5-8e17-b94e-845cc495f1fb', '2026-09-03 00:17:42.537+00', 'task_completed', 'import', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', NULL, 'staging', '{"task_id": "43b04eea-2de9-62ef-a0cb-74529c6a7937", "exit_code": 0, "duration_ms": 31730}'),
	('23d8b41b-2048-8507-a0c3-1be8220f0d82', '2026-09-03 00:23:58.932+00', 'application_error', 'web', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, 'production', '{"error_type": "E1", "error_message": "message 0"}'),
	('993702d5-c9d6-8775-9920-35e090405ef5', '2026-09-03 00:58:31.472+00', 'task_completed', 'import', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, NULL, '{"task_id": "e99f45cc-0d74-8700-ebae-eef751ab3e7e", "exit_code": 0, "duration_ms": 39502}'),
	('c1525413-a519-88dc-a34c-d44196a21b65', '2026-09-03 01:08:16.45+00', 'integration_used', 'import', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, 'staging', '{"action": "push", "provider": "github", "integration_id": "dcd19316-bbec-7b7c-00fc-2200acd298bb"}'),
	('36479430-aed7-85bf-bb9e-3062451cfbbd', '2026-09-03 01:15:36.237+00', 'application_error', 'web', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, NULL, '{"error_type": "E0", "error_message": "message 2"}'),
	('774ab845-1a0d-8fdf-941d-5314a610dc81', '2026-09-03 01:26:40.706+00', 'integration_used', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, NULL, '{"action": "push", "provider": "slack", "integration_id": "82717eed-6f31-de71-ba75-43b78f44e502"}'),
	('1375d648-63d8-815c-ba85-a1b9e397c752', '2026-09-03 01:43:46.175+00', 'integration_used', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, NULL, '{"action": "push", "provider": "github", "integration_id": "8bc26e09-697b-a87d-11f9-b6dec0752867"}'),
	('672e3a5e-b579-836d-b1bb-4bb5659e17c0', '2026-09-03 01:47:34.061+00', 'database_query', 'web', NULL, NULL, 'production', '{"query_type": "select", "duration_ms": 173}'),
	('0f13e690-892d-8d2d-936b-a64d302e475a', '2026-09-03 01:51:47.54+00', 'task_completed', 'import', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'production', '{"task_id": "5ee7662b-3a1a-f736-479f-cf9492953714", "exit_code": 0, "duration_ms": 89947}'),
	('badb89cd-dd43-8f0c-aeca-cf0df4bc285c', '2026-09-03 02:03:12.358+00', 'integration_used', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, NULL, '{"action": "push", "provider": "slack", "integration_id": "9d5304b2-0388-eeb7-8eea-fb12cd335e3d"}'),
	('655e5660-6be9-87e7-9b53-089578656053', '2026-09-03 02:26:04.737+00', 'api_request', 'web', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, 'production', '{"method": "GET", "endpoint": "/e2", "duration_ms": 2643, "status_code": 200}'),
	('a50fb9c2-5151-8e77-9218-3691276ef9b7', '2026-09-03 03:38:13.091+00', 'api_request', 'web', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, 'production', '{"method": "GET", "endpoint": "/e0", "duration_ms": 781, "status_code": 404}'),
	('45e0265b-bdf7-87bb-b19f-fcc8bdeaef2f', '2026-09-03 04:09:09.978+00', 'application_error', 'web', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, NULL, '{"error_type": "E2", "error_message": "message 4"}'),
	('c4a4f2a2-d2ba-8868-b7ec-7ce23bf3a28b', '2026-09-03 05:21:53.798+00', 'task_created', 'import', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, 'production', '{"command": "ls", "task_id": "90a89636-c17b-f224-e214-700c533ff30e"}'),
	('a33c9012-cfbf-8b53-8ef7-475fb0b72749', '2026-09-03 05:58:16.927+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 137}'),
	('83585e00-aaaf-8884-a8b2-db709711a745', '2026-09-03 06:10:10.996+00', 'task_created', 'import', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, 'staging', '{"command": "ls", "task_id": "07ae2db9-e3f3-ec4e-add3-35f9424d85dd"}'),
	('3589099a-155b-8ebb-b559-7b17deaa86ca', '2026-09-03 06:17:03.755+00', 'integration_used', 'import', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, NULL, '{"action": "push", "provider": "slack", "integration_id": "5872a45c-9ab9-6e4f-0015-da3106d9a5dd"}'),
	('3f2f4f14-4f1f-8f9b-bde1-cb42dbc8259a', '2026-09-03 06:22:57.843+00', 'api_request', 'web', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', NULL, NULL, '{"method": "GET", "endpoint": "/e2", "duration_ms": 4568, "status_code": 500}'),
	('c39320d0-308b-8c93-bde6-13521e06c39b', '2026-09-03 06:38:14.82+00', 'api_request', 'web', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'staging', '{"method": "GET", "endpoint": "/e1", "duration_ms": 1583, "status_code": 500}'),
	('e38e5096-196e-8c1b-a29c-0b1f92f386a4', '2026-09-03 06:45:45.688+00', 'task_created', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'production', '{"command": "ls", "task_id": "4994fcea-b10c-9eb6-52a6-5d7fa43f9f29"}'),
	('988237ba-3a08-8bfe-9b50-a35cb42d3bc6', '2026-09-03 07:41:47.24+00', 'database_query', 'web', NULL, NULL, 'staging', '{"query_type": "select", "duration_ms": 28}'),
	('a9eeca29-a0f8-8fd2-97e9-0ccc55c1010a', '2026-09-03 07:57:18.979+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 146}'),
	('976c01fd-6c4f-8fa9-814b-b3cdcbf03fd0', '2026-09-03 08:33:19.322+00', 'api_request', 'web', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', NULL, 'production', '{"method": "GET", "endpoint": "/e1", "duration_ms": 2974, "status_code": 500}'),
	('b74448b9-ccdc-8d28-8c55-70c5a8ed9204', '2026-09-03 08:49:23.545+00', 'cocoon_connected', 'import', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, 'staging', '{"cocoon_id": "8a4996ef-b447-c0ce-b484-38b5c41f9dfd"}'),
	('b0d18afc-1bd7-89cb-ae89-131a7d752d32', '2026-09-03 08:51:47.43+00', 'cocoon_connected', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, NULL, '{"cocoon_id": "8a4996ef-b447-c0ce-b484-38b5c41f9dfd"}'),
	('e134667b-b76c-8e3c-b2a9-6cf706014c45', '2026-09-03 08:57:20.07+00', 'api_request', 'web', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'production', '{"method": "GET", "endpoint": "/e1", "duration_ms": 4374, "status_code": 404}'),
	('19c4b896-f938-8b80-8fd6-c72d5177b535', '2026-09-03 09:35:33.543+00', 'api_request', 'web', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, 'production', '{"method": "GET", "endpoint": "/e2", "duration_ms": 124, "status_code": 500}'),
	('a57dd602-16d5-8feb-bb1b-c28875248da0', '2026-09-03 10:09:09.761+00', 'task_completed', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, 'production', '{"task_id": "c14125c5-d163-ca1e-f2e5-09d61aa57d54", "exit_code": 0, "duration_ms": 85704}'),
	('b6e4da9e-f4f6-8b1e-9498-ff6214f7e99e', '2026-09-03 10:41:33.443+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 21}'),
	('8d408f40-50d3-8789-b75c-dd162c8adf7a', '2026-09-03 10:48:01.033+00', 'application_error', 'web', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, 'production', '{"error_type": "E1", "error_message": "message 1"}'),
	('d28d3a70-5432-879d-be74-8906c7a44138', '2026-09-03 11:10:30.988+00', 'task_created', 'import', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, 'staging', '{"command": "ls", "task_id": "96a7b1df-799f-f0f6-3f29-7c9d87de8f2b"}'),
	('56405f29-e4dc-8317-8dda-1ccd080cbbfe', '2026-09-03 11:17:10.68+00', 'task_completed', 'import', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, 'staging', '{"task_id": "632fd7a4-a79b-68ac-1260-a73bce93867b", "exit_code": 0, "duration_ms": 54497}'),
	('bae3fa47-35a8-849c-a1e8-a68bfc0b3a87', '2026-09-03 11:52:19.373+00', 'database_query', 'web', NULL, NULL, 'production', '{"query_type": "select", "duration_ms": 228}'),
	('1f2e8ae5-7191-82b8-aa13-fc2ac8eb6a04', '2026-09-03 11:57:57.223+00', 'task_created', 'import', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, NULL, '{"command": "ls", "task_id": "2864fc97-bd70-38cb-d259-e4b8c72974c4"}'),
	('ca3f90ae-3968-8025-8471-f73f5415b8aa', '2026-09-03 12:13:00.472+00', 'integration_used', 'import', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'production', '{"action": "push", "provider": "github", "integration_id": "e3cc5173-2195-0e16-719e-ac1aa99f6815"}'),
	('ded2fe27-0d08-8bd8-8fe7-6975e2ccdf64', '2026-09-03 12:20:12.651+00', 'application_error', 'web', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, 'staging', '{"error_type": "E2", "error_message": "message 5"}'),
	('26fe36d0-5c54-8178-aaf9-ae82f7baeb11', '2026-09-03 12:33:47.132+00', 'database_query', 'web', NULL, NULL, 'staging', '{"query_type": "select", "duration_ms": 147}'),
	('358fb223-f261-87cb-b2ac-b3d6b67bef72', '2026-09-03 13:28:56.29+00', 'task_created', 'import', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, NULL, '{"command": "ls", "task_id": "e73a2c83-ce6b-584e-3b17-995083e7f176"}'),
	('40cb41be-904c-8ee6-9f99-e55ef6abcc20', '2026-09-03 13:30:09.152+00', 'application_error', 'web', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, 'production', '{"error_type": "E1", "error_message": "message 2"}'),
	('b42f07dd-98d6-8a3d-8ecf-9563c308f740', '2026-09-03 13:32:51.684+00', 'api_request', 'web', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'production', '{"method": "GET", "endpoint": "/e3", "duration_ms": 1385, "status_code": 200}'),
	('a24f1eab-b715-8e3a-91ba-1c42b52934fb', '2026-09-03 14:23:33.56+00', 'task_created', 'import', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', NULL, NULL, '{"command": "ls", "task_id": "799b17ff-5b88-9849-126d-fc15cb094eb5"}'),
	('bbe8dcb0-9149-8c47-904e-8a967ef66be2', '2026-09-03 14:33:21.265+00', 'cocoon_connected', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, NULL, '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('fd348cc5-43ef-86c2-8a4a-081d4235dc11', '2026-09-03 14:33:25.352+00', 'database_query', 'web', NULL, NULL, 'production', '{"query_type": "select", "duration_ms": 25}'),
	('9886af50-d788-8c11-bae7-a0252cd1731a', '2026-09-03 15:21:54.892+00', 'cocoon_connected', 'import', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, 'production', '{"cocoon_id": "8a4996ef-b447-c0ce-b484-38b5c41f9dfd"}'),
	('75805bf6-a69f-81ea-9630-1db67dafe58d', '2026-09-03 15:30:40.479+00', 'cocoon_connected', 'import', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, 'staging', '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('b2f35504-f43a-8f6f-a083-48c6245c2dce', '2026-09-03 15:35:37.599+00', 'cocoon_connected', 'import', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', NULL, 'production', '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('2fcd4bb5-9de5-8ac5-808d-249bd47bb4f9', '2026-09-03 15:54:23.021+00', 'api_request', 'web', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, NULL, '{"method": "GET", "endpoint": "/e1", "duration_ms": 4913, "status_code": 500}'),
	('ffb4a9f1-1b37-8c5a-8fdc-47816cc08eb7', '2026-09-03 16:08:49.386+00', 'integration_used', 'import', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, 'production', '{"action": "push", "provider": "slack", "integration_id": "8f2a1fc4-fd72-35fe-e9fa-efc756125f38"}'),
	('9b6ad8fc-528b-81fa-8fc0-dd560a897ab0', '2026-09-03 16:45:11.318+00', 'application_error', 'web', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', NULL, 'staging', '{"error_type": "E1", "error_message": "message 2"}'),
	('8699e425-132a-8c0a-aa5f-86c0dcebc7ca', '2026-09-03 17:04:59.078+00', 'database_query', 'web', NULL, NULL, 'production', '{"query_type": "select", "duration_ms": 252}'),
	('8b0f3636-8994-8e80-b986-cde4931fab40', '2026-09-03 18:05:33.108+00', 'api_request', 'web', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, 'staging', '{"method": "GET", "endpoint": "/e1", "duration_ms": 4534, "status_code": 500}'),
	('b41a9287-eec6-8bf2-8ab6-6ff59f9f17ee', '2026-09-03 18:10:30.594+00', 'cocoon_connected', 'import', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', NULL, 'production', '{"cocoon_id": "8a4996ef-b447-c0ce-b484-38b5c41f9dfd"}'),
	('9cb3858c-d9d4-8ac2-ad43-05fd6f73a17f', '2026-09-03 18:21:01.598+00', 'task_created', 'import', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, 'staging', '{"command": "ls", "task_id": "ac981173-a494-ad77-ecfa-44705839712a"}'),
	('4137c5f2-4526-84ea-8b42-9c94fb2e4589', '2026-09-03 18:31:39.501+00', 'api_request', 'web', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, 'staging', '{"method": "GET", "endpoint": "/e2", "duration_ms": 3907, "status_code": 500}'),
	('e70df6e6-ce72-8c1d-8f8a-e3e7b923939d', '2026-09-03 20:11:27.299+00', 'database_query', 'web', NULL, NULL, 'production', '{"query_type": "select", "duration_ms": 148}'),
	('1eb5a4ce-3ba5-8ddb-9da0-799d8d7d9620', '2026-09-03 20:14:50.37+00', 'task_created', 'import', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, 'staging', '{"command": "ls", "task_id": "8ae93ab3-6005-5d50-726a-a5cc3cfd8432"}'),
	('759ffd5c-c7d3-8eb3-b6f2-a9733d53feed', '2026-09-03 20:18:22.479+00', 'task_completed', 'import', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, NULL, '{"task_id": "15242590-b7af-92ac-cd90-917886ebd5f9", "exit_code": 0, "duration_ms": 49053}'),
	('42424444-09ba-8018-89e1-c8a7d6f3fd2d', '2026-09-03 20:40:24.021+00', 'task_created', 'import', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, NULL, '{"command": "ls", "task_id": "7a6de7d6-2f08-665a-f509-d340b4a7bdf5"}'),
	('afee73ce-d4e2-8996-88bb-0bd26d8059a6', '2026-09-03 20:48:20.444+00', 'cocoon_connected', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'staging', '{"cocoon_id": "4dad2986-ce83-4960-6a06-e9ab85a0bcc1"}'),
	('33318ab9-c430-8d7c-bbb0-52bab9d7b8d3', '2026-09-03 20:56:15.705+00', 'integration_used', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'production', '{"action": "push", "provider": "github", "integration_id": "358285ff-9018-ab12-3367-24510dff83f1"}'),
	('d4a4679f-0c54-8def-a584-b635a6e2bca9', '2026-09-03 21:03:10.636+00', 'cocoon_connected', 'import', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, 'staging', '{"cocoon_id": "4dad2986-ce83-4960-6a06-e9ab85a0bcc1"}'),
	('ead49206-1e7e-8506-9f56-58c3edb189a5', '2026-09-03 21:16:57.33+00', 'task_completed', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, 'production', '{"task_id": "48e6fbdb-e6ed-ab38-c1b7-0aec85a8aa65", "exit_code": 0, "duration_ms": 87305}'),
	('b3338a66-e702-8d4f-9146-00e1dad0a391', '2026-09-03 21:42:27.686+00', 'task_created', 'import', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, 'staging', '{"command": "ls", "task_id": "63530b28-d56b-1f30-3cf9-d4a3070b481c"}'),
	('40ae0a1f-0bea-8730-b0c0-7d15a638f539', '2026-09-03 22:05:55.085+00', 'integration_used', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, NULL, '{"action": "push", "provider": "slack", "integration_id": "a040e769-9f52-331f-6e84-50244329dc8e"}'),
	('a821b71a-e644-8732-aa09-51cbe2b7c053', '2026-09-03 22:06:18.182+00', 'cocoon_connected', 'import', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', NULL, 'production', '{"cocoon_id": "8a4996ef-b447-c0ce-b484-38b5c41f9dfd"}'),
	('8030b24e-037d-83af-96cf-06cce0efe7f6', '2026-09-03 22:24:24.554+00', 'task_completed', 'import', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, 'production', '{"task_id": "37929101-4943-76f2-dcf4-58874068275c", "exit_code": 0, "duration_ms": 49246}'),
	('f6c9ffdf-fe0e-8d92-b079-c46f5f0f5f9c', '2026-09-03 23:53:04.794+00', 'task_created', 'import', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'staging', '{"command": "ls", "task_id": "3cffa2ab-87e3-a45e-6350-aa6a71af6926"}');
INSERT INTO public.analytics_events_2026_09_04 VALUES
	('92b5b9c0-b59d-8324-a81b-40cdd0603879', '2026-09-04 00:07:01.275+00', 'database_query', 'web', NULL, NULL, 'production', '{"query_type": "select", "duration_ms": 103}'),
	('7a5e7a99-743b-8d27-8742-aeea1263265f', '2026-09-04 00:23:27.097+00', 'cocoon_connected', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, NULL, '{"cocoon_id": "4dad2986-ce83-4960-6a06-e9ab85a0bcc1"}'),
	('faa601c1-0cf7-8c4e-af3c-24028c8c7d46', '2026-09-04 00:27:05.393+00', 'integration_used', 'import', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, NULL, '{"action": "push", "provider": "github", "integration_id": "1f7468fd-edd9-a540-9b82-3d644c022352"}'),
	('17c113b5-80c2-87c1-831e-4f715f510f8a', '2026-09-04 00:31:59.872+00', 'integration_used', 'import', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, 'staging', '{"action": "push", "provider": "slack", "integration_id": "c3f5e5b5-48bc-2bdf-2af9-5c429fe0476e"}'),
	('503a889f-39b6-89f4-974d-69e8b96d5291', '2026-09-04 00:39:18.563+00', 'cocoon_connected', 'import', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, 'staging', '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('106bd939-9589-8d5d-a565-99fd06188955', '2026-09-04 00:43:14.102+00', 'integration_used', 'import', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, 'staging', '{"action": "push", "provider": "slack", "integration_id": "70792150-34fa-80e1-e376-df8d401b2bc2"}'),
	('f7cd1c4b-54ab-8963-a4f0-efacb12cb249', '2026-09-04 00:54:10.225+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 147}'),
	('adb96bc6-7547-87bf-b8ca-5e97d30485fd', '2026-09-04 01:08:03.155+00', 'database_query', 'web', NULL, NULL, 'production', '{"query_type": "select", "duration_ms": 37}'),
	('7d849a32-355e-8947-9eda-0dc72056fabc', '2026-09-04 02:51:02.594+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 26}'),
	('119ca449-50a2-84d9-ab12-b504062ae423', '2026-09-04 03:02:46.573+00', 'cocoon_connected', 'import', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'production', '{"cocoon_id": "4dad2986-ce83-4960-6a06-e9ab85a0bcc1"}'),
	('8468ac19-d576-850f-9025-f831b8d6799a', '2026-09-04 03:14:51.785+00', 'task_completed', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, NULL, '{"task_id": "a9f1d8df-db16-6da6-af0f-7e58b9e512bb", "exit_code": 0, "duration_ms": 49376}'),
	('df06db26-5307-8fc6-85f8-2a210732d4aa', '2026-09-04 03:41:10.745+00', 'database_query', 'web', NULL, NULL, 'staging', '{"query_type": "select", "duration_ms": 99}'),
	('e6524fd6-a76f-8c7c-bbeb-6b81c0bbad20', '2026-09-04 03:41:39.838+00', 'cocoon_connected', 'import', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, NULL, '{"cocoon_id": "2cb85f3f-4a24-e39a-5d99-8017f5e2fc57"}'),
	('6412d5a7-6621-8aa5-bdc0-9cd53f1b87b2', '2026-09-04 04:09:13.956+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 186}'),
	('ad1bfe60-20e5-81fa-8f2e-5a6bc3543fbe', '2026-09-04 04:18:15.507+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 87}'),
	('25702ceb-eedd-82e2-91ef-3c109f4dd124', '2026-09-04 04:36:05.351+00', 'task_created', 'import', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, 'staging', '{"command": "ls", "task_id": "7ade5d91-f316-d9db-0f0e-27f0f75d2df7"}'),
	('4662c5c0-71e0-898d-9232-5960a8cc74a2', '2026-09-04 04:49:47.227+00', 'cocoon_connected', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'production', '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('ca008121-3b69-8a8c-b379-a23a7556e855', '2026-09-04 05:16:02.18+00', 'integration_used', 'import', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, NULL, '{"action": "push", "provider": "slack", "integration_id": "1860c3dc-a16e-40dc-e472-c161d8e633b6"}'),
	('4cc6f06b-29a0-81fd-8b87-745577fc71c5', '2026-09-04 05:20:45.778+00', 'task_created', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, NULL, '{"command": "ls", "task_id": "30d793da-9e4b-ceb3-65dc-0d677c532bfe"}'),
	('c8f86c3f-1940-83bf-9018-68463004e831', '2026-09-04 05:22:24.481+00', 'application_error', 'web', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, NULL, '{"error_type": "E2", "error_message": "message 4"}'),
	('2568405d-c6c1-814d-a3d0-9a763b6eac9b', '2026-09-04 06:23:05.435+00', 'task_completed', 'import', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, NULL, '{"task_id": "2255a38f-b0f0-a027-cc8b-7402baea3cc0", "exit_code": 0, "duration_ms": 79050}'),
	('1bb03887-f1f9-8904-a9cc-85ec7dee29c0', '2026-09-04 06:26:44.872+00', 'cocoon_connected', 'import', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, 'staging', '{"cocoon_id": "2cb85f3f-4a24-e39a-5d99-8017f5e2fc57"}'),
	('04803c99-a308-84e6-86f9-cabf290fa173', '2026-09-04 07:14:21.573+00', 'integration_used', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, 'production', '{"action": "push", "provider": "slack", "integration_id": "ead1373f-7d09-2fc3-6983-01a40c55a875"}'),
	('1f901937-dc19-8001-bc01-ec26003a6d91', '2026-09-04 07:46:03.799+00', 'cocoon_connected', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, NULL, '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('8c807cb6-b70c-831b-b385-474bf66d714c', '2026-09-04 07:52:17.585+00', 'application_error', 'web', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', NULL, 'production', '{"error_type": "E0", "error_message": "message 0"}'),
	('2eb64c58-d9c9-8db4-a247-79b7a374390e', '2026-09-04 08:40:34.405+00', 'integration_used', 'import', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', NULL, NULL, '{"action": "push", "provider": "github", "integration_id": "3054ec7b-209d-bb2e-48b3-ac8da6f85259"}'),
	('a8a35881-fc20-8ec0-b335-140baaae2320', '2026-09-04 08:56:51.428+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 53}'),
	('da0f5927-02f2-8665-b121-6cbd3ae0f47c', '2026-09-04 09:22:05.926+00', 'application_error', 'web', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, 'production', '{"error_type": "E2", "error_message": "message 0"}'),
	('909aa46e-21a3-8d27-aa70-bfd13e7c37eb', '2026-09-04 09:39:30.271+00', 'task_completed', 'import', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'production', '{"task_id": "9fa07c85-d063-518e-1c80-a83d925e4826", "exit_code": 0, "duration_ms": 46910}'),
	('543ce8a5-ad72-88fa-928a-8aea1dd6900d', '2026-09-04 10:21:58.075+00', 'cocoon_connected', 'import', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, NULL, '{"cocoon_id": "eae0d2c1-1c33-9464-473d-212ba950666d"}'),
	('00b2558d-b87c-8033-b921-014898b6cf38', '2026-09-04 10:25:57.54+00', 'task_completed', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, NULL, '{"task_id": "b00b1c25-3574-e5ea-3ce0-7fc72f903c53", "exit_code": 0, "duration_ms": 70293}'),
	('0aaf87f5-ac8d-8e92-a363-63dce576522e', '2026-09-04 10:45:37.142+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 90}'),
	('5169191e-096b-8d2a-9b75-7006e62e5d34', '2026-09-04 11:21:12.312+00', 'cocoon_connected', 'import', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, NULL, '{"cocoon_id": "eae0d2c1-1c33-9464-473d-212ba950666d"}'),
	('06041d25-48ab-8c5e-85c9-c612887c8783', '2026-09-04 11:22:20.947+00', 'database_query', 'web', NULL, NULL, 'production', '{"query_type": "select", "duration_ms": 80}'),
	('e19737cc-d1bf-81fd-b561-d120cdc451de', '2026-09-04 11:53:45.437+00', 'task_completed', 'import', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, NULL, '{"task_id": "bf4e277a-216e-f32c-d8f9-9506ab21feaa", "exit_code": 0, "duration_ms": 7567}'),
	('64c1d6d7-5be4-8ac4-b13e-2a04e6c2a5dc', '2026-09-04 12:12:51.83+00', 'cocoon_connected', 'import', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, 'production', '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('01a98ad3-9427-8e27-b385-ccdaf49c1f6c', '2026-09-04 12:34:23.086+00', 'cocoon_connected', 'import', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, 'production', '{"cocoon_id": "2cb85f3f-4a24-e39a-5d99-8017f5e2fc57"}'),
	('b601d813-cb81-804a-8b55-55855090d3b6', '2026-09-04 12:36:30.811+00', 'integration_used', 'import', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', NULL, 'staging', '{"action": "push", "provider": "github", "integration_id": "d692b0aa-09cf-a14a-9759-08352c546d38"}'),
	('d2e2ff63-3b66-892e-96cb-d90a3ffc9b1c', '2026-09-04 12:49:33.618+00', 'integration_used', 'import', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', NULL, 'staging', '{"action": "push", "provider": "github", "integration_id": "c72c768f-26a3-2eb0-b62c-d3a6e6f77a75"}'),
	('ac0d6501-bbff-84f9-ac3a-1650926cdaee', '2026-09-04 12:49:39.178+00', 'database_query', 'web', NULL, NULL, 'staging', '{"query_type": "select", "duration_ms": 139}'),
	('e222cd02-2cbf-89cb-9fa6-19f02cbe9076', '2026-09-04 13:08:19.887+00', 'task_completed', 'import', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', NULL, 'staging', '{"task_id": "a2c98df5-32bf-8c32-b728-e204d1bcba0a", "exit_code": 0, "duration_ms": 53447}'),
	('2bbdcf08-c8f8-8414-8296-2fbdf6ac935c', '2026-09-04 13:14:48.509+00', 'cocoon_connected', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, NULL, '{"cocoon_id": "eae0d2c1-1c33-9464-473d-212ba950666d"}'),
	('43982236-fdc9-8eca-b13e-b4fd497062e3', '2026-09-04 13:26:06.462+00', 'task_completed', 'import', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, 'production', '{"task_id": "81114fe0-c0e1-3e5f-f220-a3c1985cd85a", "exit_code": 0, "duration_ms": 39339}'),
	('a818e24a-f199-8dab-b386-6a25c6fa3156', '2026-09-04 13:33:44.346+00', 'task_completed', 'import', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', NULL, NULL, '{"task_id": "d3657b76-3f97-c75c-56be-3c8b21954a4f", "exit_code": 0, "duration_ms": 43568}'),
	('972cb93e-5a52-8a62-9a1f-3fc3b898f4c3', '2026-09-04 13:38:55.105+00', 'task_created', 'import', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, NULL, '{"command": "ls", "task_id": "b2d37f2d-46d3-6472-454d-38d6df9225b9"}'),
	('b8d96ec2-e7ae-8b69-989d-123633c261db', '2026-09-04 14:14:39.832+00', 'integration_used', 'import', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, 'staging', '{"action": "push", "provider": "slack", "integration_id": "422eaec1-a6be-8e0f-ee99-76c934e08f7d"}'),
	('4509b85a-4a37-84f4-b9d9-34e231008a28', '2026-09-04 15:30:26.786+00', 'cocoon_connected', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'production', '{"cocoon_id": "eae0d2c1-1c33-9464-473d-212ba950666d"}'),
	('e6ddffbc-9895-8b2e-8922-9c8d32cfc37f', '2026-09-04 15:54:07.097+00', 'application_error', 'web', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, 'production', '{"error_type": "E2", "error_message": "message 6"}'),
	('e5259774-476e-837c-b363-87ace5277871', '2026-09-04 16:09:35.357+00', 'task_completed', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, NULL, '{"task_id": "30e1c9b5-6fcf-04f7-2ecb-c8b066d6f0ed", "exit_code": 0, "duration_ms": 33553}'),
	('f0dfd21a-bd5b-8ce9-b81f-641d45940560', '2026-09-04 16:27:09.361+00', 'integration_used', 'import', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, 'production', '{"action": "push", "provider": "github", "integration_id": "983c3d39-6d5e-3778-a016-d400d9ee8dea"}'),
	('ffa5654f-3185-8e32-9156-390d749b4280', '2026-09-04 16:43:50.042+00', 'application_error', 'web', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', NULL, NULL, '{"error_type": "E0", "error_message": "message 6"}'),
	('494d1d44-b1f0-89e8-8bdd-5a9a5cb2435c', '2026-09-04 16:51:25.036+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 142}'),
	('aa006f45-8eb2-8cf2-bafa-f2d50903fb19', '2026-09-04 17:12:24.195+00', 'task_created', 'import', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, 'staging', '{"command": "ls", "task_id": "7e80dd8e-617d-c7df-f2d7-d7a2890fcd8c"}'),
	('c1a76fa6-3e59-83ab-a4dd-b2c987feb47d', '2026-09-04 17:30:01.726+00', 'cocoon_connected', 'import', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, 'staging', '{"cocoon_id": "d0b0090d-6259-0992-3fb8-1d2706e55426"}'),
	('9301c8db-2487-8a0d-b1ea-c71ad7a10b8c', '2026-09-04 18:00:39.74+00', 'api_request', 'web', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, NULL, '{"method": "GET", "endpoint": "/e1", "duration_ms": 1285, "status_code": 500}'),
	('7fbf4007-8311-808f-a551-e1dda2bf298c', '2026-09-04 18:04:28.37+00', 'application_error', 'web', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'production', '{"error_type": "E0", "error_message": "message 0"}'),
	('bbb42f77-793c-84e7-bb4f-0ef7fe3fc7ee', '2026-09-04 18:18:06.858+00', 'task_created', 'import', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, 'production', '{"command": "ls", "task_id": "96b823a9-642e-e8e3-86e4-e562d8a3e065"}'),
	('ee3602e9-f94a-8bad-a864-ef102dd4b5e7', '2026-09-04 18:19:00.753+00', 'cocoon_connected', 'import', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', NULL, 'staging', '{"cocoon_id": "2cb85f3f-4a24-e39a-5d99-8017f5e2fc57"}'),
	('f556cdc4-a32f-8fa0-ba5a-48d498231665', '2026-09-04 18:28:23.434+00', 'api_request', 'web', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, 'staging', '{"method": "GET", "endpoint": "/e2", "duration_ms": 2605, "status_code": 404}'),
	('aa3ffccf-e45f-8436-8811-e35d2fdeb3a8', '2026-09-04 18:47:00.663+00', 'cocoon_connected', 'import', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, NULL, '{"cocoon_id": "2cb85f3f-4a24-e39a-5d99-8017f5e2fc57"}'),
	('4c432fe7-14eb-86f7-8a8e-1f8b37439a06', '2026-09-04 18:47:55.433+00', 'task_completed', 'import', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, 'staging', '{"task_id": "f5577141-7b74-7251-3b91-7f2c7867bba9", "exit_code": 0, "duration_ms": 67718}'),
	('20fbb2e9-847c-8f1f-8b85-a8e15048e81a', '2026-09-04 18:50:47.7+00', 'task_created', 'import', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, 'production', '{"command": "ls", "task_id": "f3c816a8-7cae-6b6e-b794-f13ee90fa027"}'),
	('8b037159-96a0-819c-9b69-0ec702731eb2', '2026-09-04 19:02:40.095+00', 'task_created', 'import', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, NULL, '{"command": "ls", "task_id": "583b0274-d9f8-68ae-6182-97612807ab62"}'),
	('818159cd-067b-8ea6-ae3d-726280d46161', '2026-09-04 19:47:49.104+00', 'cocoon_connected', 'import', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', NULL, 'staging', '{"cocoon_id": "4dad2986-ce83-4960-6a06-e9ab85a0bcc1"}'),
	('6fe91c1d-c5c6-8dd4-9704-14f999dd5f5e', '2026-09-04 19:51:27.449+00', 'task_completed', 'import', 'a3f96f0e-5143-6d1f-cd68-615c80690847', NULL, 'staging', '{"task_id": "c1b8e57f-78b3-9f48-24ef-ba81950c1701", "exit_code": 0, "duration_ms": 75710}'),
	('c95c83ba-2818-829b-95e8-c167e8d14f6a', '2026-09-04 21:08:25.496+00', 'database_query', 'web', NULL, NULL, NULL, '{"query_type": "select", "duration_ms": 161}'),
	('6e8e8d81-4ea7-8a67-91f9-ddf635f75437', '2026-09-04 21:41:12.562+00', 'task_created', 'import', 'cd425ec3-8f13-8999-8869-510db4a02517', NULL, 'production', '{"command": "ls", "task_id": "fe7e3927-74da-b43f-6cec-6edd2259ac2d"}'),
	('df49a553-b8b6-8d39-bad6-d1c0cf177129', '2026-09-04 21:52:49.377+00', 'cocoon_connected', 'import', 'd0b0090d-6259-0992-3fb8-1d2706e55426', NULL, NULL, '{"cocoon_id": "4dad2986-ce83-4960-6a06-e9ab85a0bcc1"}'),
	('8f2df6d9-f7db-851d-8b84-66fdf9355426', '2026-09-04 22:08:29.076+00', 'application_error', 'web', 'eae0d2c1-1c33-9464-473d-212ba950666d', NULL, 'staging', '{"error_type": "E0", "error_message": "message 5"}'),
	('f8fc58c7-3352-86f4-ab1e-61a0bdfebe8f', '2026-09-04 22:21:19.218+00', 'task_completed', 'import', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', NULL, 'staging', '{"task_id": "314df508-670b-25fa-bfd0-24520736221c", "exit_code": 0, "duration_ms": 60299}'),
	('922a3815-1eb6-8381-862e-52ee63128fa7', '2026-09-04 22:44:46.413+00', 'application_error', 'web', 'e1ff83ab-26a2-658f-3252-1553e014be00', NULL, 'production', '{"error_type": "E0", "error_message": "message 6"}'),
	('07257edf-eb4a-8938-9c61-8f455b4d3e1c', '2026-09-04 22:56:17.352+00', 'database_query', 'web', NULL, NULL, 'staging', '{"query_type": "select", "duration_ms": 34}'),
	('a71dec84-3e80-8637-9b7f-a26bf9e1d26e', '2026-09-04 23:21:08.99+00', 'api_request', 'web', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', NULL, NULL, '{"method": "GET", "endpoint": "/e0", "duration_ms": 2488, "status_code": 500}');
INSERT INTO public.analytics_instance VALUES
	(true, '78e59389-0276-4581-868f-fee7c94734fc', '\xb50c059c4e17633f6d67b27e9ab74bf8192af6755f4b9beedac2374c3148af33', '2026-11-29 01:51:35.781637+00');
INSERT INTO public.analytics_migrations VALUES
	(1, 'create_analytics_events', 'pre', 'e5ddb3c11ed01b37ca10ee59f0cea8d26a56f5fd9baae1649073c4027380fe4d', '2026-11-29 01:51:35.653421+00'),
	(2, 'create_analytics_retention', 'pre', 'a0d00ad88004880924e8e834ed5f4c39013a8ba03dc2d05be60b9b7b993326fa', '2026-11-29 01:51:35.670392+00'),
	(3, 'create_analytics_dead_letters', 'pre', '2a4f4c6278b8a0158e3103e8bdb38607490859cbbc2766eac1837df5e3ae375f', '2026-11-29 01:51:35.681859+00'),
	(4, 'create_analytics_rollups', 'pre', '3b458eef8926cc97088b2d5e67466bb2aedffefe361ff41ac29d0d71c74a94c0', '2026-11-29 01:51:35.719195+00'),
	(5, 'create_analytics_insert_new', 'pre', 'de746e123c0b262f8c185a2fa3d2ddf20c945d2df54fe526ea2668fd0944b755', '2026-11-29 01:51:35.721854+00'),
	(6, 'create_analytics_erasures', 'pre', '22aed920462623f9f9dbce490eef843ab53e9a9b5143e094cea83078447f3fb9', '2026-11-29 01:51:35.743418+00'),
	(7, 'create_analytics_keys', 'pre', '3928b7cfc191bc08d582f344aeb6cf60c536630f6da8b25a11ac6b062c3f413a', '2026-11-29 01:51:35.76603+00'),
	(8, 'create_analytics_instance', 'pre', 'bb808b1ba7a6fd26ba9a6e6b9b2fe16115ea443237aedea22b2d9b49032722bf', '2026-11-29 01:51:35.782164+00'),
	(9, 'create_analytics_usage', 'pre', 'd470dbfc1df75a61b5a4ecc669b746750e1577df2295ebf2db05290b0fa4d40e', '2026-11-29 01:51:35.824461+00'),
	(10, 'create_analytics_client_applications', 'pre', '1b4f2ae41b7bf9900dfb5c56abe09ef288a33ff5e52bf979f2b2f3bde475985b', '2026-11-29 01:51:35.846031+00'),
	(11, 'create_analytics_telemetry', 'pre', '213e2f4167c4a92d9682eee78b537f0bf7cefa8d06f6b975fdee8303b1069d5e', '2026-11-29 01:51:35.890297+00'),
	(12, 'add_to_histograms', 'pre', 'aadff42048dc21b70e95ecb351b5bd623fe57425d6f05c717569a5d218241511', '2026-11-29 01:51:35.894041+00'),
	(13, 'count_suppressed_events', 'pre', '92e7dbf03532e010702eba2c25a9467742998e024e4f7b0fd56659b80cdc58a0', '2026-11-29 01:51:35.89811+00'),
	(14, 'create_analytics_installation', 'pre', '1a130aafa398947cc49c7466d9f9c7ac894a6c769bf6ff492a7627a7d493c051', '2026-11-29 01:51:35.901756+00'),
	(15, 'erase_what_is_dated_ahead', 'pre', 'd78e559c10b989d7798e0ab9f1533f2022d96a6ea3ecc836ebf66cb4d9003729', '2026-11-29 01:51:35.908064+00'),
	(16, 'bound_partitions_of_writers', 'pre', '43a83eecb1dd430844e7ef722a025c56c258140de9b2b5d69f601b354e6b9241', '2026-11-29 01:51:35.914237+00'),
	(17, 'read_bounds_whatever_the_settings', 'pre', '30245f6063f4e8c7d365a27836258066a264859e54d3ca4ebed5dbfbcffc7296', '2026-11-29 01:51:35.915047+00');
INSERT INTO public.analytics_retention VALUES
	(true, '2026-09-02 00:00:00+00');
INSERT INTO public.analytics_rollup_activity_users_v1 VALUES
	('2026-09-01 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'010010110000000000000000000000001000010000000000000100000000010000010000000000000000000000000000'),
	('2026-09-01 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000010000100000000000000110100000000000000001010000000000000000001000000110010000'),
	('2026-09-01 00:00:00+00', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'010000000000000000000010000000000000000000000100000100000000000000001100000000000000000000100000'),
	('2026-09-01 00:00:00+00', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000001000000000000000000000000000000000000000000000010000000010001000000000000000000000000000001'),
	('2026-09-01 00:00:00+00', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000100100000000000000000000000010000000000000000000000100000000000000010000000000000000001100000'),
	('2026-09-01 00:00:00+00', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'000000000000000000000000000000000100000000000000000000000101000000000001000000000000000010000100'),
	('2026-09-01 00:00:00+00', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'000000000000000000010000000000000000001010011010000000000000000000000011001000000000000000000000'),
	('2026-09-01 00:00:00+00', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000001000000000000010000000100000000110100100000010000000000010000000000000001000000000000'),
	('2026-09-01 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'010000000000000000000000000001000100000000000000000000000000011001000000000000000001000000000000'),
	('2026-09-01 00:00:00+00', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', B'000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000100'),
	('2026-09-01 00:00:00+00', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'010001100000000000000000100011000000000000100000010000010000100000000000000000000000000000001010'),
	('2026-09-01 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000010000010000000000000010001000000000000000000000000000000000000000010000000010000000000000000'),
	('2026-09-02 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000010000000000100000000000101000000000000000000000000000001000000000000000001000000000100000'),
	('2026-09-02 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000100000100000000000000000000000000000000000000000000100000000000000000100000000000000100000'),
	('2026-09-02 00:00:00+00', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000110000000100000000000000100000000000000000000000000000000000000000010000000000100000000000000'),
	('2026-09-02 00:00:00+00', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000000000000000000000000000000000000000000000000000000000000001001000000000000100000000000000'),
	('2026-09-02 00:00:00+00', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'000000000000000000100000000010000000000000000000100000000000000000100000000000000000100000000000'),
	('2026-09-02 00:00:00+00', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'000000000000000000000000000000000000000000000000001000000000000000000000000010000000000000000100'),
	('2026-09-02 00:00:00+00', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000000000000000000000000001000000000000000000000000000000000000000000000000100000000000000'),
	('2026-09-02 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'010000000000000000000000000100000000000000000000000000000000100000000000001000000000000000000000'),
	('2026-09-02 00:00:00+00', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', B'000000000000000000010000000000000100000010000000000100000000000000000000000000000100000000000000'),
	('2026-09-02 00:00:00+00', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'000000000000000000000000000000100000000001000000000000000000000000100000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000100000000000000000000000000000000000100000000000000000000000000000'),
	('2026-09-03 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000000000000100000000000000001000000000000000000000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000000000000000000000000000010000010000000000000000000000001000000000000000000000'),
	('2026-09-03 00:00:00+00', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'000000000000000000000000010000000000000000000000000000000100001000010000100000000000000010000000'),
	('2026-09-03 00:00:00+00', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000100000000000000000000010000000000000000000100000001000000001000000000100000000000001000000000'),
	('2026-09-03 00:00:00+00', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000010000000000000000001000000001000000000000100000100000000000000000000000000000000000000001'),
	('2026-09-03 00:00:00+00', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'010000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'100000000100000000000000000000000000000000001000000000000000000000000000000000000110000001000000'),
	('2026-09-03 00:00:00+00', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000010000000000000000000000000000001000000000000000000000000010110000000000000001000100000000000'),
	('2026-09-03 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'100001000000001010000000000000000001000010000000000000100000000000000000000000000000010010000000'),
	('2026-09-03 00:00:00+00', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', B'000000101000000000000000000100000000000000000000000000000010000000000000000000000001000000000000'),
	('2026-09-03 00:00:00+00', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000001000000000000000000100000000000000000000001000000000000000000000000010000000000000000000000'),
	('2026-09-04 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000000000000100000000000000000000000000000000100000000001000000000100000000000001000000'),
	('2026-09-04 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'011000000000001000000000000000000000000000000000000001000000000000001000010000000000000000000000'),
	('2026-09-04 00:00:00+00', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'000000000000000000000000000000000000000000000000001100100000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000000000100000000000000000000000001001000001000000000000000000000000100000010000000000000000'),
	('2026-09-04 00:00:00+00', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'000000000000000000000000000000010000000000000000000010000000000000100000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'000000000000000000000000000000000000000000000000001000000000000000000010010010010000000000000000'),
	('2026-09-04 00:00:00+00', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000000000000000000010000000000000000000100000000000000000000000000000000000000001000000000'),
	('2026-09-04 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'010000000000100000000000000010010000000001000000000000000000000000000000000000000000000100000000'),
	('2026-09-04 00:00:00+00', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', B'000000000000000000010100000000000000000000000000000010000000001010000000000100000000000000000100'),
	('2026-09-04 00:00:00+00', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'001000000000000000100100000000000000000000000000000000000000000100000000010000000000000000100000'),
	('2026-09-04 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000000000010000000000100000001000000000000000000100000000000010000000');
INSERT INTO public.analytics_rollup_api_requests_daily_v1 VALUES
	('2026-09-01 00:00:00+00', 'web', '/e0', 'GET', 2, 2, 0, 9668, '{120752765008871425,121315714962292737}'),
	('2026-09-01 00:00:00+00', 'web', '/e1', 'GET', 9, 1, 6, 25131, '{117656540265054209,108367866033602561,113715890591105025,113997365567815681,113715890591105025,120189815055450113,103301316452810753,105553116266496001,114841790497947649}'),
	('2026-09-01 00:00:00+00', 'web', '/e2', 'GET', 2, 1, 1, 4226, '{114278840544526337,101612466592546817}'),
	('2026-09-01 00:00:00+00', 'web', '/e3', 'GET', 7, 1, 3, 16019, '{105553116266496001,86975767803592705,116249165381500929,113434415614394369,120189815055450113,114560315521236993,37999121855938561}'),
	('2026-09-02 00:00:00+00', 'web', '/e0', 'GET', 1, 0, 1, 4768, '{120752765008871425}'),
	('2026-09-02 00:00:00+00', 'web', '/e1', 'GET', 1, 0, 0, 2784, '{113152940637683713}'),
	('2026-09-02 00:00:00+00', 'web', '/e2', 'GET', 4, 0, 3, 10871, '{101893941569257473,121034239985582081,103864266406232065,115686215428079617}'),
	('2026-09-02 00:00:00+00', 'web', '/e3', 'GET', 2, 0, 1, 7124, '{113997365567815681,118782440171896833}'),
	('2026-09-03 00:00:00+00', 'web', '/e0', 'GET', 1, 1, 0, 781, '{95138542128201729}'),
	('2026-09-03 00:00:00+00', 'web', '/e1', 'GET', 5, 1, 4, 18378, '{121315714962292737,120189815055450113,105271641289785345,113997365567815681,119626865102028801}'),
	('2026-09-03 00:00:00+00', 'web', '/e2', 'GET', 4, 0, 3, 11242, '{112308515707551745,68961369294110721,120189815055450113,117938015241764865}'),
	('2026-09-03 00:00:00+00', 'web', '/e3', 'GET', 1, 0, 0, 1385, '{103301316452810753}'),
	('2026-09-04 00:00:00+00', 'web', '/e0', 'GET', 1, 0, 1, 2488, '{111464090777419777}'),
	('2026-09-04 00:00:00+00', 'web', '/e1', 'GET', 1, 0, 1, 1285, '{102175416545968129}'),
	('2026-09-04 00:00:00+00', 'web', '/e2', 'GET', 1, 1, 0, 2605, '{112308515707551745}');
INSERT INTO public.analytics_rollup_api_requests_v1 VALUES
	('2026-09-01 00:15:00+00', 'web', '/e1', 'GET', 1, 0, 1, 1391, '{103301316452810753}'),
	('2026-09-01 01:00:00+00', 'web', '/e3', 'GET', 1, 0, 0, 2853, '{113434415614394369}'),
	('2026-09-01 01:15:00+00', 'web', '/e3', 'GET', 1, 0, 1, 444, '{86975767803592705}'),
	('2026-09-01 01:30:00+00', 'web', '/e3', 'GET', 1, 1, 0, 3474, '{116249165381500929}'),
	('2026-09-01 07:15:00+00', 'web', '/e1', 'GET', 1, 0, 1, 3108, '{114841790497947649}'),
	('2026-09-01 07:15:00+00', 'web', '/e2', 'GET', 1, 1, 0, 2984, '{114278840544526337}'),
	('2026-09-01 07:45:00+00', 'web', '/e3', 'GET', 1, 0, 1, 1618, '{105553116266496001}'),
	('2026-09-01 11:15:00+00', 'web', '/e0', 'GET', 1, 1, 0, 4952, '{121315714962292737}'),
	('2026-09-01 11:15:00+00', 'web', '/e3', 'GET', 1, 0, 0, 4533, '{120189815055450113}'),
	('2026-09-01 11:30:00+00', 'web', '/e0', 'GET', 1, 1, 0, 4716, '{120752765008871425}'),
	('2026-09-01 12:45:00+00', 'web', '/e1', 'GET', 1, 0, 1, 2936, '{113997365567815681}'),
	('2026-09-01 14:45:00+00', 'web', '/e1', 'GET', 1, 0, 0, 2866, '{113715890591105025}'),
	('2026-09-01 15:00:00+00', 'web', '/e1', 'GET', 1, 1, 0, 1623, '{105553116266496001}'),
	('2026-09-01 15:30:00+00', 'web', '/e3', 'GET', 1, 0, 0, 14, '{37999121855938561}'),
	('2026-09-01 17:30:00+00', 'web', '/e1', 'GET', 2, 0, 2, 4847, '{108367866033602561,113715890591105025}'),
	('2026-09-01 17:45:00+00', 'web', '/e3', 'GET', 1, 0, 1, 3083, '{114560315521236993}'),
	('2026-09-01 18:30:00+00', 'web', '/e1', 'GET', 1, 0, 0, 3783, '{117656540265054209}'),
	('2026-09-01 20:00:00+00', 'web', '/e2', 'GET', 1, 0, 1, 1242, '{101612466592546817}'),
	('2026-09-01 21:45:00+00', 'web', '/e1', 'GET', 1, 0, 1, 4577, '{120189815055450113}'),
	('2026-09-02 01:30:00+00', 'web', '/e2', 'GET', 1, 0, 1, 1460, '{103864266406232065}'),
	('2026-09-02 12:00:00+00', 'web', '/e2', 'GET', 1, 0, 1, 3356, '{115686215428079617}'),
	('2026-09-02 12:30:00+00', 'web', '/e3', 'GET', 1, 0, 0, 4157, '{118782440171896833}'),
	('2026-09-02 12:45:00+00', 'web', '/e0', 'GET', 1, 0, 1, 4768, '{120752765008871425}'),
	('2026-09-02 18:30:00+00', 'web', '/e2', 'GET', 1, 0, 0, 1253, '{101893941569257473}'),
	('2026-09-02 18:45:00+00', 'web', '/e1', 'GET', 1, 0, 0, 2784, '{113152940637683713}'),
	('2026-09-02 19:00:00+00', 'web', '/e3', 'GET', 1, 0, 1, 2967, '{113997365567815681}'),
	('2026-09-02 20:15:00+00', 'web', '/e2', 'GET', 1, 0, 1, 4802, '{121034239985582081}'),
	('2026-09-03 02:15:00+00', 'web', '/e2', 'GET', 1, 0, 0, 2643, '{112308515707551745}'),
	('2026-09-03 03:30:00+00', 'web', '/e0', 'GET', 1, 1, 0, 781, '{95138542128201729}'),
	('2026-09-03 06:15:00+00', 'web', '/e2', 'GET', 1, 0, 1, 4568, '{120189815055450113}'),
	('2026-09-03 06:30:00+00', 'web', '/e1', 'GET', 1, 0, 1, 1583, '{105271641289785345}'),
	('2026-09-03 08:30:00+00', 'web', '/e1', 'GET', 1, 0, 1, 2974, '{113997365567815681}'),
	('2026-09-03 08:45:00+00', 'web', '/e1', 'GET', 1, 1, 0, 4374, '{119626865102028801}'),
	('2026-09-03 09:30:00+00', 'web', '/e2', 'GET', 1, 0, 1, 124, '{68961369294110721}'),
	('2026-09-03 13:30:00+00', 'web', '/e3', 'GET', 1, 0, 0, 1385, '{103301316452810753}'),
	('2026-09-03 15:45:00+00', 'web', '/e1', 'GET', 1, 0, 1, 4913, '{121315714962292737}'),
	('2026-09-03 18:00:00+00', 'web', '/e1', 'GET', 1, 0, 1, 4534, '{120189815055450113}'),
	('2026-09-03 18:30:00+00', 'web', '/e2', 'GET', 1, 0, 1, 3907, '{117938015241764865}'),
	('2026-09-04 18:00:00+00', 'web', '/e1', 'GET', 1, 0, 1, 1285, '{102175416545968129}'),
	('2026-09-04 18:15:00+00', 'web', '/e2', 'GET', 1, 1, 0, 2605, '{112308515707551745}'),
	('2026-09-04 23:15:00+00', 'web', '/e0', 'GET', 1, 0, 1, 2488, '{111464090777419777}');
INSERT INTO public.analytics_rollup_cocoons_cocoons_v1 VALUES
	('2026-09-01 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000000000000000010000000000000000000000000000000000000000000000001000000000000000000001'),
	('2026-09-01 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000011000000000000000000000000001000000000000000000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'010000000000000000010000000001000000000000100000000000000000010000000100000000000000000010000000'),
	('2026-09-01 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000100000000000000000000000000000000010000000000000000000000000000000000000000000000000000001000'),
	('2026-09-01 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000000000000000010000000000000000000000000000000000010000000000000000'),
	('2026-09-02 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000000000000000000000000000000001000000000000000000000000000000000000000000000000000000'),
	('2026-09-02 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000000000000000001000000000000000000000000000000000001000000000000000000000000000'),
	('2026-09-02 00:00:00+00', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'000000000000000000100000000000000000000000000000000000000000000000100000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000100000000100000000000000000000100000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000001100000000000'),
	('2026-09-03 00:00:00+00', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'000000000000000000000000000000000001000000000000000000000000010000000000100000000000000010000000'),
	('2026-09-03 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000000000000000000000000000000000000000000000000000000000010001000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000001000000000010000000000000000000000001000000000000000000000010100000000000000000000'),
	('2026-09-04 00:00:00+00', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'010000000000100000000000000000000000000000000000000000000000000000000000000000010000000100000000'),
	('2026-09-04 00:00:00+00', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'001000000000000000010000000000010000000000000000100000000000000000000010000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000000000000001000100000010000000001000000000000000000000000000000000');
INSERT INTO public.analytics_rollup_cocoons_daily_v1 VALUES
	('2026-09-01 00:00:00+00', 0, 19, 0, 0, 0, 0),
	('2026-09-02 00:00:00+00', 0, 9, 0, 0, 0, 0),
	('2026-09-03 00:00:00+00', 0, 10, 0, 0, 0, 0),
	('2026-09-04 00:00:00+00', 0, 18, 0, 0, 0, 0);
INSERT INTO public.analytics_rollup_cocoons_v1 VALUES
	('2026-09-01 00:15:00+00', 0, 2, 0, 0, 0, 0),
	('2026-09-01 00:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 02:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 02:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 04:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 06:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 07:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 09:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 09:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 10:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 10:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 15:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 17:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 18:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 19:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 22:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 23:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-01 23:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-02 00:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-02 03:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-02 04:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-02 08:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-02 08:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-02 10:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-02 15:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-02 16:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-02 17:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-03 08:45:00+00', 0, 2, 0, 0, 0, 0),
	('2026-09-03 14:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-03 15:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-03 15:30:00+00', 0, 2, 0, 0, 0, 0),
	('2026-09-03 18:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-03 20:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-03 21:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-03 22:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 00:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 00:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 03:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 03:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 04:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 06:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 07:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 10:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 11:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 12:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 12:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 13:00:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 15:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 17:30:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 18:15:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 18:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 19:45:00+00', 0, 1, 0, 0, 0, 0),
	('2026-09-04 21:45:00+00', 0, 1, 0, 0, 0, 0);
INSERT INTO public.analytics_rollup_database_queries_daily_v1 VALUES
	('2026-09-01 00:00:00+00', 'web', 'select', 9, 0, 1032, '{48695170970943489,74027918874902529,45035996273704961,65302194596872193,54606145481867265,62487444829765633,79375943432404993,71776119061217281,73464968921481217}'),
	('2026-09-02 00:00:00+00', 'web', 'select', 6, 0, 870, '{66146619527004161,75716768735166465,66146619527004161,69805794224242689,69242844270821377,76279718688587777}'),
	('2026-09-03 00:00:00+00', 'web', 'select', 10, 0, 1305, '{73746443898191873,79094468455694337,43628621390151681,71213169107795969,47850746040811521,77687093572141057,71494644084506625,71494644084506625,70368744177664001,46161896180547585}'),
	('2026-09-04 00:00:00+00', 'web', 'select', 14, 0, 1384, '{56857945295552513,70931694131085313,65865144550293505,50665495807918081,74590868828323841,70650219154374657,72620543991349249,66428094503714817,62768919806476289,71494644084506625,63894819713318913,51791395714760705,46724846133968897,64457769666740225}');
INSERT INTO public.analytics_rollup_database_queries_v1 VALUES
	('2026-09-01 00:30:00+00', 'web', 'select', 1, 0, 178, '{74027918874902529}'),
	('2026-09-01 01:00:00+00', 'web', 'select', 1, 0, 30, '{48695170970943489}'),
	('2026-09-01 02:45:00+00', 'web', 'select', 1, 0, 23, '{45035996273704961}'),
	('2026-09-01 10:30:00+00', 'web', 'select', 1, 0, 257, '{79375943432404993}'),
	('2026-09-01 10:45:00+00', 'web', 'select', 1, 0, 96, '{65302194596872193}'),
	('2026-09-01 11:45:00+00', 'web', 'select', 1, 0, 45, '{54606145481867265}'),
	('2026-09-01 14:00:00+00', 'web', 'select', 1, 0, 172, '{73464968921481217}'),
	('2026-09-01 19:45:00+00', 'web', 'select', 1, 0, 79, '{62487444829765633}'),
	('2026-09-01 20:30:00+00', 'web', 'select', 1, 0, 152, '{71776119061217281}'),
	('2026-09-02 00:30:00+00', 'web', 'select', 1, 0, 102, '{66146619527004161}'),
	('2026-09-02 04:30:00+00', 'web', 'select', 1, 0, 208, '{76279718688587777}'),
	('2026-09-02 08:00:00+00', 'web', 'select', 1, 0, 126, '{69242844270821377}'),
	('2026-09-02 08:30:00+00', 'web', 'select', 1, 0, 201, '{75716768735166465}'),
	('2026-09-02 10:00:00+00', 'web', 'select', 1, 0, 101, '{66146619527004161}'),
	('2026-09-02 14:15:00+00', 'web', 'select', 1, 0, 132, '{69805794224242689}'),
	('2026-09-03 01:45:00+00', 'web', 'select', 1, 0, 173, '{73746443898191873}'),
	('2026-09-03 05:45:00+00', 'web', 'select', 1, 0, 137, '{70368744177664001}'),
	('2026-09-03 07:30:00+00', 'web', 'select', 1, 0, 28, '{47850746040811521}'),
	('2026-09-03 07:45:00+00', 'web', 'select', 1, 0, 146, '{71213169107795969}'),
	('2026-09-03 10:30:00+00', 'web', 'select', 1, 0, 21, '{43628621390151681}'),
	('2026-09-03 11:45:00+00', 'web', 'select', 1, 0, 228, '{77687093572141057}'),
	('2026-09-03 12:30:00+00', 'web', 'select', 1, 0, 147, '{71494644084506625}'),
	('2026-09-03 14:30:00+00', 'web', 'select', 1, 0, 25, '{46161896180547585}'),
	('2026-09-03 17:00:00+00', 'web', 'select', 1, 0, 252, '{79094468455694337}'),
	('2026-09-03 20:00:00+00', 'web', 'select', 1, 0, 148, '{71494644084506625}'),
	('2026-09-04 00:00:00+00', 'web', 'select', 1, 0, 103, '{66428094503714817}'),
	('2026-09-04 00:45:00+00', 'web', 'select', 1, 0, 147, '{71494644084506625}'),
	('2026-09-04 01:00:00+00', 'web', 'select', 1, 0, 37, '{51791395714760705}'),
	('2026-09-04 02:45:00+00', 'web', 'select', 1, 0, 26, '{46724846133968897}'),
	('2026-09-04 03:30:00+00', 'web', 'select', 1, 0, 99, '{65865144550293505}'),
	('2026-09-04 04:00:00+00', 'web', 'select', 1, 0, 186, '{74590868828323841}'),
	('2026-09-04 04:15:00+00', 'web', 'select', 1, 0, 87, '{63894819713318913}'),
	('2026-09-04 08:45:00+00', 'web', 'select', 1, 0, 53, '{56857945295552513}'),
	('2026-09-04 10:45:00+00', 'web', 'select', 1, 0, 90, '{64457769666740225}'),
	('2026-09-04 11:15:00+00', 'web', 'select', 1, 0, 80, '{62768919806476289}'),
	('2026-09-04 12:45:00+00', 'web', 'select', 1, 0, 139, '{70650219154374657}'),
	('2026-09-04 16:45:00+00', 'web', 'select', 1, 0, 142, '{70931694131085313}'),
	('2026-09-04 21:00:00+00', 'web', 'select', 1, 0, 161, '{72620543991349249}'),
	('2026-09-04 22:45:00+00', 'web', 'select', 1, 0, 34, '{50665495807918081}');
INSERT INTO public.analytics_rollup_errors_daily_v1 VALUES
	('2026-09-01 00:00:00+00', 'web', 'E0', 3, 'message 4'),
	('2026-09-01 00:00:00+00', 'web', 'E1', 4, 'message 1'),
	('2026-09-01 00:00:00+00', 'web', 'E2', 5, 'message 1'),
	('2026-09-02 00:00:00+00', 'web', 'E0', 8, 'message 3'),
	('2026-09-02 00:00:00+00', 'web', 'E1', 4, 'message 6'),
	('2026-09-02 00:00:00+00', 'web', 'E2', 3, 'message 0'),
	('2026-09-03 00:00:00+00', 'web', 'E0', 1, 'message 2'),
	('2026-09-03 00:00:00+00', 'web', 'E1', 4, 'message 0'),
	('2026-09-03 00:00:00+00', 'web', 'E2', 2, 'message 4'),
	('2026-09-04 00:00:00+00', 'web', 'E0', 5, 'message 0'),
	('2026-09-04 00:00:00+00', 'web', 'E2', 3, 'message 0');
INSERT INTO public.analytics_rollup_errors_users_v1 VALUES
	('2026-09-01 00:00:00+00', 'web', 'E0', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'web', 'E0', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'web', 'E0', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010'),
	('2026-09-01 00:00:00+00', 'web', 'E1', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'web', 'E1', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'000000000000000000000000000000000000000000000000000000000100000000000001000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'web', 'E1', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'000000000000000000000000000000000000000000100000000000000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'web', 'E2', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010000'),
	('2026-09-01 00:00:00+00', 'web', 'E2', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'000000000000000000000010000000000000000000000000000100000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'web', 'E2', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000000000000000000000000000000000000000000000000000100000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'web', 'E2', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'web', 'E0', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000000000000000000000100000000000000000000000000000000000000000000000001000000000100000'),
	('2026-09-02 00:00:00+00', 'web', 'E0', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000000000000000000000000000000000000000000100000000000000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'web', 'E0', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000100000000000000'),
	('2026-09-02 00:00:00+00', 'web', 'E0', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'web', 'E0', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'000000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'web', 'E0', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'web', 'E1', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000010000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'web', 'E1', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000100'),
	('2026-09-02 00:00:00+00', 'web', 'E1', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'web', 'E2', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000100000000000000'),
	('2026-09-02 00:00:00+00', 'web', 'E2', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-02 00:00:00+00', 'web', 'E2', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000000000000000000000000000000000000000000000000000000000000100000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'web', 'E0', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'web', 'E1', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'web', 'E1', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'000000000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'web', 'E1', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000000000000000000000000000000000000000000000000000000100000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'web', 'E1', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'web', 'E2', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000000000000000000000000000000000010000000000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'web', 'E2', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000000000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'web', 'E0', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000000000000000000000000000000000000000000000000000000000000000000000100000000000000000000000'),
	('2026-09-04 00:00:00+00', 'web', 'E0', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'000000000000000000000000000000010000000000000000000000000000000000100000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'web', 'E0', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000100000'),
	('2026-09-04 00:00:00+00', 'web', 'E0', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000010000000'),
	('2026-09-04 00:00:00+00', 'web', 'E2', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'000000000000000000000100000000000000000000000000000000000000000100000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'web', 'E2', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000');
INSERT INTO public.analytics_rollup_errors_v1 VALUES
	('2026-09-01 01:30:00+00', 'web', 'E0', 1, 'message 8'),
	('2026-09-01 05:30:00+00', 'web', 'E2', 1, 'message 1'),
	('2026-09-01 10:30:00+00', 'web', 'E1', 1, 'message 1'),
	('2026-09-01 12:45:00+00', 'web', 'E2', 1, 'message 1'),
	('2026-09-01 13:30:00+00', 'web', 'E2', 1, 'message 6'),
	('2026-09-01 13:45:00+00', 'web', 'E2', 1, 'message 4'),
	('2026-09-01 14:15:00+00', 'web', 'E1', 1, 'message 8'),
	('2026-09-01 15:15:00+00', 'web', 'E1', 1, 'message 5'),
	('2026-09-01 16:45:00+00', 'web', 'E0', 1, 'message 4'),
	('2026-09-01 17:45:00+00', 'web', 'E1', 1, 'message 4'),
	('2026-09-01 22:45:00+00', 'web', 'E2', 1, 'message 3'),
	('2026-09-01 23:30:00+00', 'web', 'E0', 1, 'message 8'),
	('2026-09-02 01:00:00+00', 'web', 'E1', 1, 'message 8'),
	('2026-09-02 06:45:00+00', 'web', 'E1', 2, 'message 6'),
	('2026-09-02 07:00:00+00', 'web', 'E0', 1, 'message 7'),
	('2026-09-02 07:30:00+00', 'web', 'E0', 3, 'message 3'),
	('2026-09-02 08:00:00+00', 'web', 'E2', 1, 'message 1'),
	('2026-09-02 14:15:00+00', 'web', 'E0', 1, 'message 5'),
	('2026-09-02 15:00:00+00', 'web', 'E2', 1, 'message 0'),
	('2026-09-02 20:00:00+00', 'web', 'E0', 1, 'message 8'),
	('2026-09-02 20:15:00+00', 'web', 'E0', 1, 'message 8'),
	('2026-09-02 20:15:00+00', 'web', 'E2', 1, 'message 8'),
	('2026-09-02 22:30:00+00', 'web', 'E0', 1, 'message 8'),
	('2026-09-02 23:15:00+00', 'web', 'E1', 1, 'message 6'),
	('2026-09-03 00:15:00+00', 'web', 'E1', 1, 'message 0'),
	('2026-09-03 01:15:00+00', 'web', 'E0', 1, 'message 2'),
	('2026-09-03 04:00:00+00', 'web', 'E2', 1, 'message 4'),
	('2026-09-03 10:45:00+00', 'web', 'E1', 1, 'message 1'),
	('2026-09-03 12:15:00+00', 'web', 'E2', 1, 'message 5'),
	('2026-09-03 13:30:00+00', 'web', 'E1', 1, 'message 2'),
	('2026-09-03 16:45:00+00', 'web', 'E1', 1, 'message 2'),
	('2026-09-04 05:15:00+00', 'web', 'E2', 1, 'message 4'),
	('2026-09-04 07:45:00+00', 'web', 'E0', 1, 'message 0'),
	('2026-09-04 09:15:00+00', 'web', 'E2', 1, 'message 0'),
	('2026-09-04 15:45:00+00', 'web', 'E2', 1, 'message 6'),
	('2026-09-04 16:30:00+00', 'web', 'E0', 1, 'message 6'),
	('2026-09-04 18:00:00+00', 'web', 'E0', 1, 'message 0'),
	('2026-09-04 22:00:00+00', 'web', 'E0', 1, 'message 5'),
	('2026-09-04 22:30:00+00', 'web', 'E0', 1, 'message 6');
INSERT INTO public.analytics_rollup_events_daily_v1 VALUES
	('2026-09-01 00:00:00+00', 'api_request', 'web', '', 10, 10),
	('2026-09-01 00:00:00+00', 'api_request', 'web', 'production', 3, 3),
	('2026-09-01 00:00:00+00', 'api_request', 'web', 'staging', 7, 7),
	('2026-09-01 00:00:00+00', 'application_error', 'web', '', 4, 4),
	('2026-09-01 00:00:00+00', 'application_error', 'web', 'production', 4, 4),
	('2026-09-01 00:00:00+00', 'application_error', 'web', 'staging', 4, 4),
	('2026-09-01 00:00:00+00', 'cocoon_connected', 'import', '', 6, 6),
	('2026-09-01 00:00:00+00', 'cocoon_connected', 'import', 'production', 5, 5),
	('2026-09-01 00:00:00+00', 'cocoon_connected', 'import', 'staging', 8, 8),
	('2026-09-01 00:00:00+00', 'database_query', 'web', '', 5, 0),
	('2026-09-01 00:00:00+00', 'database_query', 'web', 'production', 3, 0),
	('2026-09-01 00:00:00+00', 'database_query', 'web', 'staging', 1, 0),
	('2026-09-01 00:00:00+00', 'integration_used', 'import', '', 5, 5),
	('2026-09-01 00:00:00+00', 'integration_used', 'import', 'production', 7, 7),
	('2026-09-01 00:00:00+00', 'integration_used', 'import', 'staging', 6, 6),
	('2026-09-01 00:00:00+00', 'task_completed', 'import', '', 2, 2),
	('2026-09-01 00:00:00+00', 'task_completed', 'import', 'production', 3, 3),
	('2026-09-01 00:00:00+00', 'task_completed', 'import', 'staging', 7, 7),
	('2026-09-01 00:00:00+00', 'task_created', 'import', '', 8, 8),
	('2026-09-01 00:00:00+00', 'task_created', 'import', 'production', 4, 4),
	('2026-09-01 00:00:00+00', 'task_created', 'import', 'staging', 5, 5),
	('2026-09-02 00:00:00+00', 'api_request', 'web', '', 4, 4),
	('2026-09-02 00:00:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-02 00:00:00+00', 'api_request', 'web', 'staging', 3, 3),
	('2026-09-02 00:00:00+00', 'application_error', 'web', '', 7, 7),
	('2026-09-02 00:00:00+00', 'application_error', 'web', 'production', 7, 7),
	('2026-09-02 00:00:00+00', 'application_error', 'web', 'staging', 1, 1),
	('2026-09-02 00:00:00+00', 'cocoon_connected', 'import', '', 5, 5),
	('2026-09-02 00:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-02 00:00:00+00', 'cocoon_connected', 'import', 'staging', 3, 3),
	('2026-09-02 00:00:00+00', 'database_query', 'web', '', 5, 0),
	('2026-09-02 00:00:00+00', 'database_query', 'web', 'staging', 1, 0),
	('2026-09-02 00:00:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-02 00:00:00+00', 'task_completed', 'import', '', 2, 2),
	('2026-09-02 00:00:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-02 00:00:00+00', 'task_completed', 'import', 'staging', 3, 3),
	('2026-09-02 00:00:00+00', 'task_created', 'import', '', 2, 2),
	('2026-09-02 00:00:00+00', 'task_created', 'import', 'production', 3, 3),
	('2026-09-02 00:00:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-03 00:00:00+00', 'api_request', 'web', '', 2, 2),
	('2026-09-03 00:00:00+00', 'api_request', 'web', 'production', 6, 6),
	('2026-09-03 00:00:00+00', 'api_request', 'web', 'staging', 3, 3),
	('2026-09-03 00:00:00+00', 'application_error', 'web', '', 2, 2),
	('2026-09-03 00:00:00+00', 'application_error', 'web', 'production', 3, 3),
	('2026-09-03 00:00:00+00', 'application_error', 'web', 'staging', 2, 2),
	('2026-09-03 00:00:00+00', 'cocoon_connected', 'import', '', 2, 2),
	('2026-09-03 00:00:00+00', 'cocoon_connected', 'import', 'production', 4, 4),
	('2026-09-03 00:00:00+00', 'cocoon_connected', 'import', 'staging', 4, 4),
	('2026-09-03 00:00:00+00', 'database_query', 'web', '', 3, 0),
	('2026-09-03 00:00:00+00', 'database_query', 'web', 'production', 5, 0),
	('2026-09-03 00:00:00+00', 'database_query', 'web', 'staging', 2, 0),
	('2026-09-03 00:00:00+00', 'integration_used', 'import', '', 5, 5),
	('2026-09-03 00:00:00+00', 'integration_used', 'import', 'production', 3, 3),
	('2026-09-03 00:00:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-03 00:00:00+00', 'task_completed', 'import', '', 2, 2),
	('2026-09-03 00:00:00+00', 'task_completed', 'import', 'production', 5, 5),
	('2026-09-03 00:00:00+00', 'task_completed', 'import', 'staging', 2, 2),
	('2026-09-03 00:00:00+00', 'task_created', 'import', '', 4, 4),
	('2026-09-03 00:00:00+00', 'task_created', 'import', 'production', 2, 2),
	('2026-09-03 00:00:00+00', 'task_created', 'import', 'staging', 7, 7),
	('2026-09-04 00:00:00+00', 'api_request', 'web', '', 2, 2),
	('2026-09-04 00:00:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-04 00:00:00+00', 'application_error', 'web', '', 2, 2),
	('2026-09-04 00:00:00+00', 'application_error', 'web', 'production', 5, 5),
	('2026-09-04 00:00:00+00', 'application_error', 'web', 'staging', 1, 1),
	('2026-09-04 00:00:00+00', 'cocoon_connected', 'import', '', 8, 8),
	('2026-09-04 00:00:00+00', 'cocoon_connected', 'import', 'production', 5, 5),
	('2026-09-04 00:00:00+00', 'cocoon_connected', 'import', 'staging', 5, 5),
	('2026-09-04 00:00:00+00', 'database_query', 'web', '', 8, 0),
	('2026-09-04 00:00:00+00', 'database_query', 'web', 'production', 3, 0),
	('2026-09-04 00:00:00+00', 'database_query', 'web', 'staging', 3, 0),
	('2026-09-04 00:00:00+00', 'integration_used', 'import', '', 3, 3),
	('2026-09-04 00:00:00+00', 'integration_used', 'import', 'production', 2, 2),
	('2026-09-04 00:00:00+00', 'integration_used', 'import', 'staging', 5, 5),
	('2026-09-04 00:00:00+00', 'task_completed', 'import', '', 6, 6),
	('2026-09-04 00:00:00+00', 'task_completed', 'import', 'production', 2, 2),
	('2026-09-04 00:00:00+00', 'task_completed', 'import', 'staging', 4, 4),
	('2026-09-04 00:00:00+00', 'task_created', 'import', '', 3, 3),
	('2026-09-04 00:00:00+00', 'task_created', 'import', 'production', 3, 3),
	('2026-09-04 00:00:00+00', 'task_created', 'import', 'staging', 2, 2);
INSERT INTO public.analytics_rollup_events_v1 VALUES
	('2026-09-01 00:15:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-01 00:15:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-01 00:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-01 00:15:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-01 00:30:00+00', 'database_query', 'web', 'staging', 1, 0),
	('2026-09-01 00:45:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-01 01:00:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-01 01:00:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-01 01:00:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-01 01:00:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-01 01:15:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-01 01:15:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-01 01:30:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-01 01:30:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-01 01:30:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-01 01:30:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-01 01:45:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-01 02:30:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-01 02:45:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-01 02:45:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-01 04:45:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-01 04:45:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-01 05:30:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-01 06:00:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-01 06:00:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-01 06:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-01 06:15:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-01 07:00:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-01 07:15:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-01 07:15:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-01 07:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-01 07:45:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-01 08:00:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-01 08:15:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-01 08:15:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-01 08:15:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-01 09:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-01 09:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-01 09:45:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-01 09:45:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-01 10:00:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-01 10:00:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-01 10:30:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-01 10:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-01 10:30:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-01 10:30:00+00', 'integration_used', 'import', 'staging', 2, 2),
	('2026-09-01 10:45:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-01 10:45:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-01 10:45:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-01 11:00:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-01 11:15:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-01 11:15:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-01 11:15:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-01 11:30:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-01 11:45:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-01 12:00:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-01 12:15:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-01 12:45:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-01 12:45:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-01 13:00:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-01 13:30:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-01 13:45:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-01 13:45:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-01 14:00:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-01 14:15:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-01 14:45:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-01 14:45:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-01 15:00:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-01 15:15:00+00', 'application_error', 'web', 'staging', 1, 1),
	('2026-09-01 15:15:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-01 15:15:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-01 15:15:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-01 15:30:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-01 15:30:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-01 16:15:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-01 16:15:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-01 16:45:00+00', 'application_error', 'web', 'staging', 1, 1),
	('2026-09-01 16:45:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-01 17:00:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-01 17:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-01 17:30:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-01 17:30:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-01 17:30:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-01 17:30:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-01 17:45:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-01 17:45:00+00', 'application_error', 'web', 'staging', 1, 1),
	('2026-09-01 18:30:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-01 18:30:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-01 19:45:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-01 19:45:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-01 20:00:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-01 20:30:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-01 20:45:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-01 20:45:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-01 21:45:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-01 22:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-01 22:00:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-01 22:15:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-01 22:30:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-01 22:30:00+00', 'task_created', 'import', 'production', 1, 1);
INSERT INTO public.analytics_rollup_events_v1 VALUES
	('2026-09-01 22:45:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-01 23:00:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-01 23:15:00+00', 'task_completed', 'import', 'staging', 2, 2),
	('2026-09-01 23:30:00+00', 'application_error', 'web', 'staging', 1, 1),
	('2026-09-01 23:45:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-02 00:15:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-02 00:30:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-02 00:45:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-02 01:00:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-02 01:30:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-02 01:45:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-02 03:00:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-02 03:00:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-02 04:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-02 04:30:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-02 04:30:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-02 04:45:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-02 06:45:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-02 06:45:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-02 07:00:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-02 07:30:00+00', 'application_error', 'web', 'production', 2, 2),
	('2026-09-02 07:30:00+00', 'application_error', 'web', 'staging', 1, 1),
	('2026-09-02 08:00:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-02 08:00:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-02 08:00:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-02 08:15:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-02 08:30:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-02 10:00:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-02 10:00:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-02 10:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-02 12:00:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-02 12:30:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-02 12:45:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-02 14:15:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-02 14:15:00+00', 'database_query', 'web', 'staging', 1, 0),
	('2026-09-02 15:00:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-02 15:30:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-02 16:15:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-02 16:30:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-02 16:30:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-02 16:30:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-02 17:00:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-02 17:30:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-02 18:30:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-02 18:45:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-02 19:00:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-02 20:00:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-02 20:15:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-02 20:15:00+00', 'application_error', 'web', 'production', 2, 2),
	('2026-09-02 20:15:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-02 21:00:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-02 22:30:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-02 22:30:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-02 23:15:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-03 00:00:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-03 00:00:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-03 00:15:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-03 00:15:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-03 00:45:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-03 01:00:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-03 01:15:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-03 01:15:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-03 01:30:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-03 01:45:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-03 01:45:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-03 02:00:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-03 02:15:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-03 03:30:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-03 04:00:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-03 05:15:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-03 05:45:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-03 06:00:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-03 06:15:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-03 06:15:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-03 06:30:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-03 06:45:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-03 07:30:00+00', 'database_query', 'web', 'staging', 1, 0),
	('2026-09-03 07:45:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-03 08:30:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-03 08:45:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-03 08:45:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-03 08:45:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-03 09:30:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-03 10:00:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-03 10:30:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-03 10:45:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-03 11:00:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-03 11:15:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-03 11:45:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-03 11:45:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-03 12:00:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-03 12:15:00+00', 'application_error', 'web', 'staging', 1, 1),
	('2026-09-03 12:30:00+00', 'database_query', 'web', 'staging', 1, 0),
	('2026-09-03 13:15:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-03 13:30:00+00', 'api_request', 'web', 'production', 1, 1),
	('2026-09-03 13:30:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-03 14:15:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-03 14:30:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-03 14:30:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-03 15:15:00+00', 'cocoon_connected', 'import', 'production', 1, 1);
INSERT INTO public.analytics_rollup_events_v1 VALUES
	('2026-09-03 15:30:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-03 15:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-03 15:45:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-03 16:00:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-03 16:45:00+00', 'application_error', 'web', 'staging', 1, 1),
	('2026-09-03 17:00:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-03 18:00:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-03 18:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-03 18:15:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-03 18:30:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-03 20:00:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-03 20:00:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-03 20:15:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-03 20:30:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-03 20:45:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-03 20:45:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-03 21:00:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-03 21:15:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-03 21:30:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-03 22:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-03 22:00:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-03 22:15:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-03 23:45:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-04 00:00:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-04 00:15:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-04 00:15:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-04 00:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-04 00:30:00+00', 'integration_used', 'import', 'staging', 2, 2),
	('2026-09-04 00:45:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-04 01:00:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-04 02:45:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-04 03:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-04 03:00:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-04 03:30:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-04 03:30:00+00', 'database_query', 'web', 'staging', 1, 0),
	('2026-09-04 04:00:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-04 04:15:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-04 04:30:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-04 04:45:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-04 05:15:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-04 05:15:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-04 05:15:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-04 06:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-04 06:15:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-04 07:00:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-04 07:45:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-04 07:45:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-04 08:30:00+00', 'integration_used', 'import', '', 1, 1),
	('2026-09-04 08:45:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-04 09:15:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-04 09:30:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-04 10:15:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-04 10:15:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-04 10:45:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-04 11:15:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-04 11:15:00+00', 'database_query', 'web', 'production', 1, 0),
	('2026-09-04 11:45:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-04 12:00:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-04 12:30:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-04 12:30:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-04 12:45:00+00', 'database_query', 'web', 'staging', 1, 0),
	('2026-09-04 12:45:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-04 13:00:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-04 13:00:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-04 13:15:00+00', 'task_completed', 'import', 'production', 1, 1),
	('2026-09-04 13:30:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-04 13:30:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-04 14:00:00+00', 'integration_used', 'import', 'staging', 1, 1),
	('2026-09-04 15:30:00+00', 'cocoon_connected', 'import', 'production', 1, 1),
	('2026-09-04 15:45:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-04 16:00:00+00', 'task_completed', 'import', '', 1, 1),
	('2026-09-04 16:15:00+00', 'integration_used', 'import', 'production', 1, 1),
	('2026-09-04 16:30:00+00', 'application_error', 'web', '', 1, 1),
	('2026-09-04 16:45:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-04 17:00:00+00', 'task_created', 'import', 'staging', 1, 1),
	('2026-09-04 17:30:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-04 18:00:00+00', 'api_request', 'web', '', 1, 1),
	('2026-09-04 18:00:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-04 18:15:00+00', 'api_request', 'web', 'staging', 1, 1),
	('2026-09-04 18:15:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-04 18:15:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-04 18:45:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-04 18:45:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-04 18:45:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-04 19:00:00+00', 'task_created', 'import', '', 1, 1),
	('2026-09-04 19:45:00+00', 'cocoon_connected', 'import', 'staging', 1, 1),
	('2026-09-04 19:45:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-04 21:00:00+00', 'database_query', 'web', '', 1, 0),
	('2026-09-04 21:30:00+00', 'task_created', 'import', 'production', 1, 1),
	('2026-09-04 21:45:00+00', 'cocoon_connected', 'import', '', 1, 1),
	('2026-09-04 22:00:00+00', 'application_error', 'web', 'staging', 1, 1),
	('2026-09-04 22:15:00+00', 'task_completed', 'import', 'staging', 1, 1),
	('2026-09-04 22:30:00+00', 'application_error', 'web', 'production', 1, 1),
	('2026-09-04 22:45:00+00', 'database_query', 'web', 'staging', 1, 0),
	('2026-09-04 23:15:00+00', 'api_request', 'web', '', 1, 1);
INSERT INTO public.analytics_rollup_integrations_daily_v1 VALUES
	('2026-09-01 00:00:00+00', 'github', 0, 0, 9, 0),
	('2026-09-01 00:00:00+00', 'slack', 0, 0, 9, 0),
	('2026-09-02 00:00:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-03 00:00:00+00', 'github', 0, 0, 4, 0),
	('2026-09-03 00:00:00+00', 'slack', 0, 0, 5, 0),
	('2026-09-04 00:00:00+00', 'github', 0, 0, 5, 0),
	('2026-09-04 00:00:00+00', 'slack', 0, 0, 5, 0);
INSERT INTO public.analytics_rollup_integrations_users_v1 VALUES
	('2026-09-01 00:00:00+00', 'github', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'github', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001000000'),
	('2026-09-01 00:00:00+00', 'github', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'000000000000000000010000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'github', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000000000000000000010000000000000000000100000000000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'github', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'github', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'000001000000000000000000000000000000000000000000010000010000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'slack', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'slack', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'000000000000000000000000000000000000000010100000000000000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'slack', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'slack', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000100000'),
	('2026-09-01 00:00:00+00', 'slack', 'caa7e9bf-d007-24a1-23cf-493f0febddf8', B'000000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'slack', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000000000000000000000000000100000000100000000000000000000000000000000000000000000000000000'),
	('2026-09-01 00:00:00+00', 'slack', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000001000000000000'),
	('2026-09-02 00:00:00+00', 'slack', 'b969ec07-f1f8-3a79-af37-1d87d8a8f065', B'000000000000000000000000000000000000000000000000000000000000000000000000000000000000100000000000'),
	('2026-09-03 00:00:00+00', 'github', 'a3f96f0e-5143-6d1f-cd68-615c80690847', B'000000000000000000000000000000000000000000000000100000000000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'github', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'github', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', B'000000100000000000000000000000000000000000000000000000000000000000000000000000000001000000000000'),
	('2026-09-03 00:00:00+00', 'slack', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000000000000000000000000010000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'slack', 'cd425ec3-8f13-8999-8869-510db4a02517', B'000000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000'),
	('2026-09-03 00:00:00+00', 'slack', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000001000000000000000000000000000000000000000000000000000000000000000000000000000000000010000000'),
	('2026-09-03 00:00:00+00', 'slack', 'dc159e6a-409c-38f2-6b68-b48ebf13c171', B'000000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'github', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'github', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'github', '8a4996ef-b447-c0ce-b484-38b5c41f9dfd', B'000000000000000000000000000000000000000000000000001100000000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'github', '8d1a6bff-ff9a-3914-2335-e9e266cea9fa', B'000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'slack', '2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', B'000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'slack', '4dad2986-ce83-4960-6a06-e9ab85a0bcc1', B'001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'slack', 'd0b0090d-6259-0992-3fb8-1d2706e55426', B'000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'slack', 'e1ff83ab-26a2-658f-3252-1553e014be00', B'001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
	('2026-09-04 00:00:00+00', 'slack', 'eae0d2c1-1c33-9464-473d-212ba950666d', B'000000000000000000000000000000000000000000000000000000001000000000000000000000000000000000000000');
INSERT INTO public.analytics_rollup_integrations_v1 VALUES
	('2026-09-01 01:15:00+00', 'github', 0, 0, 1, 0),
	('2026-09-01 01:45:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-01 04:45:00+00', 'github', 0, 0, 1, 0),
	('2026-09-01 06:00:00+00', 'github', 0, 0, 1, 0),
	('2026-09-01 06:15:00+00', 'github', 0, 0, 1, 0),
	('2026-09-01 08:15:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-01 10:00:00+00', 'slack', 0, 0, 2, 0),
	('2026-09-01 10:30:00+00', 'slack', 0, 0, 2, 0),
	('2026-09-01 11:15:00+00', 'github', 0, 0, 1, 0),
	('2026-09-01 12:15:00+00', 'github', 0, 0, 1, 0),
	('2026-09-01 13:45:00+00', 'github', 0, 0, 1, 0),
	('2026-09-01 15:15:00+00', 'github', 0, 0, 1, 0),
	('2026-09-01 16:15:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-01 20:45:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-01 22:15:00+00', 'github', 0, 0, 1, 0),
	('2026-09-01 22:30:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-02 21:00:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-03 01:00:00+00', 'github', 0, 0, 1, 0),
	('2026-09-03 01:15:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-03 01:30:00+00', 'github', 0, 0, 1, 0),
	('2026-09-03 02:00:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-03 06:15:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-03 12:00:00+00', 'github', 0, 0, 1, 0),
	('2026-09-03 16:00:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-03 20:45:00+00', 'github', 0, 0, 1, 0),
	('2026-09-03 22:00:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-04 00:15:00+00', 'github', 0, 0, 1, 0),
	('2026-09-04 00:30:00+00', 'slack', 0, 0, 2, 0),
	('2026-09-04 05:15:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-04 07:00:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-04 08:30:00+00', 'github', 0, 0, 1, 0),
	('2026-09-04 12:30:00+00', 'github', 0, 0, 1, 0),
	('2026-09-04 12:45:00+00', 'github', 0, 0, 1, 0),
	('2026-09-04 14:00:00+00', 'slack', 0, 0, 1, 0),
	('2026-09-04 16:15:00+00', 'github', 0, 0, 1, 0);
INSERT INTO public.analytics_rollup_tasks_daily_v1 VALUES
	('2026-09-01 00:00:00+00', 17, 0, 12, 0, 0, 597791, '{162411061562048513,154529762214150145,156500087051124737,151996487423754241,154248287237439489,160440736725073921,126945214496505857,131167339147165697,161848111608627201,157625986957967361,156781562027835393,106397541196627969}'),
	('2026-09-02 00:00:00+00', 6, 0, 6, 0, 0, 201560, '{140456013378617345,145804037936119809,155655662120992769,150026162586779649,138767163518353409,152840912353886209}'),
	('2026-09-03 00:00:00+00', 13, 0, 9, 0, 0, 566847, '{150870587516911617,161848111608627201,161003686678495233,153966812260728833,162129586585337857,162692536538759169,153966812260728833,147774362773094401,155374187144282113}'),
	('2026-09-04 00:00:00+00', 8, 0, 12, 0, 0, 626830, '{156781562027835393,152277962400464897,150870587516911617,158470411888099329,159033361841520641,153403862307307521,148618787703226369,155092712167571457,153966812260728833,160722211701784577,127508164449927169,160159261748363265}');
INSERT INTO public.analytics_rollup_tasks_v1 VALUES
	('2026-09-01 00:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 01:00:00+00', 1, 0, 1, 0, 0, 89508, '{162411061562048513}'),
	('2026-09-01 01:30:00+00', 1, 0, 1, 0, 0, 50565, '{154248287237439489}'),
	('2026-09-01 06:00:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 07:00:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 08:00:00+00', 0, 0, 1, 0, 0, 84844, '{161848111608627201}'),
	('2026-09-01 08:15:00+00', 2, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 09:45:00+00', 2, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 10:45:00+00', 0, 0, 1, 0, 0, 50930, '{154529762214150145}'),
	('2026-09-01 11:00:00+00', 0, 0, 1, 0, 0, 9948, '{131167339147165697}'),
	('2026-09-01 12:00:00+00', 0, 0, 1, 0, 0, 63446, '{157625986957967361}'),
	('2026-09-01 13:00:00+00', 0, 0, 1, 0, 0, 7358, '{126945214496505857}'),
	('2026-09-01 14:45:00+00', 0, 0, 1, 0, 0, 43089, '{151996487423754241}'),
	('2026-09-01 15:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 15:30:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 16:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 16:45:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 17:00:00+00', 0, 0, 1, 0, 0, 77572, '{160440736725073921}'),
	('2026-09-01 17:30:00+00', 2, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 20:45:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 22:00:00+00', 0, 0, 1, 0, 0, 58620, '{156500087051124737}'),
	('2026-09-01 22:30:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-01 23:15:00+00', 0, 0, 2, 0, 0, 61911, '{156781562027835393,106397541196627969}'),
	('2026-09-02 00:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-02 01:45:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-02 03:00:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-02 04:30:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-02 04:45:00+00', 0, 0, 1, 0, 0, 45370, '{152840912353886209}'),
	('2026-09-02 10:00:00+00', 0, 0, 1, 0, 0, 55233, '{155655662120992769}'),
	('2026-09-02 16:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-02 16:30:00+00', 0, 0, 2, 0, 0, 54095, '{150026162586779649,138767163518353409}'),
	('2026-09-02 17:30:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-02 20:15:00+00', 0, 0, 1, 0, 0, 27702, '{145804037936119809}'),
	('2026-09-02 22:30:00+00', 0, 0, 1, 0, 0, 19160, '{140456013378617345}'),
	('2026-09-03 00:00:00+00', 1, 0, 1, 0, 0, 79863, '{161003686678495233}'),
	('2026-09-03 00:15:00+00', 0, 0, 1, 0, 0, 31730, '{147774362773094401}'),
	('2026-09-03 00:45:00+00', 0, 0, 1, 0, 0, 39502, '{150870587516911617}'),
	('2026-09-03 01:45:00+00', 0, 0, 1, 0, 0, 89947, '{162692536538759169}'),
	('2026-09-03 05:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 06:00:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 06:45:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 10:00:00+00', 0, 0, 1, 0, 0, 85704, '{161848111608627201}'),
	('2026-09-03 11:00:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 11:15:00+00', 0, 0, 1, 0, 0, 54497, '{155374187144282113}'),
	('2026-09-03 11:45:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 13:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 14:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 18:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 20:00:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 20:15:00+00', 0, 0, 1, 0, 0, 49053, '{153966812260728833}'),
	('2026-09-03 20:30:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 21:15:00+00', 0, 0, 1, 0, 0, 87305, '{162129586585337857}'),
	('2026-09-03 21:30:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-03 22:15:00+00', 0, 0, 1, 0, 0, 49246, '{153966812260728833}'),
	('2026-09-03 23:45:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-04 03:00:00+00', 0, 0, 1, 0, 0, 49376, '{153966812260728833}'),
	('2026-09-04 04:30:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-04 05:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-04 06:15:00+00', 0, 0, 1, 0, 0, 79050, '{160722211701784577}'),
	('2026-09-04 09:30:00+00', 0, 0, 1, 0, 0, 46910, '{153403862307307521}'),
	('2026-09-04 10:15:00+00', 0, 0, 1, 0, 0, 70293, '{159033361841520641}'),
	('2026-09-04 11:45:00+00', 0, 0, 1, 0, 0, 7567, '{127508164449927169}'),
	('2026-09-04 13:00:00+00', 0, 0, 1, 0, 0, 53447, '{155092712167571457}'),
	('2026-09-04 13:15:00+00', 0, 0, 1, 0, 0, 39339, '{150870587516911617}'),
	('2026-09-04 13:30:00+00', 1, 0, 1, 0, 0, 43568, '{152277962400464897}'),
	('2026-09-04 16:00:00+00', 0, 0, 1, 0, 0, 33553, '{148618787703226369}'),
	('2026-09-04 17:00:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-04 18:15:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-04 18:45:00+00', 1, 0, 1, 0, 0, 67718, '{158470411888099329}'),
	('2026-09-04 19:00:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-04 19:45:00+00', 0, 0, 1, 0, 0, 75710, '{160159261748363265}'),
	('2026-09-04 21:30:00+00', 1, 0, 0, 0, 0, 0, '{}'),
	('2026-09-04 22:15:00+00', 0, 0, 1, 0, 0, 60299, '{156781562027835393}');
INSERT INTO public.analytics_rollups VALUES
	('activity', 1, '{"dimensions":[],"eventTypes":[],"measures":[{"kind":{"distinct":{"_0":{"userID":{}}}},"name":"users"}],"name":"activity","version":1}', '-infinity', '2026-11-29 01:51:35.927594+00'),
	('events', 1, '{"dimensions":[{"name":"event_type","source":{"eventType":{}}},{"name":"service","source":{"service":{}}},{"name":"environment","source":{"environment":{}}}],"eventTypes":[],"measures":[{"kind":{"count":{}},"name":"events"},{"condition":{"hasUser":{}},"kind":{"count":{}},"name":"user_events"}],"name":"events","version":1}', '-infinity', '2026-11-29 01:51:35.95059+00'),
	('tasks', 1, '{"dimensions":[],"eventTypes":["task_created","task_started","task_completed","task_failed","task_cancelled"],"measures":[{"condition":{"type":{"_0":["task_created"]}},"kind":{"count":{}},"name":"created"},{"condition":{"type":{"_0":["task_started"]}},"kind":{"count":{}},"name":"started"},{"condition":{"type":{"_0":["task_completed"]}},"kind":{"count":{}},"name":"completed"},{"condition":{"type":{"_0":["task_failed"]}},"kind":{"count":{}},"name":"failed"},{"condition":{"type":{"_0":["task_cancelled"]}},"kind":{"count":{}},"name":"cancelled"},{"condition":{"type":{"_0":["task_completed"]}},"kind":{"sum":{"_0":"duration_ms"}},"name":"duration_ms_sum"},{"condition":{"type":{"_0":["task_completed"]}},"kind":{"histogram":{"_0":"duration_ms"}},"name":"duration_ms"}],"name":"tasks","version":1}', '-infinity', '2026-11-29 01:51:35.966049+00'),
	('api_requests', 1, '{"dimensions":[{"name":"service","source":{"service":{}}},{"name":"endpoint","source":{"field":{"_0":"endpoint"}}},{"name":"method","source":{"field":{"_0":"method"}}}],"eventTypes":["api_request"],"measures":[{"kind":{"count":{}},"name":"requests"},{"condition":{"between":{"_0":"status_code","_1":400,"_2":499}},"kind":{"count":{}},"name":"errors_4xx"},{"condition":{"between":{"_0":"status_code","_1":500,"_2":599}},"kind":{"count":{}},"name":"errors_5xx"},{"kind":{"sum":{"_0":"duration_ms"}},"name":"duration_ms_sum"},{"kind":{"histogram":{"_0":"duration_ms"}},"name":"duration_ms"}],"name":"api_requests","version":1}', '-infinity', '2026-11-29 01:51:35.986257+00'),
	('integrations', 1, '{"dimensions":[{"name":"provider","source":{"field":{"_0":"provider"}}}],"eventTypes":["integration_connected","integration_disconnected","integration_used","integration_error"],"measures":[{"condition":{"type":{"_0":["integration_connected"]}},"kind":{"count":{}},"name":"connections"},{"condition":{"type":{"_0":["integration_disconnected"]}},"kind":{"count":{}},"name":"disconnections"},{"condition":{"type":{"_0":["integration_used"]}},"kind":{"count":{}},"name":"uses"},{"condition":{"type":{"_0":["integration_error"]}},"kind":{"count":{}},"name":"errors"},{"kind":{"distinct":{"_0":{"userID":{}}}},"name":"users"}],"name":"integrations","version":1}', '-infinity', '2026-11-29 01:51:36.009979+00'),
	('auth', 1, '{"dimensions":[],"eventTypes":["auth_login_attempt","auth_code_verified","auth_token_refresh"],"measures":[{"condition":{"type":{"_0":["auth_login_attempt"]}},"kind":{"count":{}},"name":"login_attempts"},{"condition":{"all":{"_0":[{"type":{"_0":["auth_login_attempt"]}},{"isTrue":{"_0":"success"}}]}},"kind":{"count":{}},"name":"successful_logins"},{"condition":{"all":{"_0":[{"type":{"_0":["auth_login_attempt"]}},{"isFalse":{"_0":"success"}}]}},"kind":{"count":{}},"name":"failed_logins"},{"condition":{"type":{"_0":["auth_code_verified"]}},"kind":{"count":{}},"name":"code_verifications"},{"condition":{"type":{"_0":["auth_token_refresh"]}},"kind":{"count":{}},"name":"token_refreshes"},{"condition":{"isTrue":{"_0":"success"}},"kind":{"distinct":{"_0":{"userID":{}}}},"name":"users"}],"name":"auth","version":1}', '-infinity', '2026-11-29 01:51:36.022063+00'),
	('cocoons', 1, '{"dimensions":[],"eventTypes":["cocoon_registered","cocoon_connected","cocoon_disconnected","cocoon_claimed"],"measures":[{"condition":{"type":{"_0":["cocoon_registered"]}},"kind":{"count":{}},"name":"registrations"},{"condition":{"type":{"_0":["cocoon_connected"]}},"kind":{"count":{}},"name":"connections"},{"condition":{"type":{"_0":["cocoon_disconnected"]}},"kind":{"count":{}},"name":"disconnections"},{"condition":{"type":{"_0":["cocoon_claimed"]}},"kind":{"count":{}},"name":"claims"},{"condition":{"hasNumber":{"_0":"duration_seconds"}},"kind":{"count":{}},"name":"sessions"},{"kind":{"sum":{"_0":"duration_seconds"}},"name":"session_seconds_sum"},{"kind":{"distinct":{"_0":{"field":{"_0":"cocoon_id"}}}},"name":"cocoons"}],"name":"cocoons","version":1}', '-infinity', '2026-11-29 01:51:36.038021+00'),
	('errors', 1, '{"dimensions":[{"name":"service","source":{"service":{}}},{"name":"error_type","source":{"field":{"_0":"error_type"}}}],"eventTypes":["application_error"],"measures":[{"kind":{"count":{}},"name":"errors"},{"kind":{"sample":{"_0":"error_message"}},"name":"sample_error_message"},{"kind":{"distinct":{"_0":{"userID":{}}}},"name":"users"}],"name":"errors","version":1}', '-infinity', '2026-11-29 01:51:36.069962+00'),
	('database_queries', 1, '{"dimensions":[{"name":"service","source":{"service":{}}},{"name":"query_type","source":{"field":{"_0":"query_type"}}}],"eventTypes":["database_query"],"measures":[{"kind":{"count":{}},"name":"queries"},{"kind":{"sum":{"_0":"rows_affected"}},"name":"rows_affected_sum"},{"kind":{"sum":{"_0":"duration_ms"}},"name":"duration_ms_sum"},{"kind":{"histogram":{"_0":"duration_ms"}},"name":"duration_ms"}],"name":"database_queries","version":1}', '-infinity', '2026-11-29 01:51:36.085974+00'),
	('webhooks', 1, '{"dimensions":[{"name":"provider","source":{"field":{"_0":"provider"}}}],"eventTypes":["webhook_received","webhook_processed"],"measures":[{"condition":{"type":{"_0":["webhook_received"]}},"kind":{"count":{}},"name":"received"},{"condition":{"type":{"_0":["webhook_processed"]}},"kind":{"count":{}},"name":"processed"},{"condition":{"all":{"_0":[{"type":{"_0":["webhook_processed"]}},{"isFalse":{"_0":"success"}}]}},"kind":{"count":{}},"name":"failed"},{"kind":{"sum":{"_0":"duration_ms"}},"name":"duration_ms_sum"},{"kind":{"histogram":{"_0":"duration_ms"}},"name":"duration_ms"}],"name":"webhooks","version":1}', '-infinity', '2026-11-29 01:51:36.102028+00');
INSERT INTO public.analytics_telemetry VALUES
	(true, NULL, NULL, NULL);
INSERT INTO public.analytics_usage_periods OVERRIDING SYSTEM VALUE VALUES
	(1, '2026-11-29 01:51:35.793307+00', NULL);
INSERT INTO public.analytics_users VALUES
	('2cb85f3f-4a24-e39a-5d99-8017f5e2fc57', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('4dad2986-ce83-4960-6a06-e9ab85a0bcc1', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('8a4996ef-b447-c0ce-b484-38b5c41f9dfd', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('8d1a6bff-ff9a-3914-2335-e9e266cea9fa', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('a3f96f0e-5143-6d1f-cd68-615c80690847', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('b969ec07-f1f8-3a79-af37-1d87d8a8f065', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('caa7e9bf-d007-24a1-23cf-493f0febddf8', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('cd425ec3-8f13-8999-8869-510db4a02517', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('d0b0090d-6259-0992-3fb8-1d2706e55426', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('dc159e6a-409c-38f2-6b68-b48ebf13c171', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('e1ff83ab-26a2-658f-3252-1553e014be00', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00'),
	('eae0d2c1-1c33-9464-473d-212ba950666d', '2026-09-01 00:00:00+00', '2026-09-04 00:00:00+00');
INSERT INTO public.stat_environment_updates VALUES
	('2026-09-01', 'production', 29),
	('2026-09-01', 'staging', 38),
	('2026-09-02', 'production', 13),
	('2026-09-02', 'staging', 13),
	('2026-09-03', 'production', 28),
	('2026-09-03', 'staging', 21),
	('2026-09-04', 'production', 20),
	('2026-09-04', 'staging', 21);
SELECT pg_catalog.setval('public.analytics_telemetry_outbox_id_seq', 1, false);
SELECT pg_catalog.setval('public.analytics_usage_periods_id_seq', 1, true);
ALTER TABLE ONLY public.analytics_client_applications
    ADD CONSTRAINT analytics_client_applications_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.analytics_client_instances
    ADD CONSTRAINT analytics_client_instances_pkey PRIMARY KEY (name, instance_id);
ALTER TABLE ONLY public.analytics_dead_letters
    ADD CONSTRAINT analytics_dead_letters_pkey PRIMARY KEY ("timestamp", id);
ALTER TABLE ONLY public.analytics_erasure_key
    ADD CONSTRAINT analytics_erasure_key_pkey PRIMARY KEY (is_only);
ALTER TABLE ONLY public.analytics_erasures
    ADD CONSTRAINT analytics_erasures_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.analytics_events
    ADD CONSTRAINT analytics_events_pkey PRIMARY KEY ("timestamp", id);
ALTER TABLE ONLY public.analytics_events_2026_09_02
    ADD CONSTRAINT analytics_events_2026_09_02_pkey PRIMARY KEY ("timestamp", id);
ALTER TABLE ONLY public.analytics_events_2026_09_03
    ADD CONSTRAINT analytics_events_2026_09_03_pkey PRIMARY KEY ("timestamp", id);
ALTER TABLE ONLY public.analytics_events_2026_09_04
    ADD CONSTRAINT analytics_events_2026_09_04_pkey PRIMARY KEY ("timestamp", id);
ALTER TABLE ONLY public.analytics_instance
    ADD CONSTRAINT analytics_instance_pkey PRIMARY KEY (is_only);
ALTER TABLE ONLY public.analytics_keys
    ADD CONSTRAINT analytics_keys_hash_key UNIQUE (hash);
ALTER TABLE ONLY public.analytics_keys
    ADD CONSTRAINT analytics_keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_migrations
    ADD CONSTRAINT analytics_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.analytics_partitions_to_drop
    ADD CONSTRAINT analytics_partitions_to_drop_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.analytics_retention
    ADD CONSTRAINT analytics_retention_pkey PRIMARY KEY (is_only);
ALTER TABLE ONLY public.analytics_rollup_activity_users_v1
    ADD CONSTRAINT analytics_rollup_activity_users_v1_pkey PRIMARY KEY (day, member);
ALTER TABLE ONLY public.analytics_rollup_api_requests_daily_v1
    ADD CONSTRAINT analytics_rollup_api_requests_daily_v1_pkey PRIMARY KEY (day, service, endpoint, method);
ALTER TABLE ONLY public.analytics_rollup_api_requests_v1
    ADD CONSTRAINT analytics_rollup_api_requests_v1_pkey PRIMARY KEY (quarter, service, endpoint, method);
ALTER TABLE ONLY public.analytics_rollup_auth_daily_v1
    ADD CONSTRAINT analytics_rollup_auth_daily_v1_pkey PRIMARY KEY (day);
ALTER TABLE ONLY public.analytics_rollup_auth_users_v1
    ADD CONSTRAINT analytics_rollup_auth_users_v1_pkey PRIMARY KEY (day, member);
ALTER TABLE ONLY public.analytics_rollup_auth_v1
    ADD CONSTRAINT analytics_rollup_auth_v1_pkey PRIMARY KEY (quarter);
ALTER TABLE ONLY public.analytics_rollup_cocoons_cocoons_v1
    ADD CONSTRAINT analytics_rollup_cocoons_cocoons_v1_pkey PRIMARY KEY (day, member);
ALTER TABLE ONLY public.analytics_rollup_cocoons_daily_v1
    ADD CONSTRAINT analytics_rollup_cocoons_daily_v1_pkey PRIMARY KEY (day);
ALTER TABLE ONLY public.analytics_rollup_cocoons_v1
    ADD CONSTRAINT analytics_rollup_cocoons_v1_pkey PRIMARY KEY (quarter);
ALTER TABLE ONLY public.analytics_rollup_database_queries_daily_v1
    ADD CONSTRAINT analytics_rollup_database_queries_daily_v1_pkey PRIMARY KEY (day, service, query_type);
ALTER TABLE ONLY public.analytics_rollup_database_queries_v1
    ADD CONSTRAINT analytics_rollup_database_queries_v1_pkey PRIMARY KEY (quarter, service, query_type);
ALTER TABLE ONLY public.analytics_rollup_errors_daily_v1
    ADD CONSTRAINT analytics_rollup_errors_daily_v1_pkey PRIMARY KEY (day, service, error_type);
ALTER TABLE ONLY public.analytics_rollup_errors_users_v1
    ADD CONSTRAINT analytics_rollup_errors_users_v1_pkey PRIMARY KEY (day, service, error_type, member);
ALTER TABLE ONLY public.analytics_rollup_errors_v1
    ADD CONSTRAINT analytics_rollup_errors_v1_pkey PRIMARY KEY (quarter, service, error_type);
ALTER TABLE ONLY public.analytics_rollup_events_daily_v1
    ADD CONSTRAINT analytics_rollup_events_daily_v1_pkey PRIMARY KEY (day, event_type, service, environment);
ALTER TABLE ONLY public.analytics_rollup_events_v1
    ADD CONSTRAINT analytics_rollup_events_v1_pkey PRIMARY KEY (quarter, event_type, service, environment);
ALTER TABLE ONLY public.analytics_rollup_integrations_daily_v1
    ADD CONSTRAINT analytics_rollup_integrations_daily_v1_pkey PRIMARY KEY (day, provider);
ALTER TABLE ONLY public.analytics_rollup_integrations_users_v1
    ADD CONSTRAINT analytics_rollup_integrations_users_v1_pkey PRIMARY KEY (day, provider, member);
ALTER TABLE ONLY public.analytics_rollup_integrations_v1
    ADD CONSTRAINT analytics_rollup_integrations_v1_pkey PRIMARY KEY (quarter, provider);
ALTER TABLE ONLY public.analytics_rollup_pending
    ADD CONSTRAINT analytics_rollup_pending_pkey PRIMARY KEY (name, version, lower);
ALTER TABLE ONLY public.analytics_rollup_tasks_daily_v1
    ADD CONSTRAINT analytics_rollup_tasks_daily_v1_pkey PRIMARY KEY (day);
ALTER TABLE ONLY public.analytics_rollup_tasks_v1
    ADD CONSTRAINT analytics_rollup_tasks_v1_pkey PRIMARY KEY (quarter);
ALTER TABLE ONLY public.analytics_rollup_webhooks_daily_v1
    ADD CONSTRAINT analytics_rollup_webhooks_daily_v1_pkey PRIMARY KEY (day, provider);
ALTER TABLE ONLY public.analytics_rollup_webhooks_v1
    ADD CONSTRAINT analytics_rollup_webhooks_v1_pkey PRIMARY KEY (quarter, provider);
ALTER TABLE ONLY public.analytics_rollups
    ADD CONSTRAINT analytics_rollups_pkey PRIMARY KEY (name, version);
ALTER TABLE ONLY public.analytics_telemetry_deployments
    ADD CONSTRAINT analytics_telemetry_deployments_pkey PRIMARY KEY (deployment_id);
ALTER TABLE ONLY public.analytics_telemetry_outbox
    ADD CONSTRAINT analytics_telemetry_outbox_period_id_key UNIQUE (period_id);
ALTER TABLE ONLY public.analytics_telemetry_outbox
    ADD CONSTRAINT analytics_telemetry_outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_telemetry
    ADD CONSTRAINT analytics_telemetry_pkey PRIMARY KEY (is_only);
ALTER TABLE ONLY public.analytics_telemetry_snapshots
    ADD CONSTRAINT analytics_telemetry_snapshots_pkey PRIMARY KEY (deployment_id, period_id);
ALTER TABLE ONLY public.analytics_usage_counters
    ADD CONSTRAINT analytics_usage_counters_pkey PRIMARY KEY (period_id, kind, replica_id, name);
ALTER TABLE ONLY public.analytics_usage_members
    ADD CONSTRAINT analytics_usage_members_pkey PRIMARY KEY (period_id, kind, set_name, member, replica_id);
ALTER TABLE ONLY public.analytics_usage_periods
    ADD CONSTRAINT analytics_usage_periods_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.analytics_usage_replicas
    ADD CONSTRAINT analytics_usage_replicas_pkey PRIMARY KEY (replica_id);
ALTER TABLE ONLY public.analytics_users
    ADD CONSTRAINT analytics_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.stat_environment_updates
    ADD CONSTRAINT stat_environment_updates_pkey PRIMARY KEY (day, environment);
ALTER TABLE ONLY public.telemetry_locks
    ADD CONSTRAINT telemetry_locks_pkey PRIMARY KEY (event_type, period_ending_at);
CREATE INDEX analytics_events_event_type_idx ON ONLY public.analytics_events USING btree (event_type);
CREATE INDEX analytics_events_2026_09_02_event_type_idx ON public.analytics_events_2026_09_02 USING btree (event_type);
CREATE INDEX analytics_events_service_idx ON ONLY public.analytics_events USING btree (service);
CREATE INDEX analytics_events_2026_09_02_service_idx ON public.analytics_events_2026_09_02 USING btree (service);
CREATE INDEX analytics_events_user_id_idx ON ONLY public.analytics_events USING btree (user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX analytics_events_2026_09_02_user_id_idx ON public.analytics_events_2026_09_02 USING btree (user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX analytics_events_2026_09_03_event_type_idx ON public.analytics_events_2026_09_03 USING btree (event_type);
CREATE INDEX analytics_events_2026_09_03_service_idx ON public.analytics_events_2026_09_03 USING btree (service);
CREATE INDEX analytics_events_2026_09_03_user_id_idx ON public.analytics_events_2026_09_03 USING btree (user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX analytics_events_2026_09_04_event_type_idx ON public.analytics_events_2026_09_04 USING btree (event_type);
CREATE INDEX analytics_events_2026_09_04_service_idx ON public.analytics_events_2026_09_04 USING btree (service);
CREATE INDEX analytics_events_2026_09_04_user_id_idx ON public.analytics_events_2026_09_04 USING btree (user_id) WHERE (user_id IS NOT NULL);
CREATE UNIQUE INDEX analytics_keys_name_idx ON public.analytics_keys USING btree (name) WHERE (revoked_at IS NULL);
CREATE INDEX analytics_rollup_api_requests_v1_hour ON public.analytics_rollup_api_requests_v1 USING btree (date_bin('01:00:00'::interval, quarter, '2000-01-01 00:00:00+00'::timestamp with time zone));
CREATE INDEX analytics_rollup_errors_v1_hour ON public.analytics_rollup_errors_v1 USING btree (date_bin('01:00:00'::interval, quarter, '2000-01-01 00:00:00+00'::timestamp with time zone));
CREATE INDEX analytics_telemetry_snapshots_by_time ON public.analytics_telemetry_snapshots USING btree (ended_at);
CREATE INDEX analytics_telemetry_waiting ON public.analytics_telemetry_outbox USING btree (id) WHERE ((delivered_at IS NULL) AND (given_up_at IS NULL));
CREATE UNIQUE INDEX analytics_usage_open_period ON public.analytics_usage_periods USING btree (((ended_at IS NULL))) WHERE (ended_at IS NULL);
CREATE INDEX analytics_users_first_day_idx ON public.analytics_users USING btree (first_day);
ALTER INDEX public.analytics_events_event_type_idx ATTACH PARTITION public.analytics_events_2026_09_02_event_type_idx;
ALTER INDEX public.analytics_events_pkey ATTACH PARTITION public.analytics_events_2026_09_02_pkey;
ALTER INDEX public.analytics_events_service_idx ATTACH PARTITION public.analytics_events_2026_09_02_service_idx;
ALTER INDEX public.analytics_events_user_id_idx ATTACH PARTITION public.analytics_events_2026_09_02_user_id_idx;
ALTER INDEX public.analytics_events_event_type_idx ATTACH PARTITION public.analytics_events_2026_09_03_event_type_idx;
ALTER INDEX public.analytics_events_pkey ATTACH PARTITION public.analytics_events_2026_09_03_pkey;
ALTER INDEX public.analytics_events_service_idx ATTACH PARTITION public.analytics_events_2026_09_03_service_idx;
ALTER INDEX public.analytics_events_user_id_idx ATTACH PARTITION public.analytics_events_2026_09_03_user_id_idx;
ALTER INDEX public.analytics_events_event_type_idx ATTACH PARTITION public.analytics_events_2026_09_04_event_type_idx;
ALTER INDEX public.analytics_events_pkey ATTACH PARTITION public.analytics_events_2026_09_04_pkey;
ALTER INDEX public.analytics_events_service_idx ATTACH PARTITION public.analytics_events_2026_09_04_service_idx;
ALTER INDEX public.analytics_events_user_id_idx ATTACH PARTITION public.analytics_events_2026_09_04_user_id_idx;
CREATE OR REPLACE VIEW public.boundary_usage_summary AS
 SELECT p.id AS period_id,
    COALESCE(max(s.value) FILTER (WHERE (s.name = 'workspaces'::text)), (0)::bigint) AS unique_workspaces,
    COALESCE(max(s.value) FILTER (WHERE (s.name = 'users'::text)), (0)::bigint) AS unique_users,
    COALESCE(max(s.value) FILTER (WHERE (s.name = 'allowed_requests'::text)), (0)::bigint) AS allowed_requests,
    COALESCE(max(s.value) FILTER (WHERE (s.name = 'denied_requests'::text)), (0)::bigint) AS denied_requests,
    p.started_at AS period_start,
    p.ended_at AS period_end,
    ((EXTRACT(epoch FROM (COALESCE(p.ended_at, GREATEST(now(), p.started_at)) - p.started_at)) * (1000)::numeric))::bigint AS period_duration_ms
   FROM (public.analytics_usage_periods p
     LEFT JOIN public.usage_summary s ON (((s.period_id = p.id) AND (s.kind = 'boundary'::text))))
  GROUP BY p.id;
CREATE TRIGGER analytics_erase_new_dead_letter BEFORE INSERT ON public.analytics_dead_letters FOR EACH ROW EXECUTE FUNCTION public.analytics_erase_new_dead_letter();
CREATE TRIGGER analytics_roll_up AFTER INSERT ON public.analytics_events REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION public.analytics_roll_up();
ALTER TABLE ONLY public.analytics_rollup_pending
    ADD CONSTRAINT analytics_rollup_pending_name_version_fkey FOREIGN KEY (name, version) REFERENCES public.analytics_rollups(name, version) ON DELETE CASCADE;
ALTER TABLE ONLY public.analytics_telemetry_snapshots
    ADD CONSTRAINT analytics_telemetry_snapshots_deployment_id_fkey FOREIGN KEY (deployment_id) REFERENCES public.analytics_telemetry_deployments(deployment_id);
