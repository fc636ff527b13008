-- What the daemon's role needs where another one owns these tables.
GRANT USAGE ON SCHEMA {{schema}} TO {{role}};
GRANT SELECT, INSERT, UPDATE, DELETE ON
    {{schema}}.position, {{schema}}.inbox, {{schema}}.inbox_window, {{schema}}.attempt,
    {{schema}}.parked_message
    TO {{role}};
GRANT EXECUTE ON FUNCTION {{schema}}.tend_inbox_days(integer) TO {{role}};
