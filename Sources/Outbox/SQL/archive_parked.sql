-- Copies parked messages that were published to the archive, before they are forgotten.
-- $1 outbox, $2 ids, $3 partitions, $4 offsets.
INSERT INTO {{schema}}.delivered (
    outbox, id, message_id, topic, key, type, payload, headers, created_at, partition, "offset")
SELECT p.outbox, p.id, p.message_id, p.topic, p.key, p.type, p.payload, p.headers, p.created_at,
    place.partition, place."offset"
FROM {{schema}}.parked AS p
JOIN unnest($2, $3, $4) AS place (id, partition, "offset") ON place.id = p.id
WHERE p.outbox = $1
