-- For inboxes with `apply: { store: true }`: messages that wait for a service's own workers, who
-- need SELECT, UPDATE and DELETE on the table.
CREATE TABLE IF NOT EXISTS {{schema}}.todo (
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    inbox      text        NOT NULL,
    topic      text        NOT NULL,
    partition  integer     NOT NULL,
    "offset"   bigint      NOT NULL,
    message_id text,
    type       text,
    key        text,
    -- NULL: without a key, and so without an order.
    key_hash   bigint,
    payload    bytea,
    headers    jsonb,
    created_at timestamptz,
    attempt    integer     NOT NULL,
    stored_at  timestamptz NOT NULL DEFAULT now(),
    -- NULL: at once.
    ready_at   timestamptz,
    CONSTRAINT todo_has_an_id PRIMARY KEY (id)
) WITH (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000000
);
CREATE INDEX IF NOT EXISTS todo_by_age ON {{schema}}.todo (inbox, id);
CREATE INDEX IF NOT EXISTS todo_by_key ON {{schema}}.todo (inbox, key_hash, id);

-- A message as a worker gets it.
DO $$
BEGIN
    IF to_regtype(format('%I.todo_message', {{schema_literal}})) IS NULL THEN
        CREATE TYPE {{schema}}.todo_message AS (
            id         bigint,
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
            attempt    integer,
            stored_at  timestamptz
        );
    END IF;
END
$$;

-- A worker's message is a message: body(t), correlation(t) and enter(t) take it too.
CREATE OR REPLACE FUNCTION {{schema}}.message(t {{schema}}.todo_message)
    RETURNS {{schema}}.message
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ROW((t).inbox, (t).topic, (t).partition, (t)."offset", (t).message_id, (t).type, (t).key,
        (t).payload, (t).headers, (t).created_at, (t).attempt)::{{schema}}.message;
DO $$
BEGIN
    CREATE CAST ({{schema}}.todo_message AS {{schema}}.message)
        WITH FUNCTION {{schema}}.message({{schema}}.todo_message) AS IMPLICIT;
EXCEPTION WHEN duplicate_object THEN NULL;
END
$$;

-- Gives messages to a worker, oldest first, up to `n`. They stay with it until its transaction
-- ends: by then it has called done or put_off for them, or others get them again. A worker may get
-- several messages of a key, in order; meanwhile nobody else gets any of that key. Waits for no
-- worker.
--
-- Order: whoever owns a key has locked its head, the message of it with the lowest id.
--   * Messages of a key in a partition are stored one transaction after the other, with rising ids.
--     So the lowest id of a key that a snapshot shows was its head then, and nothing ever comes
--     before it.
--   * A head that another worker has locked, or deleted without having committed, is passed over,
--     and all of its key with it. Where that worker has committed since the snapshot, the head is
--     no row any more: READ COMMITTED passes it over, REPEATABLE READ fails to serialize.
--   * So a head that could be locked is still the head, and its key belongs to nobody else.
-- The last query looks again at what follows the heads: who owned the key before may have finished
-- followers and left the head.
--
-- First it looks through the oldest messages. Where these are not enough, because others own them,
-- it takes messages without a key, and then goes through the keys in the order of their hashes, from
-- a random one on: a step costs the same however many messages wait behind an owned head.
CREATE OR REPLACE FUNCTION {{schema}}.take(inbox text, n integer DEFAULT 100)
    RETURNS SETOF {{schema}}.todo_message
    LANGUAGE plpgsql STRICT
    -- No plan depends on statistics: there is an index for each order.
    SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan SET jit = off
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
DECLARE
    lowest    CONSTANT bigint := -9223372036854775808;
    highest   CONSTANT bigint := 9223372036854775807;
    span      CONSTANT integer := 10 * least(greatest(take.n, 100), 10000);
    start     bigint := (random() * 18446744073709551616 - 9223372036854775808)::bigint;
    wrapped   boolean := false;
    own       bigint[] := '{}';
    seen      bigint;
    last      bigint;
    candidate record;
