-- The sessions that made these attempts were ended by us: no message is to blame. $1 inbox, $2 topics,
-- $3 partitions.
UPDATE {{schema}}.attempt AS a
SET tries = 0
FROM unnest($2, $3) AS m (topic, partition)
WHERE a.inbox = $1 AND a.topic = m.topic AND a.partition = m.partition
