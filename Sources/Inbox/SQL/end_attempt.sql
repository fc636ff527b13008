-- An attempt ended without a crash, though not well. $1 inbox, $2 lanes, $3 lane, $4 topics,
-- $5 partitions.
UPDATE {{schema}}.attempt AS a
SET tries = 0
FROM unnest($4, $5) AS m (topic, partition)
WHERE a.inbox = $1 AND a.lanes = $2 AND a.lane = $3
    AND a.topic = m.topic AND a.partition = m.partition
