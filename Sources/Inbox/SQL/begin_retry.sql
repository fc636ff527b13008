-- Counts a try before it is made, so that one that ends with a crash has counted. $1 id, $2 wait in
-- milliseconds until the next. Returns how many there were with this one.
UPDATE {{schema}}.parked_message
SET attempts = attempts + 1, retry_at = now() + $2 * interval '1 millisecond'
WHERE id = $1 AND state = 'retrying'
RETURNING attempts
