-- Waits until nobody moves, takes or makes positions of these partitions, and keeps others from it
-- until the transaction ends. What its next statement sees of them is all there is. $1 inbox,
-- $2 topics, $3 partitions.
SELECT p.lane
FROM {{schema}}.position AS p
JOIN unnest($2, $3) AS a (topic, partition) ON a.topic = p.topic AND a.partition = p.partition
WHERE p.inbox = $1
ORDER BY p.topic, p.partition, p.lanes, p.lane
FOR UPDATE OF p
