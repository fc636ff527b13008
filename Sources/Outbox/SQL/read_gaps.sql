-- Reads rows in gaps that were passed over, and rows after a position, by one snapshot: a row of a
-- key that became visible late never comes after a later one of its key. Rows in gaps that are not
-- due are left to read_due.
-- $1 the position, $2 how many, $3 the largest payload to lend, $4 and $5 first and last id of each
-- gap, $6 ids in flight. Locks nothing.
SELECT {{columns}}
FROM (
    (SELECT late.*
     FROM unnest($4, $5) AS gap (first, last)
     CROSS JOIN LATERAL (
         SELECT o.*
         FROM {{table}} AS o
         WHERE o.{{id}} BETWEEN gap.first AND gap.last AND o.{{id}} NOT IN (SELECT unnest($6)) {{due}} {{lane}}
         ORDER BY o.{{id}}
         LIMIT $2
     ) AS late)
    UNION ALL
    (SELECT o.*
     FROM {{table}} AS o
     WHERE o.{{id}} > $1 {{lane}}
     ORDER BY o.{{id}}
     LIMIT $2)
) AS o
ORDER BY o.{{id}}
LIMIT $2
