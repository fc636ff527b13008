-- Moves a lane's positions, if they are still where we left them and ours.
-- $1 inbox, $2 lanes, $3 lane, $4 topics, $5 partitions, $6 generations, $7 old offsets, $8 new
-- offsets, $9 times of the last messages. Fails with PBX01 when one belongs to somebody else.
WITH moved AS (
    UPDATE {{schema}}.position AS p
    SET next_offset = m.next_offset, event_time = coalesce(m.event_time, p.event_time),
        moved_at = now()
    FROM unnest($4, $5, $6, $7, $8, $9)
        AS m (topic, partition, generation, old_offset, next_offset, event_time)
    WHERE p.inbox = $1 AND p.lanes = $2 AND p.lane = $3
        AND p.topic = m.topic AND p.partition = m.partition
        AND p.generation = m.generation AND p.next_offset = m.old_offset
    RETURNING 1
)
SELECT {{schema}}.require_position(count(*) = cardinality($4)), now() FROM moved
