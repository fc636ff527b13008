-- Which of Postbox's own tables are there and may be used. $1 their names, quoted.
SELECT name,
    to_regclass(name) IS NOT NULL,
    coalesce(has_table_privilege(to_regclass(name), 'SELECT')
        AND has_table_privilege(to_regclass(name), 'INSERT')
        AND has_table_privilege(to_regclass(name), 'UPDATE')
        AND has_table_privilege(to_regclass(name), 'DELETE'), false)
FROM unnest($1) AS name
