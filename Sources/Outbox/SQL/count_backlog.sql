-- How much waits, exactly up to ten thousand rows; beyond that the distance of the ids.
-- $1 a position that everything waiting lies after. Locks nothing.
SELECT
    (SELECT count(*)
     FROM (SELECT 1 FROM {{table}} AS o WHERE o.{{id}} > $1 LIMIT 10000) AS waiting){{unnumbered}} AS counted,
    (SELECT max(o.{{id}})::int8 FROM {{table}} AS o) AS last,
    (SELECT {{age}} FROM {{table}} AS o WHERE o.{{id}} > $1 ORDER BY o.{{id}} LIMIT 1) AS age
