-- Writes down that parked messages were refused again. Behind those that are dead letters by now
-- their followers, who had been made ready with them, wait again.
-- One that somebody has asked to retry meanwhile stays as it is.
-- $1 outbox, $2 lane, $3 epoch, $4 ids, $5 states, $6 reasons, $7 attempts, $8 waits in
-- milliseconds, $9 whether followers wait. Returns 1 if the lane is still ours, else 0 and nothing is
-- changed.
WITH owned AS MATERIALIZED (
    SELECT 1 FROM {{schema}}.lane WHERE outbox = $1 AND lane = $2 AND epoch = $3 FOR SHARE
), changed AS (
    UPDATE {{schema}}.parked AS p
    SET state = f.state, reason = f.reason, attempts = f.attempts,
        retry_at = CASE
            WHEN f.state = 'retrying' THEN now() + f.wait * interval '1 millisecond'
        END
    FROM unnest($4, $5, $6, $7, $8) AS f (id, state, reason, attempts, wait)
    WHERE p.outbox = $1 AND p.id = f.id AND p.attempts = f.attempts - 1
        AND EXISTS (SELECT 1 FROM owned)
    RETURNING p.id, p.key, p.state
), waiting AS (
    UPDATE {{schema}}.parked AS p
    SET state = 'held', retry_at = NULL
    FROM changed AS d
    WHERE $9 AND d.state = 'dead' AND p.outbox = $1
        AND hashtextextended(p.key, 0) = hashtextextended(d.key, 0) AND p.key = d.key AND p.id > d.id
        AND p.id <> ALL ($4) AND p.state = 'retrying' AND EXISTS (SELECT 1 FROM owned)
)
SELECT count(*) FROM owned
