-- Moves partitions, and fences their readers, who begin anew from there. $1 inbox, $2 lanes,
-- $3 topics, $4 partitions, $5 offsets.
WITH wanted AS (
    SELECT w.topic, w.partition, w.next_offset
    FROM unnest($3, $4, $5) AS w (topic, partition, next_offset)
), moved AS (
    UPDATE {{schema}}.position AS p
    SET next_offset = w.next_offset, generation = p.generation + 1, record_time = NULL,
        event_time = NULL, moved_at = now()
    FROM wanted AS w
    WHERE p.inbox = $1 AND p.topic = w.topic AND p.partition = w.partition
    RETURNING p.topic, p.partition
)
INSERT INTO {{schema}}.position (inbox, topic, partition, lanes, lane, generation, next_offset)
SELECT $1, w.topic, w.partition, $2, lane, 1, w.next_offset
FROM wanted AS w
CROSS JOIN generate_series(0, $2 - 1) AS lane
WHERE NOT EXISTS (
    SELECT 1 FROM moved AS m WHERE m.topic = w.topic AND m.partition = w.partition)
