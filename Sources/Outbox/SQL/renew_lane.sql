-- Prolongs a lease. $1 outbox, $2 lane, $3 epoch, $4 lease in milliseconds. Returns nothing when the
-- lane has another owner.
UPDATE {{schema}}.lane
SET expires_at = clock_timestamp() + $4 * interval '1 millisecond', owner_pid = pg_backend_pid()
WHERE outbox = $1 AND lane = $2 AND epoch = $3 AND owner IS NOT NULL
RETURNING epoch
