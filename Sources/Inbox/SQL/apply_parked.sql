-- One parked message as its handler gets it. $1 id.
SELECT (p.inbox, p.topic, p.partition, p."offset", p.message_id, p.type, p.key, p.payload, p.headers,
    p.created_at, p.attempts)::{{schema}}.message AS m
FROM {{schema}}.parked_message AS p
WHERE p.id = $1
FOR UPDATE
