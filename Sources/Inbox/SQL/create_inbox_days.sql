-- Makes the days that ids are noted by, from the longest window's first to `ahead` days from today,
-- and drops those before, by the database's date. Call it in a transaction of its own, as often as
-- you like. Runs as the owner of the tables, which the daemon need not be. Lock: a day is dropped
-- under a short exclusive lock on the table `inbox`, or, while that is busy, the next time.
CREATE OR REPLACE FUNCTION {{schema}}.tend_inbox_days(ahead integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s'
    AS $$
DECLARE
    home  CONSTANT text := {{schema_literal}};
    today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
    longest integer;
    oldest  date;
    missing date[];
    past    text[];
    day     date;
    name    text;
BEGIN
    SELECT max(w.days) INTO longest FROM {{schema}}.inbox_window AS w;
    oldest := today - coalesce(longest, 0) - 1;
    FOR round IN 1..2 LOOP
        SELECT array_agg(d::date ORDER BY d) INTO missing
        FROM generate_series(oldest, today + least(ahead, 60), interval '1 day') AS d
        WHERE NOT EXISTS (
            -- Not to_regclass(), which may not know yet what another session has just made.
            SELECT 1
            FROM pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = home AND c.relname = 'inbox_' || to_char(d, 'YYYYMMDD'));
        -- Without a window nobody has said yet what may be forgotten.
        SELECT array_agg(c.relname ORDER BY c.relname) INTO past
        FROM pg_inherits AS i
        JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass(format('%I.inbox', home)) AND c.relname ~ '^inbox_[0-9]{8}$'
            AND to_date(right(c.relname, 8), 'YYYYMMDD') < oldest AND longest IS NOT NULL;
        IF missing IS NULL AND past IS NULL THEN RETURN; END IF;
        -- Order: one at a time; who comes second looks again, and finds the work done.
        IF round = 1 THEN
            PERFORM pg_advisory_xact_lock(hashtextextended(home || '.tend_inbox_days', 0));
        END IF;
    END LOOP;
    FOREACH day IN ARRAY coalesce(missing, '{}') LOOP
        name := 'inbox_' || to_char(day, 'YYYYMMDD');
        -- Attached rather than made in place, which would lock out the readers.
        EXECUTE format('CREATE TABLE %I.%I (LIKE %I.inbox INCLUDING CONSTRAINTS INCLUDING INDEXES)',
            home, name, home);
        EXECUTE format('ALTER TABLE %I.inbox ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
            home, home, name, day, day + 1);
    END LOOP;
    PERFORM set_config('lock_timeout', '200ms', true);
    FOREACH name IN ARRAY coalesce(past, '{}') LOOP
        BEGIN
            EXECUTE format('DROP TABLE %I.%I', home, name);
        EXCEPTION WHEN lock_not_available THEN
            RETURN;
        END;
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION {{schema}}.tend_inbox_days(integer) FROM PUBLIC;
