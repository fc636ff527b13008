-- The keys of which messages are parked and hold their followers. $1 inbox, $2 lanes, $3 lane.
SELECT DISTINCT key_hash
FROM {{schema}}.parked_message
WHERE inbox = $1 AND holds AND {{schema}}.lane_of(key_hash, $2) = $3
