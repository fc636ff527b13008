-- Whether a usable index begins with a column. $1 the table as text, $2 the column.
SELECT count(*)
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = $1::pg_catalog.regclass AND a.attname = $2 AND i.indisvalid
