-- Deletes acknowledged rows by their ids.
-- $1 outbox, $2 lane, $3 epoch, $4 ids. Returns 1 if the lane is still ours, else 0 and nothing is
-- deleted. Locks the lane's row against a new owner. A second run finds nothing.
WITH owned AS MATERIALIZED (
    SELECT 1 FROM {{schema}}.lane WHERE outbox = $1 AND lane = $2 AND epoch = $3 FOR SHARE
), gone AS (
    DELETE FROM {{table}} AS o
    WHERE o.{{id}} = ANY ($4) AND EXISTS (SELECT 1 FROM owned)
)
SELECT count(*) FROM owned
