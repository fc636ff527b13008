-- Whether a column names its table's rows: it is never NULL, and an index on it alone proves that no
-- two rows have the same value. Of a partitioned table the index has the columns of the partition key
-- beside it, as PostgreSQL demands. $1 the table as text, $2 the column. Locks nothing.
SELECT a.attnotnull, EXISTS (
    SELECT 1
    FROM pg_catalog.pg_index AS i
    WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND i.indisunique AND i.indisvalid
        AND i.indpred IS NULL AND (i.indnkeyatts = 1 OR c.relkind = 'p'))
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
WHERE c.oid = $1::pg_catalog.regclass AND a.attname = $2
