-- Forgets the positions of another number of lanes that the present ones have overtaken.
-- $1 inbox, $2 lanes now, $3 topic, $4 partition.
DELETE FROM {{schema}}.position AS p
WHERE p.inbox = $1 AND p.lanes <> $2 AND p.topic = $3 AND p.partition = $4
    AND p.next_offset <= (
        SELECT min(n.next_offset)
        FROM {{schema}}.position AS n
        WHERE n.inbox = $1 AND n.lanes = $2 AND n.topic = $3 AND n.partition = $4)
    AND NOT EXISTS (
        SELECT 1
        FROM {{schema}}.position AS o
        WHERE o.inbox = $1 AND o.lanes = p.lanes AND o.topic = $3 AND o.partition = $4
            AND o.next_offset > (
                SELECT min(n.next_offset)
                FROM {{schema}}.position AS n
                WHERE n.inbox = $1 AND n.lanes = $2 AND n.topic = $3 AND n.partition = $4))
