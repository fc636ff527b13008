-- What the role may do to a table, and what else matters about it. $1 the table as text.
SELECT
    has_table_privilege($1, 'SELECT'), has_table_privilege($1, 'DELETE'),
    c.relkind::text, c.relrowsecurity
FROM pg_catalog.pg_class AS c
WHERE c.oid = $1::pg_catalog.regclass
