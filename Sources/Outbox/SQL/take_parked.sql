-- Reads parked messages whose time has come and before whom nobody of their key has to wait, as many
-- as fit, but one at least.
-- $1 outbox, $2 how many, $3 the largest message to lend, $4 whether followers wait, $5 how many
-- bytes. Locks nothing.
SELECT m.id, m.topic,
    CASE WHEN octet_length(m.key) <= $3 THEN m.key END AS key,
    CASE WHEN m.size <= $3 THEN m.payload END AS payload,
    m.size,
    CASE WHEN m.size <= $3 THEN m.headers END AS headers,
    m.message_id, m.type, m.created_at, false AS delayed, m.attempts
FROM (
    SELECT r.*, sum(r.size) OVER (ORDER BY r.id ROWS UNBOUNDED PRECEDING) AS total
    FROM (
        SELECT p.*,
            coalesce(octet_length(p.payload), 0)::int8 + coalesce(octet_length(p.key), 0)
                + coalesce(CASE
                    WHEN pg_column_compression(p.headers) IS NULL THEN pg_column_size(p.headers)
                    ELSE pg_column_size(p.headers #> '{}')
                END, 0) AS size
        FROM {{schema}}.parked AS p
        WHERE p.outbox = $1 AND p.state = 'retrying' AND p.retry_at <= now() {{parked_lane}}
            AND EXISTS (
                SELECT 1
                FROM {{schema}}.parked AS due
                WHERE due.outbox = $1 AND due.state = 'retrying' AND due.retry_at <= now())
            AND NOT ($4 AND EXISTS (
                SELECT 1
                FROM {{schema}}.parked AS e
                WHERE e.outbox = $1
                    AND hashtextextended(e.key, 0) = hashtextextended(p.key, 0) AND e.key = p.key
                    AND e.id < p.id AND (e.state <> 'retrying' OR e.retry_at > now())))
        ORDER BY p.id
        LIMIT $2
    ) AS r
) AS m
WHERE m.total - m.size < $5
ORDER BY m.id
