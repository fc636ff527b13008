-- Makes the archive's days ahead and drops those whose time is over, by the database's date.
-- Placeholders: days to keep. Lock: a short exclusive one on the archive for each day made or
-- dropped.
DO $$
DECLARE
    day date;
    old record;
BEGIN
    FOR day IN SELECT d::date FROM generate_series(
        current_date::timestamp, current_date::timestamp + interval '2 days', interval '1 day') AS d
    LOOP
        IF to_regclass(format('%I.%I', {{schema_literal}}, 'delivered_' || to_char(day, 'YYYYMMDD')))
            IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I.%I PARTITION OF %I.delivered FOR VALUES FROM (%L) TO (%L)',
                {{schema_literal}}, 'delivered_' || to_char(day, 'YYYYMMDD'), {{schema_literal}},
                day, day + 1);
        END IF;
    END LOOP;
    FOR old IN
        SELECT c.relname
        FROM pg_catalog.pg_inherits AS i
        JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass(format('%I.delivered', {{schema_literal}}))
            AND c.relname ~ '^delivered_[0-9]{8}$'
            AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 + {{days}} <= current_date
    LOOP
        EXECUTE format('DROP TABLE %I.%I', {{schema_literal}}, old.relname);
    END LOOP;
END
$$
