-- What every inbox of a database shares. Lock: none on your tables.
CREATE SCHEMA IF NOT EXISTS {{schema}};

-- A message as a handler gets it. Its payload as JSON: body(message).
DO $$
BEGIN
    IF to_regtype(format('%I.message', {{schema_literal}})) IS NULL THEN
        CREATE TYPE {{schema}}.message AS (
            inbox      text,
            topic      text,
            partition  integer,
            "offset"   bigint,
            message_id text,
            type       text,
            key        text,
            payload    bytea,
            headers    jsonb,
            created_at timestamptz,
            attempt    integer
        );
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION {{schema}}.body(m {{schema}}.message) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN pg_catalog.convert_from((m).payload, 'UTF8')::jsonb;

-- How far each lane has applied each partition. The generation rises with each assignment and
-- fences the reader before.
CREATE TABLE IF NOT EXISTS {{schema}}.position (
    inbox       text        NOT NULL,
    topic       text        NOT NULL,
    partition   integer     NOT NULL,
    lanes       integer     NOT NULL,
    lane        integer     NOT NULL,
    generation  bigint      NOT NULL,
    next_offset bigint      NOT NULL,
    event_time  timestamptz,
    moved_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT lane_has_one_position PRIMARY KEY (inbox, topic, partition, lanes, lane)
) WITH (fillfactor = 50);

-- The ids of messages seen, by the messages' own days.
CREATE TABLE IF NOT EXISTS {{schema}}.inbox (
    inbox      text NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    day        date NOT NULL,
    CONSTRAINT message_is_seen_once PRIMARY KEY (inbox, message_id, day)
) PARTITION BY RANGE (day);

-- Each inbox's window: a day is forgotten when no inbox needs it any more.
CREATE TABLE IF NOT EXISTS {{schema}}.inbox_window (
    inbox text    PRIMARY KEY,
    days  integer NOT NULL
);

-- What a lane is about to apply: what stands here unfinished after a crash is under suspicion.
CREATE UNLOGGED TABLE IF NOT EXISTS {{schema}}.attempt (
    inbox        text    NOT NULL,
    topic        text    NOT NULL,
    partition    integer NOT NULL,
    lanes        integer NOT NULL,
    lane         integer NOT NULL,
    position     bigint  NOT NULL,
    is_alone     boolean NOT NULL,
    tries        integer NOT NULL,
    CONSTRAINT lane_makes_one_attempt PRIMARY KEY (inbox, topic, partition, lanes, lane)
) WITH (fillfactor = 50);

-- Messages taken out of an inbox: dead letters, those held behind them, those tried again.
CREATE TABLE IF NOT EXISTS {{schema}}.parked_message (
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    inbox      text        NOT NULL,
    topic      text        NOT NULL,
    partition  integer     NOT NULL,
    "offset"   bigint      NOT NULL,
    message_id text,
    type       text,
    key        text,
    key_hash   bigint      NOT NULL,
    payload    bytea,
    headers    jsonb,
    created_at timestamptz,
    state      text        NOT NULL,
    holds      boolean     NOT NULL DEFAULT true,
    reason     text,
    attempts   integer     NOT NULL DEFAULT 0,
    retry_at   timestamptz,
    parked_at  timestamptz NOT NULL DEFAULT now(),
    copied_at  timestamptz,
    CONSTRAINT parked_message_has_an_id PRIMARY KEY (id),
    CONSTRAINT record_is_parked_once UNIQUE (inbox, topic, partition, "offset"),
    CONSTRAINT state_is_known CHECK (state IN ('dead', 'held', 'retrying')),
    CONSTRAINT retrying_has_a_time CHECK ((state = 'retrying') = (retry_at IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS parked_message_by_key ON {{schema}}.parked_message (inbox, key_hash, id);
CREATE INDEX IF NOT EXISTS parked_message_by_time ON {{schema}}.parked_message (inbox, retry_at)
    WHERE state = 'retrying';

CREATE OR REPLACE VIEW {{schema}}.inbox_dead_letter AS
    SELECT id, inbox, topic, partition, "offset", message_id, type, key, payload, headers,
        created_at, reason, attempts, parked_at
    FROM {{schema}}.parked_message
    WHERE state = 'dead';

-- Ends a transaction whose position belongs to somebody else by now.
CREATE OR REPLACE FUNCTION {{schema}}.require_position(holds boolean) RETURNS boolean
    LANGUAGE plpgsql AS $$
BEGIN
    IF holds THEN RETURN true; END IF;
    RAISE EXCEPTION 'the position belongs to another reader' USING ERRCODE = 'PBX01';
END
$$;

-- Notes the ids of messages and gives back those that were never seen before, in order. Those
-- without an id, or older than `since`, are given back unnoted. With `any_day` an id counts as seen
-- on whatever day: their times are Kafka's, and a repetition has another.
CREATE OR REPLACE FUNCTION {{schema}}.fresh(
    messages {{schema}}.message[], since timestamptz, any_day boolean
) RETURNS {{schema}}.message[]
    LANGUAGE plpgsql
    -- A plan that does not depend on statistics. It ends with this function: the handler's own plans
    -- are the planner's.
    SET enable_nestloop = off
    AS $$
DECLARE
    noted  text[];
    result {{schema}}.message[];
BEGIN
    WITH incoming AS MATERIALIZED (
        SELECT m.inbox, m.message_id, (m.created_at AT TIME ZONE 'UTC')::date AS day
        FROM unnest(messages) AS m
        WHERE m.message_id IS NOT NULL AND m.created_at >= since
    ), seen AS (
        INSERT INTO {{schema}}.inbox (inbox, message_id, day)
        SELECT inbox, message_id, day
        FROM incoming
        WHERE NOT any_day OR (
            SELECT count(*)
            FROM (
                SELECT 1
                FROM {{schema}}.inbox AS i
                WHERE i.inbox = incoming.inbox AND i.message_id = incoming.message_id
                LIMIT 1
            ) AS earlier
        ) = 0
        -- Order: two readers that note the same ids wait for each other, never in a circle.
        ORDER BY message_id
        ON CONFLICT DO NOTHING
        RETURNING message_id
    )
    SELECT array_agg(message_id) INTO noted FROM seen;
    IF cardinality(noted) = cardinality(messages) THEN
        RETURN messages;
    END IF;
    SELECT array_agg(kept.m ORDER BY kept.place) INTO result
    FROM (
        SELECT m, place
        FROM (
            SELECT unnest(messages) AS m, generate_series(1, cardinality(messages)) AS place
        ) AS given
        WHERE (m).message_id IS NULL OR (m).created_at IS NULL OR (m).created_at < since
            OR (m).message_id IN (SELECT unnest(noted))
    ) AS kept;
    RETURN coalesce(result, '{}');
END
$$;

-- Which of so many lanes a key belongs to; the readers reckon the same.
CREATE OR REPLACE FUNCTION {{schema}}.lane_of(key_hash bigint, lanes integer) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (((key_hash::numeric + 18446744073709551616) % 18446744073709551616) % lanes)::integer;
