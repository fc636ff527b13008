-- Where messages of a table without an order are numbered: a row comes here in the statement that
-- takes it out of that table, and stays until it is published.
CREATE TABLE IF NOT EXISTS {{intake}} (
    id           bigint      GENERATED ALWAYS AS IDENTITY,
    message_id   text        NOT NULL,
    topic        text,
    key          text,
    type         text,
    payload      bytea,
    headers      jsonb,
    available_at timestamptz,
    created_at   timestamptz,
    PRIMARY KEY (id)
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000000
);
CREATE INDEX IF NOT EXISTS {{due_index}} ON {{intake}} (available_at)
    WHERE available_at IS NOT NULL;
