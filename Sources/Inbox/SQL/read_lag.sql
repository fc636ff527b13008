-- How far each partition of an inbox is, and how old its last message was. $1 inbox.
SELECT p.topic, p.partition, min(p.next_offset),
    extract(epoch FROM clock_timestamp() - min(p.event_time))::float8
FROM {{schema}}.position AS p
WHERE p.inbox = $1
    AND p.lanes = (
        SELECT n.lanes
        FROM {{schema}}.position AS n
        WHERE n.inbox = $1 AND n.topic = p.topic AND n.partition = p.partition
        ORDER BY n.moved_at DESC
        LIMIT 1)
GROUP BY p.topic, p.partition
