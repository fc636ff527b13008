-- The transactions that may hold rows of the table which nobody else sees yet: whoever inserts holds
-- a lock on the table, or on the partition they name, from before the id is drawn until the end,
-- prepared transactions too.
-- $1 the table as text. Locks nothing.
SELECT DISTINCT l.virtualtransaction
FROM pg_catalog.pg_locks AS l
WHERE l.locktype = 'relation'
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d
                      WHERE d.datname = pg_catalog.current_database())
    AND (l.relation = $1::pg_catalog.regclass::pg_catalog.oid
         OR l.relation IN (SELECT t.relid FROM pg_catalog.pg_partition_tree($1::pg_catalog.regclass) AS t))
    AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                   'AccessExclusiveLock')
    AND l.granted
