-- Reads delayed rows, passed over before, that have become due.
-- $1 the position, $2 how many, $3 the largest payload to lend, $4 ids in flight. Locks nothing.
SELECT {{columns}}
FROM (
    SELECT o.*
    FROM {{table}} AS o
    WHERE o.{{available_at}} <= now() AND o.{{id}} <= $1 AND o.{{id}} NOT IN (SELECT unnest($4)) {{lane}}
    ORDER BY o.{{available_at}}
    LIMIT $2
) AS o
ORDER BY o.{{id}}
