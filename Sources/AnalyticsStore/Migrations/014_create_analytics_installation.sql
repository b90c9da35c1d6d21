-- Which installation this is, for those who may store and see nothing: a spool tells by it where its
-- events belong, whoever delivers them.

CREATE FUNCTION analytics_installation() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS $function$
    SELECT id FROM analytics_instance
$function$;

REVOKE ALL ON FUNCTION analytics_installation() FROM PUBLIC;
