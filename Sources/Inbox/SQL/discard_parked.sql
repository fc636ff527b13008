-- Deletes dead letters, and makes the next one of each of their keys ready if it was held: those
-- behind it follow one by one. $1 inbox, $2 ids or NULL, $3 key or NULL, $4 limit. Returns the ids
-- deleted.
WITH gone AS (
    DELETE FROM {{schema}}.parked_message AS p
    WHERE p.inbox = $1 AND p.id IN (
        SELECT d.id
        FROM {{schema}}.parked_message AS d
        WHERE d.inbox = $1 AND d.state = 'dead'
            AND ($2 IS NULL OR d.id = ANY ($2)) AND ($3 IS NULL OR d.key = $3)
        ORDER BY d.id
        LIMIT $4)
    RETURNING p.id, p.key_hash
), next AS (
    UPDATE {{schema}}.parked_message AS p
    SET state = 'retrying', retry_at = now()
    FROM (
        SELECT follower.id
        FROM (SELECT DISTINCT key_hash FROM gone) AS done
        CROSS JOIN LATERAL (
            SELECT f.id
            FROM {{schema}}.parked_message AS f
            WHERE f.inbox = $1 AND f.key_hash = done.key_hash AND f.holds
                AND f.id NOT IN (SELECT id FROM gone)
            ORDER BY f.id
            LIMIT 1
        ) AS follower
    ) AS ready
    WHERE p.inbox = $1 AND p.id = ready.id AND p.state = 'held'
)
SELECT id FROM gone
