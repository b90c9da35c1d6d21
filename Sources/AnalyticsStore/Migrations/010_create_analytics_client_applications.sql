-- Which applications use this library, and their instances: the processes.

-- Kept for ever, a row a name, so that `allTime` is all time. Nothing in it changes: whoever has many
-- replicas has none that waits for another's row.
CREATE TABLE analytics_client_applications (
    name       text        COLLATE "C" PRIMARY KEY,
    first_seen timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Kept for longer than the longest range looks back (`analytics maintain`).
CREATE TABLE analytics_client_instances (
    name        text        COLLATE "C" NOT NULL,
    instance_id text        COLLATE "C" NOT NULL,
    version     text,
    environment text,
    started_at  timestamptz NOT NULL,
    first_seen  timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen   timestamptz NOT NULL,
    PRIMARY KEY (name, instance_id)
) WITH (fillfactor = 80);

-- One statement a flush, in key order. `ages` are the seconds since each was seen: the server's clock
-- is the one that all share.
CREATE FUNCTION analytics_register_clients(
    names text[], instances text[], versions text[], environments text[], started timestamptz[],
    ages double precision[])
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
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
$function$;

REVOKE ALL ON FUNCTION analytics_register_clients(
    text[], text[], text[], text[], timestamptz[], double precision[]) FROM PUBLIC;
