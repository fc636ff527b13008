-- What the daemon's role needs where another one owns these tables.
GRANT USAGE ON SCHEMA {{schema}} TO {{role}};
GRANT SELECT, INSERT, UPDATE, DELETE ON {{schema}}.lane, {{schema}}.parked TO {{role}};
