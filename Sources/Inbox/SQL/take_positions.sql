-- Makes the positions of partitions ours: their generation rises, and readers before us can commit
-- nothing more. All of a partition get the same, whatever they had. $1 inbox, $2 topics,
-- $3 partitions. Returns all positions of them.
WITH last AS MATERIALIZED (
    SELECT l.topic, l.partition, max(l.generation) AS generation
    FROM {{schema}}.position AS l
    JOIN unnest($2, $3) AS a (topic, partition) ON l.topic = a.topic AND l.partition = a.partition
    WHERE l.inbox = $1
    GROUP BY l.topic, l.partition
)
UPDATE {{schema}}.position AS p
SET generation = last.generation + 1
FROM last
WHERE p.inbox = $1 AND p.topic = last.topic AND p.partition = last.partition
RETURNING p.topic, p.partition, p.lanes, p.lane, p.generation, p.next_offset, p.record_time
