-- Gives a lane back, for another to take at once. $1 outbox, $2 lane, $3 epoch.
UPDATE {{schema}}.lane
SET owner = NULL, owner_pid = NULL, expires_at = '-infinity'
WHERE outbox = $1 AND lane = $2 AND epoch = $3
