/// A receiving service that would notice a message applied twice, or before an earlier one of its key.
package enum AccountService {
    /// Its tables and handlers, `bank.on_change` and `bank.on_changes`.
    ///
    /// What stands in `bank.poison` is refused, ends its session, crashes the server's process, is busy,
    /// or waits.
    package static let schema = """
        CREATE SCHEMA bank;
        CREATE TABLE bank.account (
            key text PRIMARY KEY, total bigint NOT NULL, version bigint NOT NULL,
            applied bigint NOT NULL, swapped bigint NOT NULL DEFAULT 0);
        CREATE SEQUENCE bank.busy; CREATE SEQUENCE bank.waiting;
        CREATE TABLE bank.poison (message_id text PRIMARY KEY, action text);
        CREATE FUNCTION bank.on_change(m postbox.message) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            body jsonb := postbox.body(m);
            what text := (SELECT action FROM bank.poison WHERE message_id = m.message_id);
        BEGIN
            IF what = 'refuse' THEN RAISE EXCEPTION 'refused'; END IF;
            IF what = 'end' THEN PERFORM pg_terminate_backend(pg_backend_pid(), 5000); END IF;
            IF what = 'crash' THEN COPY (SELECT 1) TO PROGRAM 'kill -SEGV $PPID'; END IF;
            IF what = 'retry' THEN PERFORM nextval('bank.busy'); RAISE EXCEPTION 'busy' USING ERRCODE = '40001'; END IF;
            IF what = 'wait' THEN PERFORM nextval('bank.waiting'); PERFORM pg_sleep(20); END IF;
            INSERT INTO bank.account AS a (key, total, version, applied)
            VALUES (m.key, (body->>'amount')::bigint, (body->>'version')::bigint, 1)
            ON CONFLICT (key) DO UPDATE
            SET total = a.total + excluded.total, applied = a.applied + 1,
                swapped = a.swapped + (excluded.version <= a.version)::int,
                version = excluded.version;
        END $$;
        CREATE FUNCTION bank.on_changes(messages postbox.message[]) RETURNS void
            LANGUAGE plpgsql AS $$
        DECLARE m postbox.message;
        BEGIN
            FOREACH m IN ARRAY messages LOOP PERFORM bank.on_change(m); END LOOP;
        END $$;
        """

    /// How many messages were applied, their sum, and how many came before an earlier one.
    package static let facts = """
        SELECT concat_ws(' ', coalesce(sum(applied), 0), coalesce(sum(total), 0),
            coalesce(sum(swapped), 0)) FROM bank.account
        """

    package static let applied = "SELECT coalesce(sum(applied), 0) FROM bank.account"

    /// The facts when so many messages were each applied once and in order.
    package static func expected(_ count: Int) -> String { "\(count) \(count * (count + 1) / 2) 0" }
}
