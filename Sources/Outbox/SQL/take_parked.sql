-- Reads parked messages whose time has come and before whom nobody of their key has to wait.
-- $1 outbox, $2 how many, $3 the largest payload to lend, $4 whether followers wait. Locks nothing.
SELECT p.id, p.topic, p.key,
    CASE WHEN octet_length(p.payload) <= $3 THEN p.payload END AS payload,
    octet_length(p.payload)::int8 AS size, p.headers, p.message_id, p.type, p.created_at,
    false AS delayed, p.attempts
FROM {{schema}}.parked AS p
WHERE p.outbox = $1 AND p.state = 'retrying' AND p.retry_at <= now() {{parked_lane}}
    AND NOT ($4 AND EXISTS (
        SELECT 1
        FROM {{schema}}.parked AS e
        WHERE e.outbox = $1 AND e.key = p.key AND e.id < p.id
            AND (e.state <> 'retrying' OR e.retry_at > now())))
ORDER BY p.id
LIMIT $2
