-- Who stores events may ask how many are pending, and wait while they are many.

-- How many events are pending, about: of the newest 10,000 batches, so that it costs no more where nobody has rolled up
-- for long. Those below the highest number that was rolled up are few, and left out.
CREATE FUNCTION analytics_count_pending() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
-- See analytics_pending_batches.
SET enable_seqscan = off
SET jit = off
AS $function$
    SELECT coalesce(sum(coalesce(p.events, 1)), 0)::bigint
    FROM (SELECT p.events FROM analytics_pending AS p
          WHERE p.batch > (SELECT highest FROM analytics_rolled_up) ORDER BY p.batch DESC LIMIT 10000) AS p
$function$;

REVOKE ALL ON FUNCTION analytics_count_pending() FROM PUBLIC;
