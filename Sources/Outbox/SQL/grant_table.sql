-- The same for a table of messages, if it is there and whoever runs this may grant it; `postbox
-- check` names what is missing otherwise.
DO $$
DECLARE
    messages CONSTANT regclass := to_regclass({{table_literal}});
    home     CONSTANT oid := (SELECT relnamespace FROM pg_class WHERE oid = messages);
BEGIN
    IF has_schema_privilege(home, 'USAGE WITH GRANT OPTION') THEN
        GRANT USAGE ON SCHEMA {{table_schema}} TO {{role}};
    END IF;
    IF has_table_privilege(messages, 'SELECT WITH GRANT OPTION')
        AND has_table_privilege(messages, 'DELETE WITH GRANT OPTION') THEN
        GRANT SELECT, DELETE ON {{table}} TO {{role}};
    END IF;
END
$$;
