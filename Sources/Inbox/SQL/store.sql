-- Leaves a batch to the service's own workers. $1 the messages, $2 the hashes of their keys in the
-- same order. Their ids rise in that order.
INSERT INTO {{schema}}.todo (
    inbox, topic, partition, "offset", message_id, type, key, payload, headers, created_at, attempt,
    key_hash)
SELECT m.inbox, m.topic, m.partition, m."offset", m.message_id, m.type, m.key, m.payload, m.headers,
    m.created_at, m.attempt, CASE WHEN m.key IS NOT NULL THEN m.key_hash END
FROM ROWS FROM (unnest($1::{{schema}}.message[]), unnest($2::bigint[])) AS m (
    inbox, topic, partition, "offset", message_id, type, key, payload, headers, created_at, attempt,
    key_hash)
