-- Makes the positions of partitions ours: their generation rises, and readers before us can commit
-- nothing more. $1 inbox, $2 topics, $3 partitions. Returns all positions of them.
UPDATE {{schema}}.position AS p
SET generation = p.generation + 1
FROM unnest($2, $3) AS a (topic, partition)
WHERE p.inbox = $1 AND p.topic = a.topic AND p.partition = a.partition
RETURNING p.topic, p.partition, p.lanes, p.lane, p.generation, p.next_offset, p.record_time
