-- Reads rows after a position in id order.
-- $1 the position, $2 how many, $3 the largest payload to lend. Locks nothing.
SELECT {{columns}}
FROM {{table}} AS o
WHERE o.{{id}} > $1 {{lane}}
ORDER BY o.{{id}}
LIMIT $2
