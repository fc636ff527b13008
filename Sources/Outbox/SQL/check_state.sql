-- What the role may do with Postbox's own tables. $1 the schema.
SELECT
    to_regnamespace(quote_ident($1)) IS NOT NULL,
    coalesce(has_schema_privilege(to_regnamespace(quote_ident($1)), 'USAGE'), false)
