-- Parked messages whose time has come, and before whom nobody of their key has to wait.
-- $1 inbox, $2 lanes, $3 lane, $4 topics, $5 partitions (those that are ours), $6 how many.
SELECT p.id, p.topic, p.partition, p.attempts, p.key_hash
FROM {{schema}}.parked_message AS p
JOIN unnest($4, $5) AS a (topic, partition) ON a.topic = p.topic AND a.partition = p.partition
WHERE p.inbox = $1 AND p.state = 'retrying' AND p.retry_at <= now()
    AND {{schema}}.lane_of(p.key_hash, $2) = $3
    AND NOT EXISTS (
        SELECT 1
        FROM {{schema}}.parked_message AS e
        WHERE e.inbox = $1 AND e.key_hash = p.key_hash AND e.id < p.id AND e.holds)
ORDER BY p.id
LIMIT $6
