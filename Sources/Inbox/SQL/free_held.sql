-- Makes messages ready that are held while nobody of their key is before them any more: whoever they
-- waited for has gone while they were on their way. $1 inbox, $2 lanes, $3 lane. A second run finds
-- nothing.
WITH first AS MATERIALIZED (
    SELECT DISTINCT ON (f.key_hash) f.id, f.state
    FROM {{schema}}.parked_message AS f
    WHERE f.inbox = $1 AND f.holds AND {{schema}}.lane_of(f.key_hash, $2) = $3
    ORDER BY f.key_hash, f.id
)
UPDATE {{schema}}.parked_message AS p
SET state = 'retrying', retry_at = now()
FROM first
WHERE first.state = 'held' AND p.id = first.id AND p.state = 'held'
