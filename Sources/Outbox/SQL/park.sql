-- Takes rows out of the table: refused ones, and those held behind them. A held one with nobody of
-- its key before it is ready at once.
-- $1 outbox, $2 lane, $3 epoch, $4 ids, $5 states, $6 reasons, $7 attempts, $8 waits in
-- milliseconds. Returns 1 if the lane is still ours, else 0 and nothing is moved. A second run finds
-- nothing. Where ids have begun anew, an older message may be parked under the same id: it gets a free
-- one before all others, and says so.
WITH owned AS MATERIALIZED (
    SELECT 1 FROM {{schema}}.lane WHERE outbox = $1 AND lane = $2 AND epoch = $3 FOR SHARE
), gone AS (
    DELETE FROM {{table}} AS o
    WHERE o.{{id}} = ANY ($4) AND EXISTS (SELECT 1 FROM owned)
    RETURNING {{stored}}
), fate AS (
    SELECT gone.*, f.reason, f.attempts, f.wait,
        CASE
            WHEN f.state = 'held' AND NOT EXISTS (
                SELECT 1 FROM {{schema}}.parked AS p
                WHERE p.outbox = $1
                    AND hashtextextended(p.key, 0) = hashtextextended(gone.key, 0)
                    AND p.key = gone.key AND p.id <= gone.id
            ) THEN 'retrying'
            ELSE f.state
        END AS state
    FROM gone
    JOIN unnest($4, $5, $6, $7, $8) AS f (id, state, reason, attempts, wait) ON f.id = gone.id
), older AS (
    -- With it come those of its key before it, so that the key's order stays as it is.
    SELECT before.id, row_number() OVER (ORDER BY before.id DESC) AS rank
    FROM (
        SELECT DISTINCT b.id
        FROM gone
        CROSS JOIN LATERAL (
            SELECT c.id, c.key FROM {{schema}}.parked AS c WHERE c.outbox = $1 AND c.id = gone.id
            OFFSET 0
        ) AS same
        JOIN {{schema}}.parked AS b
            ON b.outbox = $1
                AND (b.id = same.id
                    OR hashtextextended(b.key, 0) = hashtextextended(same.key, 0)
                        AND b.key = same.key AND b.id < same.id)
    ) AS before
), aside AS (
    UPDATE {{schema}}.parked AS p
    SET id = least((SELECT min(l.id) FROM {{schema}}.parked AS l WHERE l.outbox = $1), 0)
            - older.rank,
        reason = CASE
            WHEN p.id > 0 THEN concat_ws('; ', p.reason, format('its id was %s', p.id))
            ELSE p.reason
        END
    FROM older
    WHERE p.outbox = $1 AND p.id = older.id
    RETURNING 1
), moved AS (
    INSERT INTO {{schema}}.parked (
        outbox, id, message_id, topic, key, type, payload, headers, created_at,
        state, reason, attempts, retry_at)
    SELECT $1, id, message_id, topic, key, type, payload, headers, created_at,
        state, reason, attempts,
        CASE WHEN state = 'retrying' THEN now() + wait * interval '1 millisecond' END
    FROM fate
    -- Order: the ids are free before these rows come.
    WHERE (SELECT count(*) FROM aside) >= 0
)
SELECT count(*) FROM owned
