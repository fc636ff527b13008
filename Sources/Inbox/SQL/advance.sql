-- Moves a lane's positions, if they are still where we left them and ours.
-- $1 inbox, $2 lanes, $3 lane, $4 topics, $5 partitions, $6 generations, $7 old offsets, $8 new
-- offsets, $9 times of the last messages, $10 of the last records. Fails with PBX01 when one belongs to
-- somebody else.
WITH moved AS (
    UPDATE {{schema}}.position AS p
    SET next_offset = m.next_offset, event_time = coalesce(m.event_time, p.event_time),
        record_time = CASE
            WHEN m.next_offset = p.next_offset THEN p.record_time
            ELSE m.record_time
        END,
        moved_at = now()
    FROM unnest($4, $5, $6, $7, $8, $9, $10)
        AS m (topic, partition, generation, old_offset, next_offset, event_time, record_time)
    WHERE p.inbox = $1 AND p.lanes = $2 AND p.lane = $3
        AND p.topic = m.topic AND p.partition = m.partition
        AND p.generation = m.generation AND p.next_offset = m.old_offset
    RETURNING 1
)
SELECT {{schema}}.require_position(count(*) = cardinality($4)), now() FROM moved
