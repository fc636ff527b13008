-- The contents of one parked message. $1 inbox, $2 id, $3 how much of the payload.
SELECT p.headers::text, substring(p.payload FROM 1 FOR $3)
FROM {{schema}}.parked_message AS p
WHERE p.inbox = $1 AND p.id = $2
