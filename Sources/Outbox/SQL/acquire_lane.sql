-- Takes a lane that nobody owns, whose lease has run out, or whose owner's session is gone.
-- $1 outbox, $2 lane, $3 number of lanes, $4 owner, $5 lease in milliseconds. Returns the new epoch,
-- or nothing while another owns it or other owners count the lanes differently.
-- Order: behind lock_lanes, so that it sees what another who took a lane has written.
INSERT INTO {{schema}}.lane AS l (outbox, lane, lanes, owner, owner_pid, epoch, expires_at)
SELECT $1, $2, $3, $4, pg_backend_pid(), 1, clock_timestamp() + $5 * interval '1 millisecond'
WHERE NOT EXISTS (
    SELECT 1
    FROM {{schema}}.lane AS o
    WHERE o.outbox = $1 AND o.lanes <> $3 AND o.owner IS NOT NULL
        AND o.expires_at >= clock_timestamp())
ON CONFLICT (outbox, lane) DO UPDATE
SET lanes = excluded.lanes, owner = excluded.owner, owner_pid = excluded.owner_pid,
    epoch = l.epoch + 1, expires_at = excluded.expires_at
WHERE l.owner IS NULL OR l.expires_at < clock_timestamp()
    OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity AS a WHERE a.pid = l.owner_pid)
RETURNING l.epoch
