-- Parked messages, without payloads. $1 outbox, $2 ids or NULL, $3 key or NULL, $4 states, $5 limit.
SELECT p.id, p.message_id, p.topic, p.key, p.type, p.state, p.reason, p.attempts,
    octet_length(p.payload), p.created_at, p.parked_at, p.retry_at,
    CASE WHEN p.state <> 'held' AND p.key IS NOT NULL THEN (
        SELECT count(*)
        FROM {{schema}}.parked AS f
        WHERE f.outbox = p.outbox
            AND hashtextextended(f.key, 0) = hashtextextended(p.key, 0) AND f.key = p.key
            AND f.id > p.id) END
FROM {{schema}}.parked AS p
WHERE p.outbox = $1 AND ($2 IS NULL OR p.id = ANY ($2)) AND ($3 IS NULL
        OR hashtextextended(p.key, 0) = hashtextextended($3, 0) AND p.key = $3)
    AND p.state = ANY ($4)
ORDER BY p.id
LIMIT $5
