-- Leaves messages to the service's own workers; their ids rise in the order given. {{messages}} is
-- an array of them. A message without a key has no order, and no hash. Returns how many there were.
WITH stored AS (
    INSERT INTO {{schema}}.todo (
        inbox, topic, partition, "offset", message_id, type, key, payload, headers, created_at,
        attempt, key_hash)
    SELECT m.inbox, m.topic, m.partition, m."offset", m.message_id, m.type, m.key, m.payload,
        m.headers, m.created_at, m.attempt, hashtextextended(m.key, 0)
    FROM unnest({{messages}}) AS m
    RETURNING 1
)
SELECT count(*) FROM stored
