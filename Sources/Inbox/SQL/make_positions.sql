-- Begins partitions for a number of lanes. $1 inbox, $2 lanes, $3 topics, $4 partitions,
-- $5 generations, $6 offsets.
INSERT INTO {{schema}}.position (inbox, topic, partition, lanes, lane, generation, next_offset)
SELECT $1, a.topic, a.partition, $2, lane, a.generation, a.next_offset
FROM unnest($3, $4, $5, $6) AS a (topic, partition, generation, next_offset)
CROSS JOIN generate_series(0, $2 - 1) AS lane
