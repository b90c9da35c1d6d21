-- Rollups have bounds: their dimensions keep so many values, and their sums end at the largest bigint.
--
-- How dimensions are bounded is derived from each definition (see DimensionBounds): the program that migrates does it
-- when all migrations are applied, and a program from before this one leaves it alone.

-- A sum as it is kept, 0 of nothing. A thousand of the largest numbers that events may have are more than a bigint holds, and a
-- rollup refuses no event.
CREATE FUNCTION analytics_capped(sum numeric) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(coalesce(sum, 0), 9223372036854775807)::bigint;
