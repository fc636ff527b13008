-- Notes what a lane is about to apply. What stands here unfinished was ended by a crash: of the
-- daemon, or of the session. $1 inbox, $2 lanes, $3 lane, $4 topics, $5 partitions, $6 first
-- offsets, $7 last offsets. Returns how often each was begun, and whether alone. A message that was
-- begun alone stays so: a batch does not take its place.
INSERT INTO {{schema}}.attempt AS a (
    inbox, lanes, lane, topic, partition, first_offset, last_offset, tries)
SELECT $1, $2, $3, m.topic, m.partition, m.first_offset, m.last_offset, 1
FROM unnest($4, $5, $6, $7) AS m (topic, partition, first_offset, last_offset)
ON CONFLICT (inbox, topic, partition, lanes, lane) DO UPDATE
SET first_offset = excluded.first_offset,
    last_offset = CASE
        WHEN a.first_offset = excluded.first_offset AND a.last_offset = a.first_offset
            AND a.tries > 0 THEN a.last_offset
        ELSE excluded.last_offset
    END,
    tries = CASE
        WHEN a.first_offset <> excluded.first_offset THEN 1
        WHEN a.last_offset = a.first_offset AND excluded.last_offset > a.first_offset
            AND a.tries > 0 THEN a.tries
        WHEN a.last_offset > a.first_offset AND excluded.last_offset = a.first_offset THEN 1
        ELSE a.tries + 1
    END
RETURNING tries, first_offset = last_offset AS is_alone,
    set_config('synchronous_commit', 'off', true) AS needs_no_sync
