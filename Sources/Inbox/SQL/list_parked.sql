-- Parked messages, without payloads. $1 inbox, $2 ids or NULL, $3 key or NULL, $4 states, $5 limit.
SELECT p.id, p.message_id, p.topic, p.partition, p."offset", p.key, p.type, p.state, p.reason,
    p.attempts, octet_length(p.payload), p.created_at, p.parked_at, p.retry_at,
    CASE WHEN p.state <> 'held' THEN (
        SELECT count(*)
        FROM {{schema}}.parked_message AS f
        WHERE f.inbox = p.inbox AND f.key_hash = p.key_hash AND f.id > p.id
            AND f.state = 'held') END
FROM {{schema}}.parked_message AS p
WHERE p.inbox = $1 AND ($2 IS NULL OR p.id = ANY ($2)) AND ($3 IS NULL OR p.key = $3)
    AND p.state = ANY ($4)
ORDER BY p.id
LIMIT $5
