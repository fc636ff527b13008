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
    -- What the message follows from: within a handler of an inbox they know it by themselves.
    correlation_id text DEFAULT nullif(current_setting('postbox.correlation_id', true), ''),
    causation_id   text DEFAULT nullif(current_setting('postbox.causation_id', true), ''),
    traceparent    text DEFAULT nullif(current_setting('postbox.traceparent', true), ''),
    PRIMARY KEY (id)
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000000
);
CREATE INDEX IF NOT EXISTS {{due_index}} ON {{table}} (available_at)
    WHERE available_at IS NOT NULL;

-- A table of an earlier version gets the chain's columns; they are NULL in the rows that wait.
-- Lock: a short exclusive one, the first time only.
DO $$
BEGIN
    PERFORM o.correlation_id, o.causation_id, o.traceparent FROM {{table}} AS o LIMIT 0;
EXCEPTION WHEN undefined_column THEN
    ALTER TABLE {{table}}
        ADD COLUMN IF NOT EXISTS correlation_id text,
        ADD COLUMN IF NOT EXISTS causation_id text,
        ADD COLUMN IF NOT EXISTS traceparent text;
    ALTER TABLE {{table}}
        ALTER COLUMN correlation_id
            SET DEFAULT nullif(current_setting('postbox.correlation_id', true), ''),
        ALTER COLUMN causation_id
            SET DEFAULT nullif(current_setting('postbox.causation_id', true), ''),
        ALTER COLUMN traceparent
            SET DEFAULT nullif(current_setting('postbox.traceparent', true), '');
END
$$;
