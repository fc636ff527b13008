-- Ends the transactions that hold positions which are ours by now: those of a reader that stands
-- still in the middle of one. They are found by the rows that they have changed. $1 inbox, $2 topics,
-- $3 partitions. Returns how many there were.
SELECT count(pg_terminate_backend(l.pid))
FROM {{schema}}.position AS p
JOIN unnest($2, $3) AS a (topic, partition) ON a.topic = p.topic AND a.partition = p.partition
JOIN pg_catalog.pg_locks AS l
    ON l.locktype = 'transactionid' AND l.transactionid = p.xmax AND l.granted
JOIN pg_catalog.pg_stat_activity AS s ON s.pid = l.pid
WHERE p.inbox = $1 AND s.usename = current_user AND l.pid <> pg_backend_pid()
