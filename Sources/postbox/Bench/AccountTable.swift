import Postgres

/// The business table of the benchmark, what applies messages to it, and what it must come to.
final class AccountTable {
    let session: PostgresSession

    /// The table that both write to, where an amount is a payload's size, and the floor's own.
    static let schema = """
        CREATE SCHEMA bench;
        CREATE TABLE bench.account (
            key text PRIMARY KEY,
            messages bigint NOT NULL,
            amount bigint NOT NULL
        ) WITH (fillfactor = 50);
        CREATE TABLE bench.seen (message_id text COLLATE "C" PRIMARY KEY);
        CREATE TABLE bench.floor_position (
            partition integer PRIMARY KEY,
            next_offset bigint NOT NULL
        ) WITH (fillfactor = 50);
        """

    /// The same statement as the floor's, over the messages that are new.
    static let handlers = """
        CREATE FUNCTION bench.on_accounts(messages postbox.message[]) RETURNS void
        LANGUAGE sql AS $$
            INSERT INTO bench.account AS a (key, messages, amount)
            SELECT m.key, count(*), sum(octet_length(m.payload))
            FROM unnest(messages) AS m
            GROUP BY m.key
            ON CONFLICT (key) DO UPDATE
            SET messages = a.messages + excluded.messages, amount = a.amount + excluded.amount
        $$;
        CREATE FUNCTION bench.on_account(m postbox.message) RETURNS void
        LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO bench.account AS a (key, messages, amount)
            VALUES (m.key, 1, octet_length(m.payload))
            ON CONFLICT (key) DO UPDATE
            SET messages = a.messages + 1, amount = a.amount + excluded.amount;
        END
        $$;
        """

    /// Keys whose account is not what it must be.
    ///
    /// $1: different messages, $2: keys, $3: bytes, $4: spread.
    private static let countWrong = """
        WITH expected AS (
            SELECT 'account-' || number % $2 AS key, count(*) AS messages,
                sum($3 - $4 + number * 7919 % (2 * $4 + 1)) AS amount
            FROM generate_series(0, $1 - 1) AS number
            GROUP BY 1
        )
        SELECT count(*)
        FROM expected FULL JOIN bench.account AS a USING (key)
        WHERE (a.messages, a.amount) IS DISTINCT FROM (expected.messages, expected.amount)
        """

    init(_ session: PostgresSession) {
        self.session = session
        session.requestTimeout = .seconds(600)
    }

    /// Forgets every message, and what came of it.
    func empty() throws {
        try session.run(
            """
            TRUNCATE bench.account, bench.seen, bench.floor_position;
            TRUNCATE postbox.position, postbox.inbox, postbox.attempt, postbox.parked_message;
            CHECKPOINT;
            ANALYZE bench.account, bench.seen
            """
        )
    }

    /// Forgets how far everybody has read, but not what they have seen.
    func rewind() throws {
        try session.run(
            """
            TRUNCATE bench.floor_position, postbox.position, postbox.attempt;
            CHECKPOINT
            """
        )
    }

    /// How many messages are behind the floor.
    func floorProgress() throws -> Int {
        try session.query("SELECT coalesce(sum(next_offset), 0)::bigint FROM bench.floor_position")
            .int(0, 0)
    }

    /// How many messages are behind every lane of the inbox.
    func inboxProgress() throws -> Int {
        try session.query(
            """
            SELECT coalesce(sum(reached), 0)::bigint
            FROM (
                SELECT min(next_offset) AS reached FROM postbox.position GROUP BY topic, partition
            ) AS lane
            """
        ).int(0, 0)
    }

    func countWrongAccounts(distinct: Int, bytes: Int) throws -> Int {
        try session.query(
            Self.countWrong,
            [
                .int8(Int64(distinct)), .int8(Int64(InboxBenchOptions.keys)), .int8(Int64(bytes)),
                .int8(Int64(InboxBenchOptions.spread)),
            ]
        ).int(0, 0)
    }
}
