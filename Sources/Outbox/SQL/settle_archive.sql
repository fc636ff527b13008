-- Moves acknowledged rows to the archive.
-- $1 outbox, $2 lane, $3 epoch, $4 ids, $5 partitions, $6 offsets. Returns 1 if the lane is still
-- ours, else 0 and nothing is moved. Locks the lane's row. A second run finds nothing.
WITH owned AS MATERIALIZED (
    SELECT 1 FROM {{schema}}.lane WHERE outbox = $1 AND lane = $2 AND epoch = $3 FOR SHARE
), gone AS (
    DELETE FROM {{table}} AS o
    WHERE o.{{id}} = ANY ($4) AND EXISTS (SELECT 1 FROM owned)
    RETURNING {{stored}}
), moved AS (
    INSERT INTO {{schema}}.delivered (
        outbox, id, message_id, topic, key, type, payload, headers, created_at,
        partition, "offset")
    SELECT $1, gone.id, gone.message_id, gone.topic, gone.key, gone.type, gone.payload,
        gone.headers, gone.created_at, place.partition, place."offset"
    FROM gone
    JOIN unnest($4, $5, $6) AS place (id, partition, "offset") ON place.id = gone.id
)
SELECT count(*) FROM owned
