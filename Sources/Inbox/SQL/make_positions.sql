-- Begins partitions for a number of lanes. $1 inbox, $2 lanes, $3 topics, $4 partitions,
-- $5 generations, $6 offsets, $7 times of the records before them.
INSERT INTO {{schema}}.position (
    inbox, topic, partition, lanes, lane, generation, next_offset, record_time)
SELECT $1, a.topic, a.partition, $2, lane, a.generation, a.next_offset, a.record_time
FROM unnest($3, $4, $5, $6, $7) AS a (topic, partition, generation, next_offset, record_time)
CROSS JOIN generate_series(0, $2 - 1) AS lane
