-- What the role may do with Postbox's own schema. $1 the schema, quoted.
SELECT to_regnamespace($1) IS NOT NULL,
    coalesce(has_schema_privilege(to_regnamespace($1), 'USAGE'), false)
