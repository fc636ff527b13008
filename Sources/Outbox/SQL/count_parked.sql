-- How many messages are parked, by state and lane. $1 outbox, $2 how many of a state are counted at
-- most. Locks nothing.
SELECT s.state, c.lane, count(*)
FROM (VALUES ('dead'), ('held'), ('retrying')) AS s (state)
CROSS JOIN LATERAL (
    SELECT {{parked_lane_number}} AS lane
    FROM {{schema}}.parked AS p
    WHERE p.outbox = $1 AND p.state = s.state
    LIMIT $2
) AS c
GROUP BY s.state, c.lane
