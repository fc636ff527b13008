-- Says how many days of ids an inbox needs, and since when it knows them: where it needs more than
-- before, those that are left, and where it noted none until now, none before. $1 inbox, $2 days,
-- $3 whether it notes ids.
INSERT INTO {{schema}}.inbox_window AS w (inbox, days, known_since)
VALUES ($1, $2, CASE WHEN NOT $3 THEN timestamptz 'infinity' END)
ON CONFLICT (inbox) DO UPDATE
SET days = excluded.days,
    known_since = CASE
        WHEN NOT $3 THEN 'infinity'
        WHEN w.known_since = 'infinity' THEN now()
        WHEN excluded.days > w.days
            THEN greatest(w.known_since, now() - w.days * interval '1 day')
        ELSE w.known_since
    END
WHERE w.days <> excluded.days OR $3 = (w.known_since IS NOT DISTINCT FROM 'infinity')
