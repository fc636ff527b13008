-- Takes messages out of the flow. $1 the messages, and for each: $2 state, $3 whether it holds its
-- followers, $4 reason, $5 attempts, $6 hash of its key, $7 wait in milliseconds. A second run finds
-- them there.
INSERT INTO {{schema}}.parked_message (
    inbox, topic, partition, "offset", message_id, type, key, payload, headers, created_at,
    state, holds, reason, attempts, key_hash, retry_at)
SELECT m.inbox, m.topic, m.partition, m."offset", m.message_id, m.type, m.key, m.payload,
    m.headers, m.created_at, m.state, m.holds, m.reason, m.attempts, m.key_hash,
    CASE WHEN m.state = 'retrying' THEN now() + m.wait * interval '1 millisecond' END
FROM ROWS FROM (
    unnest($1::{{schema}}.message[]), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6),
    unnest($7)
) AS m (inbox, topic, partition, "offset", message_id, type, key, payload, headers, created_at,
    attempt, state, holds, reason, attempts, key_hash, wait)
ON CONFLICT (inbox, topic, partition, "offset", coalesce(created_at, '-infinity')) DO NOTHING
