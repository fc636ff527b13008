-- How many messages are parked, by state. $1 outbox.
SELECT p.state, count(*) FROM {{schema}}.parked AS p WHERE p.outbox = $1 GROUP BY p.state
