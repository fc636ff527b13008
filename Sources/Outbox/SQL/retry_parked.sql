-- Makes dead letters ready, with their attempts counted anew. $1 outbox, $2 ids or NULL, $3 key or
-- NULL, $4 limit. Returns their ids.
UPDATE {{schema}}.parked AS p
SET state = 'retrying', retry_at = now(), attempts = 0
WHERE p.outbox = $1 AND p.id IN (
    SELECT d.id
    FROM {{schema}}.parked AS d
    WHERE d.outbox = $1 AND d.state IN ('dead', 'retrying')
        AND ($2 IS NULL OR d.id = ANY ($2)) AND ($3 IS NULL
            OR hashtextextended(d.key, 0) = hashtextextended($3, 0) AND d.key = $3)
    ORDER BY d.id
    LIMIT $4)
RETURNING p.id
