-- Which installation this is, and what its statistics are signed with: one row, from the server's own
-- strong random numbers; four UUIDs have 488 random bits.

CREATE TABLE analytics_instance (
    is_only     boolean     PRIMARY KEY DEFAULT true CHECK (is_only),
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    signing_key bytea       NOT NULL CHECK (octet_length(signing_key) = 32),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

INSERT INTO analytics_instance (signing_key)
VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
               || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

COMMENT ON TABLE analytics_instance IS
    'Id of this installation, and the key of the HMAC under its usage statistics.';
