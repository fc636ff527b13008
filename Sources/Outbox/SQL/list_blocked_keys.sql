-- The keys that wait. $1 outbox, $2 the longest that a message can have: every row with a longer one
-- is refused by itself.
SELECT DISTINCT p.key
FROM {{schema}}.parked AS p
WHERE p.outbox = $1 AND octet_length(p.key) <= $2
