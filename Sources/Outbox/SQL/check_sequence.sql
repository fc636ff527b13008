-- How many ids a session draws at once. $1 the table as text, $2 the column.
SELECT s.seqcache
FROM pg_catalog.pg_sequence AS s
WHERE s.seqrelid = pg_catalog.pg_get_serial_sequence($1, $2)::pg_catalog.regclass
