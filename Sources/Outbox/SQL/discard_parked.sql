-- Deletes dead letters, and makes the next ones of their keys ready. $1 outbox, $2 ids or NULL,
-- $3 key or NULL, $4 limit. Returns the ids deleted.
WITH gone AS (
    DELETE FROM {{schema}}.parked AS p
    WHERE p.outbox = $1 AND p.id IN (
        SELECT d.id
        FROM {{schema}}.parked AS d
        WHERE d.outbox = $1 AND d.state = 'dead'
            AND ($2 IS NULL OR d.id = ANY ($2)) AND ($3 IS NULL
                OR hashtextextended(d.key, 0) = hashtextextended($3, 0) AND d.key = $3)
        ORDER BY d.id
        LIMIT $4)
    RETURNING p.id, p.key
), next AS (
    UPDATE {{schema}}.parked AS p
    SET state = 'retrying', retry_at = now()
    FROM (
        SELECT follower.id
        FROM (SELECT DISTINCT key FROM gone) AS done
        CROSS JOIN LATERAL (
            SELECT f.id
            FROM {{schema}}.parked AS f
            WHERE f.outbox = $1
                AND hashtextextended(f.key, 0) = hashtextextended(done.key, 0) AND f.key = done.key
                AND f.id NOT IN (SELECT id FROM gone)
            ORDER BY f.id
            LIMIT 100
        ) AS follower
    ) AS ready
    WHERE p.outbox = $1 AND p.id = ready.id AND p.state = 'held'
)
SELECT id FROM gone
