import Inbox
import Messaging
import Telemetry
import TestKit
import Testing

/// P5: what a handler does to its own tables, and what is done to the handler.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxHandlerTests {
    @Test func `a missing partition of the service's own table is a refusal like any other`()
        async throws
    {
        try await withTestDatabase { database in
            try await expectFifthParked(
                database,
                """
                CREATE TABLE bank.inbox (n int) PARTITION BY RANGE (n);
                CREATE TABLE bank.inbox_low PARTITION OF bank.inbox FOR VALUES FROM (1) TO (5);
                CREATE TABLE bank.inbox_high PARTITION OF bank.inbox FOR VALUES FROM (6) TO (99);
                """,
                "INSERT INTO bank.inbox SELECT (postbox.body(m)->>'version')::int FROM unnest(messages) m;"
            )
        }
    }

    @Test func `a constraint that the handler puts off until the end names the message to blame`()
        async throws
    {
        try await withTestDatabase { database in
            try await expectFifthParked(
                database,
                """
                CREATE TABLE bank.branch AS SELECT n FROM generate_series(1, 10) n WHERE n <> 5;
                ALTER TABLE bank.branch ADD PRIMARY KEY (n);
                CREATE TABLE bank.entry (n int REFERENCES bank.branch DEFERRABLE);
                """,
                """
                SET CONSTRAINTS ALL DEFERRED;
                INSERT INTO bank.entry SELECT (postbox.body(m)->>'version')::int FROM unnest(messages) m;
                """
            )
        }
    }

    /// A handler with something to do of its own refuses number 5, and applies the others.
    private func expectFifthParked(
        _ database: TestDatabase,
        _ tables: String,
        _ body: String
    ) async throws {
        let fixture = try await InboxFixture(
            database,
            BrokerKind.builtIn.broker(),
            apply: .batchFunction(QualifiedName(schema: "bank", name: "on_own"))
        ) { $0.retry = RetryPolicy(maxAttempts: 1) }
        try await database.run(
            """
            \(tables)
            CREATE FUNCTION bank.on_own(messages postbox.message[]) RETURNS void
                LANGUAGE plpgsql AS $$
            BEGIN \(body) PERFORM bank.on_changes(messages); END $$;
            """
        )
        try await fixture.running { _ in
            try await fixture.write(1...10)
            try await fixture.expectApplied(9, total: 50)
            let dead = try await database.texts("SELECT message_id FROM postbox.inbox_dead_letter")
            #expect(dead == ["m5"])
        }
    }

    @Test func `what was committed is not given up because an attempt cannot be forgiven`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.retry = RetryPolicy(maxAttempts: 1)
            }
            try await database.run(
                """
                INSERT INTO bank.poison VALUES ('m5', 'refuse');
                CREATE SEQUENCE bank.refused;
                CREATE FUNCTION bank.refuse_once() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF nextval('bank.refused') = 1 THEN RAISE EXCEPTION 'not now'; END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER refuse_once BEFORE UPDATE ON postbox.attempt
                    FOR EACH ROW WHEN (NEW.tries = 0) EXECUTE FUNCTION bank.refuse_once();
                """
            )
            let recorder = LogRecorder()
            try await fixture.running(log: recorder.log()) { _ in
                try await fixture.write(1...10)
                try await fixture.expectApplied(9, total: 50)
                try await fixture.write(11...20)
                try await fixture.expectApplied(19, total: 205)
            }
            #expect(try await database.number("SELECT last_value FROM bank.refused") > 0)
            #expect(!recorder.lines.contains { $0.contains("begins anew") })
        }
    }

    @Test func `without its handler an inbox waits, and no message is to blame`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.retry = RetryPolicy(maxAttempts: 1)
            }
            try await fixture.running { engine in
                try await fixture.write(1...10)
                try await fixture.expectApplied(10)
                try await database.run("ALTER FUNCTION bank.on_changes RENAME TO away")
                try await fixture.write(11...20)
                #expect(await soon { engine.isWithoutHandler })
                try await database.run("ALTER FUNCTION bank.away RENAME TO on_changes")
                try await fixture.expectApplied(20)
            }
            let parked = "SELECT is_called::int FROM postbox.parked_message_id_seq"
            #expect(try await database.number(parked) == 0)
        }
    }

    @Test func `a message that is tried again without its handler has used no attempt`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.retry = RetryPolicy(maxAttempts: 1)
            }
            try await database.run("INSERT INTO bank.poison VALUES ('m5', 'refuse')")
            try await fixture.running { engine in
                try await fixture.write(1...10)
                try await fixture.expectApplied(9, total: 50)
                try await database.run(
                    "DELETE FROM bank.poison; ALTER FUNCTION bank.on_changes RENAME TO away"
                )
                try await fixture.retryDead()
                #expect(await soon { engine.isWithoutHandler })
                try await database.run("ALTER FUNCTION bank.away RENAME TO on_changes")
                try await fixture.expectApplied(10)
            }
        }
    }
}

extension InboxEngine {
    fileprivate var isWithoutHandler: Bool {
        status().lastError?.contains("the handler cannot be called") ?? false
    }
}
