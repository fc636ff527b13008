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

-- Makes the archive's days ahead and drops those whose time is over, by the database's date. Runs
-- as the owner of the tables, which the daemon need not be. Lock: a short exclusive one on the
-- archive for each day made or dropped.
CREATE OR REPLACE FUNCTION {{schema}}.tend_archive(days integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
            AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 + greatest(days, 1) <= current_date
    LOOP
        EXECUTE format('DROP TABLE %I.%I', {{schema_literal}}, old.relname);
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION {{schema}}.tend_archive(integer) FROM PUBLIC;
