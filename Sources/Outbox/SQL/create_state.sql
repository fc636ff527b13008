-- Postbox's own tables. Lock: none on yours.
CREATE SCHEMA IF NOT EXISTS {{schema}};

-- Who works on which lane. The epoch rises with each owner and fences the one before.
CREATE TABLE IF NOT EXISTS {{schema}}.lane (
    outbox     text        NOT NULL,
    lane       integer     NOT NULL,
    lanes      integer     NOT NULL,
    owner      text,
    owner_pid  integer,
    epoch      bigint      NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT lane_has_one_owner PRIMARY KEY (outbox, lane)
) WITH (fillfactor = 50);

-- Messages taken out of an outbox: dead letters, those held behind them, those tried again.
CREATE TABLE IF NOT EXISTS {{schema}}.parked (
    outbox     text        NOT NULL,
    id         bigint      NOT NULL,
    message_id text,
    topic      text,
    key        text,
    type       text,
    payload    bytea,
    headers    jsonb,
    created_at timestamptz,
    state      text        NOT NULL,
    reason     text,
    attempts   integer     NOT NULL DEFAULT 0,
    retry_at   timestamptz,
    parked_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT message_is_parked_once PRIMARY KEY (outbox, id),
    CONSTRAINT state_is_known CHECK (state IN ('dead', 'held', 'retrying')),
    CONSTRAINT retrying_has_a_time CHECK ((state = 'retrying') = (retry_at IS NOT NULL))
);
-- By a hash: a key may be longer than an entry of an index. Statements compare the keys, too.
CREATE INDEX IF NOT EXISTS parked_by_key_hash
    ON {{schema}}.parked (outbox, pg_catalog.hashtextextended(key, 0), id);
CREATE INDEX IF NOT EXISTS parked_by_state
    ON {{schema}}.parked (outbox, state, id, retry_at);
CREATE INDEX IF NOT EXISTS parked_by_time ON {{schema}}.parked (outbox, retry_at)
    WHERE state = 'retrying';
-- Of an earlier version.
DROP INDEX IF EXISTS {{schema}}.parked_by_key;

-- Headers of a column of type json, of which not all can be jsonb: those that cannot be become a
-- string, which Postbox refuses as the headers of a message.
CREATE OR REPLACE FUNCTION {{schema}}.headers(value json) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN value::jsonb;
EXCEPTION WHEN data_exception THEN
    RETURN to_jsonb(value::text);
END
$$;

CREATE OR REPLACE VIEW {{schema}}.dead_letter AS
    SELECT outbox, id, message_id, topic, key, type, payload, headers, created_at, reason,
        attempts, parked_at
    FROM {{schema}}.parked
    WHERE state = 'dead';
