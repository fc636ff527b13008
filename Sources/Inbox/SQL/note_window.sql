-- Says how many days of ids an inbox needs. $1 inbox, $2 days.
INSERT INTO {{schema}}.inbox_window (inbox, days) VALUES ($1, $2)
ON CONFLICT (inbox) DO UPDATE SET days = excluded.days WHERE inbox_window.days <> excluded.days
