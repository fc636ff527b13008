-- An outbox table. Ids are drawn one by one, so that their order is the order of the locks.
CREATE TABLE IF NOT EXISTS {{table}} (
    id           bigint      GENERATED ALWAYS AS IDENTITY,
    message_id   uuid        NOT NULL DEFAULT gen_random_uuid(),
    topic        text        NOT NULL,
    key          text,
    type         text,
    payload      bytea,
    headers      jsonb,
    available_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id)
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000000
);
CREATE INDEX IF NOT EXISTS {{due_index}} ON {{table}} (available_at)
    WHERE available_at IS NOT NULL;
