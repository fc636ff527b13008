-- What was delivered, by day. Postbox makes the days ahead and drops those past their time.
CREATE TABLE IF NOT EXISTS {{schema}}.delivered (
    outbox       text        NOT NULL,
    id           bigint      NOT NULL,
    message_id   text,
    topic        text,
    key          text,
    type         text,
    payload      bytea,
    headers      jsonb,
    created_at   timestamptz,
    partition    integer     NOT NULL,
    "offset"     bigint      NOT NULL,
    delivered_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (delivered_at);
CREATE TABLE IF NOT EXISTS {{schema}}.delivered_default
    PARTITION OF {{schema}}.delivered DEFAULT;

-- Drops the archive's days whose time is over, and makes those ahead, by the database's date. A day
-- that cannot be made, because rows of it are in the default partition already, stays there. Runs
-- as the owner of the tables, which the daemon need not be. Lock: a short exclusive one on the
-- archive for each day made or dropped.
CREATE OR REPLACE FUNCTION {{schema}}.tend_archive(days integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept CONSTANT integer := greatest(days, 1);
    day date;
    old record;
BEGIN
    FOR old IN
        SELECT c.relname
        FROM pg_catalog.pg_inherits AS i
        JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass(format('%I.delivered', {{schema_literal}}))
            AND c.relname ~ '^delivered_[0-9]{8}$'
            AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 + kept <= current_date
    LOOP
        EXECUTE format('DROP TABLE %I.%I', {{schema_literal}}, old.relname);
    END LOOP;
    DELETE FROM {{schema}}.delivered_default WHERE delivered_at < current_date - kept;
    FOR day IN SELECT d::date FROM generate_series(
        current_date::timestamp, current_date::timestamp + interval '2 days', interval '1 day') AS d
    LOOP
        CONTINUE WHEN to_regclass(
            format('%I.%I', {{schema_literal}}, 'delivered_' || to_char(day, 'YYYYMMDD'))) IS NOT NULL;
        BEGIN
            EXECUTE format(
                'CREATE TABLE %I.%I PARTITION OF %I.delivered FOR VALUES FROM (%L) TO (%L)',
                {{schema_literal}}, 'delivered_' || to_char(day, 'YYYYMMDD'), {{schema_literal}},
                day, day + 1);
        EXCEPTION WHEN check_violation OR invalid_object_definition THEN
            RAISE WARNING 'no day % in the archive: %', day, sqlerrm;
        END;
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION {{schema}}.tend_archive(integer) FROM PUBLIC;
