-- Moves rows of a table without an order into one that numbers them, in the order of their places.
-- $1 outbox, $2 lane, $3 epoch, $4 how many at most, $5 the place to go on after. No more than about
-- 16 MiB of payloads at once, but one row at least. Returns 1 if the lane is still ours, else 0 and
-- nothing is moved; whether there may be more behind them; the last one's place. A row that somebody
-- else moves or changes meanwhile is left to the next time.
WITH owned AS MATERIALIZED (
    SELECT 1 FROM {{schema}}.lane WHERE outbox = $1 AND lane = $2 AND epoch = $3 FOR SHARE
), measured AS MATERIALIZED (
    SELECT o.ctid AS place, coalesce(pg_column_size(o.{{source_payload}}), 0) AS size
    FROM {{source}} AS o
    WHERE o.ctid > $5::tid AND EXISTS (SELECT 1 FROM owned)
    LIMIT $4
), chosen AS MATERIALIZED (
    SELECT place
    FROM (SELECT place, size, sum(size) OVER (ROWS UNBOUNDED PRECEDING) AS total FROM measured) AS m
    WHERE total - size < 16 << 20
), gone AS (
    DELETE FROM {{source}} AS o USING chosen
    WHERE o.ctid = chosen.place
    RETURNING {{moved}}
), moved AS (
    INSERT INTO {{table}} (
        message_id, topic, key, type, payload, headers, created_at, available_at)
    SELECT coalesce(message_id, gen_random_uuid()::text), topic, key, type, payload, headers,
        created_at, available_at
    FROM gone
)
SELECT (SELECT count(*) FROM owned),
    (SELECT count(*) FROM measured) > least(count(*), $4 - 1), coalesce(max(chosen.place), '(0,0)')::text
FROM chosen
