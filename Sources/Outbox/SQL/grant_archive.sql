GRANT SELECT, INSERT, UPDATE, DELETE ON {{schema}}.delivered TO {{role}};
GRANT EXECUTE ON FUNCTION {{schema}}.tend_archive(integer) TO {{role}};