BEGIN
    FOR round IN 0..16 LOOP
        seen := 0;
        last := lowest;
        FOR candidate IN
            SELECT v.key_hash, min(v.id) AS head, array_agg(v.id) AS ids,
                min(v.id) FILTER (WHERE v.ready_at > clock_timestamp()) AS stop
            FROM (
                (SELECT t.id, t.key_hash, t.ready_at,
                    CASE WHEN t.key_hash IS NULL THEN t.id END AS single
                FROM {{schema}}.todo AS t
                WHERE round = 0 AND t.inbox BETWEEN take.inbox AND take.inbox
                ORDER BY t.inbox, t.id
                LIMIT span)
                UNION ALL
                (SELECT t.id, t.key_hash, t.ready_at, NULL
                FROM {{schema}}.todo AS t
                WHERE round > 0 AND t.inbox = take.inbox AND t.key_hash >= start
                ORDER BY t.key_hash, t.id
                LIMIT span)
            ) AS v
            GROUP BY v.key_hash, v.single
            ORDER BY head
        LOOP
            EXIT WHEN cardinality(own) >= take.n;
            seen := seen + cardinality(candidate.ids);
            last := greatest(last, candidate.key_hash);
            CONTINUE WHEN candidate.head = candidate.stop;
            CONTINUE WHEN round > 0 AND candidate.head = ANY (own);
            PERFORM FROM {{schema}}.todo AS t
            WHERE t.id = candidate.head AND (t.ready_at IS NULL OR t.ready_at <= clock_timestamp())
            FOR UPDATE SKIP LOCKED;
            CONTINUE WHEN NOT FOUND;
            IF cardinality(candidate.ids) = 1 THEN
                own := own || candidate.head;
            ELSE
                own := own || ARRAY(
                    SELECT id
                    FROM unnest(candidate.ids) AS id
                    WHERE id < coalesce(candidate.stop, highest)
                    ORDER BY id
                    LIMIT take.n - cardinality(own));
            END IF;
        END LOOP;
        EXIT WHEN cardinality(own) >= take.n OR round = 0 AND seen < span;
        IF round = 0 THEN
            own := own || ARRAY(
                SELECT t.id
                FROM {{schema}}.todo AS t
                WHERE t.inbox = take.inbox AND t.key_hash IS NULL AND t.id <> ALL (own)
                    AND (t.ready_at IS NULL OR t.ready_at <= clock_timestamp())
                ORDER BY t.key_hash, t.id
                LIMIT take.n - cardinality(own)
                FOR UPDATE SKIP LOCKED);
        ELSIF seen < span OR last = highest THEN
            EXIT WHEN wrapped;
            wrapped := true;
            start := lowest;
        ELSE
            start := last + 1;
        END IF;
    END LOOP;
    RETURN QUERY
    SELECT t.id, t.inbox, t.topic, t.partition, t."offset", t.message_id, t.type, t.key, t.payload,
        t.headers, t.created_at, t.attempt, t.stored_at
    FROM {{schema}}.todo AS t
    WHERE t.id = ANY (own)
    ORDER BY t.id
    FOR UPDATE;
END
$$;

-- Removes messages that were dealt with. Returns how many there were.
CREATE OR REPLACE FUNCTION {{schema}}.done(ids bigint[]) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan SET jit = off
    SET enable_seqscan = off
AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM {{schema}}.todo AS t WHERE t.id = ANY (done.ids);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

-- Leaves messages for later, and with them what follows of their keys: nobody gets them before the
-- wait is over. Counts an attempt. Returns how many there were.
CREATE OR REPLACE FUNCTION {{schema}}.put_off(ids bigint[], wait interval) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan SET jit = off
    SET enable_seqscan = off
AS $$
DECLARE
    later bigint;
BEGIN
    UPDATE {{schema}}.todo AS t
    SET ready_at = clock_timestamp() + wait, attempt = t.attempt + 1
    WHERE t.id = ANY (put_off.ids);
    GET DIAGNOSTICS later = ROW_COUNT;
    RETURN later;
END
$$;

-- From here on, until the transaction ends or the next message is entered, rows of an outbox follow
-- from this message.
CREATE OR REPLACE FUNCTION {{schema}}.enter(id bigint) RETURNS void
    LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT {{schema}}.enter(ROW(t.inbox, t.topic, t.partition, t."offset", t.message_id, t.type,
        t.key, NULL, t.headers, t.created_at, t.attempt)::{{schema}}.message)
    FROM {{schema}}.todo AS t
    WHERE t.id = enter.id;
END;
