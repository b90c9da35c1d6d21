-- Where database or role turns standard_conforming_strings off, a function's body is read anew in each
-- session, with backslashes that mean something else: every partition seemed to be empty, and nothing
-- was stored.
ALTER FUNCTION analytics_partitions() SET standard_conforming_strings = on;
ALTER FUNCTION analytics_count_suppressed(uuid[], timestamptz[]) SET standard_conforming_strings = on;
