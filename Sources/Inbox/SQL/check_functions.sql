-- The functions of a name, each by its arguments, and whether it may be called with a type alone.
-- $1 the schema, $2 the name, $3 the type, quoted.
SELECT pg_get_function_identity_arguments(p.oid), p.prokind::text, p.proretset,
    p.pronargs > 0 AND p.pronargs - p.pronargdefaults <= 1
        AND p.proargtypes[0] = coalesce(to_regtype($3), 0),
    has_function_privilege(p.oid, 'EXECUTE'), has_schema_privilege(n.oid, 'USAGE')
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = $1 AND p.proname = $2
ORDER BY p.oid
