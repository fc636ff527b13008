-- Dead letters that no copy was made of, locked until the transaction ends. $1 inbox, $2 the topic
-- for the copies, $3 how many, $4 the id to go on after.
SELECT p.id, $2 AS topic, p.key, p.payload, p.headers, p.reason
FROM {{schema}}.parked_message AS p
WHERE p.inbox = $1 AND p.state = 'dead' AND p.copied_at IS NULL AND p.id > $4
ORDER BY p.id
LIMIT $3
FOR UPDATE SKIP LOCKED
