-- What the server asks besides reports.

-- name: search_path
SELECT set_config('search_path', quote_ident($1), true)

-- name: newest_migration
SELECT max(version) FROM analytics_migrations

-- name: key
SELECT id, name, role, hash, is_used_today FROM analytics_key($1, $2)

-- name: key_used
SELECT FROM analytics_key_used($1)

-- name: has_keys
SELECT analytics_has_keys()

-- name: instance
SELECT id, signing_key FROM analytics_instance

-- name: receive
SELECT analytics_telemetry_receive($1::text::uuid, $2, $3, $4, $5, $6)
