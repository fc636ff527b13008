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
-- fences the reader before. By `record_time`, Kafka's time of the record before `next_offset` in
-- milliseconds since 1970, the next reader recognises whether the topic is still the same one.
CREATE TABLE IF NOT EXISTS {{schema}}.position (
    inbox       text        NOT NULL,
    topic       text        NOT NULL,
    partition   integer     NOT NULL,
    lanes       integer     NOT NULL,
    lane        integer     NOT NULL,
    generation  bigint      NOT NULL,
    next_offset bigint      NOT NULL,
    record_time bigint,
    event_time  timestamptz,
    moved_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT lane_has_one_position PRIMARY KEY (inbox, topic, partition, lanes, lane)
) WITH (fillfactor = 50);
-- For tables of an earlier version.
ALTER TABLE {{schema}}.position ADD COLUMN IF NOT EXISTS record_time bigint;

-- The ids of messages seen, by the messages' own days.
CREATE TABLE IF NOT EXISTS {{schema}}.inbox (
    inbox      text NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    day        date NOT NULL,
    CONSTRAINT message_is_seen_once PRIMARY KEY (message_id, inbox, day)
) PARTITION BY RANGE (day);

-- Each inbox's window: a day is forgotten when no inbox needs it any more. Ids from before
-- `known_since` were forgotten or not noted; NULL: since ever, and infinity: none are noted.
CREATE TABLE IF NOT EXISTS {{schema}}.inbox_window (
    inbox       text    PRIMARY KEY,
    days        integer NOT NULL,
    known_since timestamptz
);
-- For tables of an earlier version.
ALTER TABLE {{schema}}.inbox_window ADD COLUMN IF NOT EXISTS known_since timestamptz;

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
    CONSTRAINT state_is_known CHECK (state IN ('dead', 'held', 'retrying')),
    CONSTRAINT retrying_has_a_time CHECK ((state = 'retrying') = (retry_at IS NOT NULL))
);
-- By its time too: a topic that was made anew has other records at the same places.
CREATE UNIQUE INDEX IF NOT EXISTS record_is_parked_once_at_its_time ON {{schema}}.parked_message
    (inbox, topic, partition, "offset", coalesce(created_at, '-infinity'));
-- For tables of an earlier version.
ALTER TABLE {{schema}}.parked_message DROP CONSTRAINT IF EXISTS record_is_parked_once;
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

-- Notes the ids of messages, and says which of them were never seen before: their places, from 1, or
-- NULL for all. What has no id, or a time before `since` or after `until`, is not noted and counts as
-- new: there may be no day for it. With `any_day` an id counts as seen on whatever day: its time is Kafka's, and a repetition has another.
CREATE OR REPLACE FUNCTION {{schema}}.note_ids(
    inbox text, ids text[], times timestamptz[], since timestamptz, until timestamptz,
    any_day boolean
) RETURNS bigint[]
    LANGUAGE plpgsql
    -- A plan that does not depend on statistics.
    SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan SET enable_nestloop = off
    AS $$
#variable_conflict use_variable
DECLARE
    noted text[];
BEGIN
    WITH seen AS (
        INSERT INTO {{schema}}.inbox AS i (inbox, message_id, day)
        SELECT inbox, m.id, (m.at AT TIME ZONE 'UTC')::date
        FROM unnest(ids, times) AS m (id, at)
        WHERE m.id IS NOT NULL AND m.at BETWEEN since AND until AND (NOT any_day OR (
            SELECT count(*)
            FROM (
                SELECT 1
                FROM {{schema}}.inbox AS e
                WHERE e.inbox = note_ids.inbox AND e.message_id = m.id
                LIMIT 1
            ) AS earlier
        ) = 0)
        ON CONFLICT DO NOTHING
        RETURNING i.message_id
    )
    SELECT array_agg(seen.message_id) INTO noted FROM seen;
    IF cardinality(noted) = cardinality(ids) THEN RETURN NULL; END IF;
    RETURN ARRAY(
        SELECT m.place
        FROM unnest(ids, times) WITH ORDINALITY AS m (id, at, place)
        WHERE m.id IS NULL OR (m.at BETWEEN since AND until) IS NOT TRUE
            OR m.id IN (SELECT unnest(noted)));
END
$$;

-- Which of so many lanes a key belongs to; the readers reckon the same.
CREATE OR REPLACE FUNCTION {{schema}}.lane_of(key_hash bigint, lanes integer) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (((key_hash::numeric + 18446744073709551616) % 18446744073709551616) % lanes)::integer;
