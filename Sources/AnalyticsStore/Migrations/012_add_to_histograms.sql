-- Histograms that grow by little and often, as a day's do with each batch.

-- Each slot once, in order. Counts are whole numbers below 2^53, which double precision adds exactly,
-- and in half the time of numeric.
CREATE OR REPLACE FUNCTION analytics_histogram_sorted(histogram bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT coalesce(array_agg((slot << 48) + times::bigint ORDER BY slot), '{}')
    FROM (SELECT entry >> 48 AS slot, sum((entry & 281474976710655)::double precision) AS times
          FROM unnest(histogram) AS entry GROUP BY 1) AS slots
$function$;

-- The second behind the first. Each slot is put together once only when another 64 entries have come
-- to a large one, for that takes most of the time.
CREATE FUNCTION analytics_histogram_add(kept bigint[], added bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT CASE WHEN cardinality(kept) + cardinality(added) > 128
                     AND (cardinality(kept) + cardinality(added)) / 64 > cardinality(kept) / 64
                THEN analytics_histogram_sorted(kept || added) ELSE kept || added END
$function$;
