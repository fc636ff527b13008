-- Notes what a lane is about to apply. What stands here unfinished was ended by a crash: of the
-- daemon, or of the session. $1 inbox, $2 lanes, $3 lane, $4 topics, $5 partitions, $6 where the lane
-- stands, $7 whether it is one message. Returns how often each was begun, and whether alone. A
-- message that was begun alone stays so: a batch does not take its place.
INSERT INTO {{schema}}.attempt AS a (inbox, lanes, lane, topic, partition, position, is_alone, tries)
SELECT $1, $2, $3, m.topic, m.partition, m.position, $7, 1
FROM unnest($4, $5, $6) AS m (topic, partition, position)
ON CONFLICT (inbox, topic, partition, lanes, lane) DO UPDATE
SET position = excluded.position,
    is_alone = excluded.is_alone
        OR (a.position = excluded.position AND a.is_alone AND a.tries > 0),
    tries = CASE
        WHEN a.position <> excluded.position THEN 1
        WHEN a.is_alone = excluded.is_alone THEN a.tries + 1
        WHEN a.is_alone AND a.tries > 0 THEN a.tries
        ELSE 1
    END
RETURNING tries, is_alone, set_config('synchronous_commit', 'off', true) AS needs_no_sync
