-- Makes messages ready that are held while nobody of their key is before them any more: whoever they
-- waited for has gone while they were on their way. $1 outbox, $2 lane, $3 epoch, $4 the hash of a key
-- to begin behind, $5 how many keys. Returns 1 if the lane is still ours, else 0 and nothing is
-- changed; and the hash to go on behind, or NULL after the last one. A second run finds nothing.
WITH RECURSIVE owned AS MATERIALIZED (
    SELECT 1 FROM {{schema}}.lane WHERE outbox = $1 AND lane = $2 AND epoch = $3 FOR SHARE
), step AS (
    -- One for each key, however many wait behind it.
    SELECT NULL::int8 AS id, NULL::text AS state, $4 AS hash
    UNION ALL
    SELECT next.*
    FROM step
    CROSS JOIN LATERAL (
        SELECT f.id, f.state, hashtextextended(f.key, 0) AS hash
        FROM {{schema}}.parked AS f
        WHERE f.outbox = $1 AND hashtextextended(f.key, 0) > step.hash
        ORDER BY hashtextextended(f.key, 0), f.id
        LIMIT 1
    ) AS next
), first AS MATERIALIZED (
    SELECT * FROM step LIMIT $5
), ready AS (
    UPDATE {{schema}}.parked AS p
    SET state = 'retrying', retry_at = now()
    FROM first
    WHERE first.state = 'held' AND p.outbox = $1 AND p.id = first.id AND p.state = 'held'
        {{parked_lane}} AND EXISTS (SELECT 1 FROM owned)
)
SELECT (SELECT count(*) FROM owned), CASE WHEN count(*) >= $5 THEN max(first.hash) END FROM first
