GRANT SELECT, INSERT, UPDATE, DELETE ON {{schema}}.todo TO {{role}};
