-- Begins partitions for a number of lanes, unless others were taken by another reader meanwhile.
-- $1 inbox, $2 lanes, $3 topics, $4 partitions, $5 generations, $6 offsets, $7 times of the records
-- before them. Returns the lanes that were begun.
WITH wanted AS MATERIALIZED (
    SELECT a.topic, a.partition, a.generation, a.next_offset, a.record_time
    FROM unnest($3, $4, $5, $6, $7) AS a (topic, partition, generation, next_offset, record_time)
), others AS MATERIALIZED (
    -- Order: locked, so that a reader who takes them sees the new ones, too.
    SELECT p.topic, p.partition, p.generation
    FROM {{schema}}.position AS p
    JOIN wanted AS w ON p.topic = w.topic AND p.partition = w.partition
    WHERE p.inbox = $1
    FOR UPDATE OF p
)
INSERT INTO {{schema}}.position (
    inbox, topic, partition, lanes, lane, generation, next_offset, record_time)
SELECT $1, w.topic, w.partition, $2, lane, w.generation, w.next_offset, w.record_time
FROM wanted AS w
CROSS JOIN generate_series(0, $2 - 1) AS lane
WHERE NOT EXISTS (
    SELECT 1
    FROM others AS o
    WHERE o.topic = w.topic AND o.partition = w.partition AND o.generation <> w.generation)
RETURNING lane
