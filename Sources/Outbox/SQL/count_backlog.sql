-- How much of a lane waits, exactly where no more than ten thousand rows of all lanes do; beyond that
-- the distance of the ids tells.
-- $1 a position that everything waiting lies after, $2 the lane. Locks nothing.
WITH waiting AS MATERIALIZED (
    SELECT o.{{id}} AS id, {{age}} AS age, {{lane_number}} AS lane
    FROM {{table}} AS o
    WHERE o.{{id}} > $1
    ORDER BY o.{{id}}
    LIMIT 10000
)
SELECT
    (SELECT count(*) FROM waiting WHERE lane = $2){{unnumbered}} AS counted,
    (SELECT count(*) FROM waiting) AS of_all,
    (SELECT max(o.{{id}})::int8 FROM {{table}} AS o) AS last,
    (SELECT age FROM waiting WHERE lane = $2 ORDER BY id LIMIT 1) AS age
