-- Where a lane stands. $1 inbox, $2 lanes, $3 lane, $4 topics, $5 partitions.
SELECT p.topic, p.partition, p.generation, p.next_offset
FROM {{schema}}.position AS p
JOIN unnest($4, $5) AS a (topic, partition) ON p.topic = a.topic AND p.partition = a.partition
WHERE p.inbox = $1 AND p.lanes = $2 AND p.lane = $3
