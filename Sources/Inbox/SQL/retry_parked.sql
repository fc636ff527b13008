-- Makes dead letters ready, with their attempts counted anew. $1 inbox, $2 ids or NULL, $3 key or
-- NULL, $4 limit. Returns their ids.
UPDATE {{schema}}.parked_message AS p
SET state = 'retrying', retry_at = now(), attempts = 0
WHERE p.inbox = $1 AND p.id IN (
    SELECT d.id
    FROM {{schema}}.parked_message AS d
    WHERE d.inbox = $1 AND d.state IN ('dead', 'retrying')
        AND ($2 IS NULL OR d.id = ANY ($2)) AND ($3 IS NULL OR d.key = $3)
    ORDER BY d.id
    LIMIT $4)
RETURNING p.id
