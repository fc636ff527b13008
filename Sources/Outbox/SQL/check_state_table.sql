-- Whether a table of Postbox's own is there and may be used. $1 the table as text.
SELECT
    to_regclass($1) IS NOT NULL,
    coalesce(has_table_privilege(to_regclass($1), 'SELECT')
        AND has_table_privilege(to_regclass($1), 'INSERT')
        AND has_table_privilege(to_regclass($1), 'UPDATE')
        AND has_table_privilege(to_regclass($1), 'DELETE'), false)
