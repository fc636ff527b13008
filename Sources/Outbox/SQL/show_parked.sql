-- The contents of one parked message. $1 outbox, $2 id, $3 how much of the payload.
SELECT p.headers::text, substring(p.payload FROM 1 FOR $3)
FROM {{schema}}.parked AS p
WHERE p.outbox = $1 AND p.id = $2
