-- Forgets parked messages that were published, and makes the next ones of their keys ready.
-- $1 outbox, $2 lane, $3 epoch, $4 ids, $5 their keys. Returns 1 if the lane is still ours, else 0
-- and nothing is changed. A second run finds nothing to delete.
WITH owned AS MATERIALIZED (
    SELECT 1 FROM {{schema}}.lane WHERE outbox = $1 AND lane = $2 AND epoch = $3 FOR SHARE
), gone AS (
    DELETE FROM {{schema}}.parked AS p
    WHERE p.outbox = $1 AND p.id = ANY ($4) AND EXISTS (SELECT 1 FROM owned)
), next AS (
    UPDATE {{schema}}.parked AS p
    SET state = 'retrying', retry_at = now()
    FROM (
        SELECT follower.id
        FROM unnest($5) AS done (key)
        CROSS JOIN LATERAL (
            SELECT f.id
            FROM {{schema}}.parked AS f
            WHERE f.outbox = $1
                AND hashtextextended(f.key, 0) = hashtextextended(done.key, 0) AND f.key = done.key
                AND f.id <> ALL ($4)
            ORDER BY f.id
            LIMIT 100
        ) AS follower
    ) AS ready
    WHERE p.outbox = $1 AND p.id = ready.id AND p.state = 'held'
        AND EXISTS (SELECT 1 FROM owned)
)
SELECT count(*) FROM owned
