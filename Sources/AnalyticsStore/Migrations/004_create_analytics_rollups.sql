-- What all rollups share. Their tables, the trigger that keeps them, and the views on top are
-- derived from definitions (see RollupInstaller), and remembered here.

CREATE TABLE analytics_rollups (
    name       text        NOT NULL,
    version    integer     NOT NULL CHECK (version > 0),
    -- The definition as JSON with sorted keys: another one under the same version is refused.
    definition text        NOT NULL,
    -- Days before this one keep the figures of the version before: their raw events were gone.
    valid_from timestamptz NOT NULL DEFAULT '-infinity',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (name, version)
);

-- What of a new version is still to be computed from raw events. Ingest leaves these ranges alone,
-- and locks the rows of those it stores into: so each event counts once.
CREATE TABLE analytics_rollup_pending (
    name    text        NOT NULL,
    version integer     NOT NULL,
    lower   timestamptz NOT NULL,
    upper   timestamptz NOT NULL,
    PRIMARY KEY (name, version, lower),
    FOREIGN KEY (name, version) REFERENCES analytics_rollups ON DELETE CASCADE
);

-- Who was ever there: the first and the last UTC day, whatever became of the raw events.
CREATE TABLE analytics_users (
    user_id   uuid        PRIMARY KEY,
    first_day timestamptz NOT NULL,
    last_day  timestamptz NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX ON analytics_users (first_day);

-- Events with an environment, by UTC day: Unleash's table of this name.
CREATE TABLE stat_environment_updates (
    day         date   NOT NULL,
    environment text   NOT NULL,
    updates     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (day, environment)
) WITH (fillfactor = 50);

-- Midnight UTC. All days and quarters of an hour are counted from here, in no session's time zone.
CREATE FUNCTION analytics_day(instant timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$ SELECT date_bin('1 day', instant, '2000-01-01 00:00:00+00') $function$;

-- The quarter of an hour of its UTC day that an instant lies in: one bit of 96, the first leftmost.
CREATE FUNCTION analytics_quarter_bit(instant timestamptz) RETURNS bit(96)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT set_bit(B'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
        floor(date_part('epoch', instant - date_bin('1 day', instant, '2000-01-01 00:00:00+00'))
              / 900)::integer, 1)
$function$;

-- A number that rollups count: from 0 to 9 × 10¹⁵, rounded; NULL for anything else. JSON values of
-- all kinds are ordered, numbers between texts and truth values, so one comparison is also the check
-- of the kind; it costs half of asking jsonb_typeof.
CREATE FUNCTION analytics_number(value jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT CASE WHEN value BETWEEN '0' AND '9000000000000000' THEN value::bigint END
$function$;

-- Histograms. After DDSketch (Masson, Rim, Lee 2019): slot k holds numbers from 1.02^(k-2),
-- exclusive, to 1.02^(k-1), so that every percentile is within 1 %; slot 0 holds zeros. A histogram
-- is an array of slot * 2^48 + how often, in any order; a slot may occur more than once.

-- One number. It names its argument once, or PostgreSQL would not inline it.
CREATE FUNCTION analytics_histogram_entry(number bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT (greatest(0, 1 + ceil(ln(greatest(number::double precision, 0.5))
                                 / 0.01980262729617973))::bigint << 48) + 1
$function$;

-- Each slot once, in order.
CREATE FUNCTION analytics_histogram_sorted(histogram bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT coalesce(array_agg((slot << 48) + times ORDER BY slot), '{}')
    FROM (SELECT entry >> 48 AS slot, sum(entry & 281474976710655)::bigint AS times
          FROM unnest(histogram) AS entry GROUP BY 1) AS slots
$function$;

-- Small ones are left as they are: most of their slots differ anyway.
CREATE FUNCTION analytics_histogram_compact(histogram bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT CASE WHEN cardinality(histogram) > 128 THEN analytics_histogram_sorted(histogram)
                ELSE coalesce(histogram, '{}') END
$function$;

CREATE AGGREGATE analytics_histogram_sum(bigint[]) (
    sfunc = array_cat, stype = bigint[], combinefunc = array_cat, parallel = safe);

-- How many numbers there are.
CREATE FUNCTION analytics_histogram_count(histogram bigint[]) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT coalesce(sum(entry & 281474976710655)::bigint, 0) FROM unnest(histogram) AS entry
$function$;

-- The nearest-rank percentile, within 1 %, exact below 50; NULL of nothing.
CREATE FUNCTION analytics_percentile(histogram bigint[], percentile double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
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
$function$;
