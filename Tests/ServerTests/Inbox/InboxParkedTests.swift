import Inbox
import Messaging
import TestKit
import Testing

/// P3 and P5: what is parked comes out again in the order of its key, whatever happens meanwhile.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxParkedTests {
    @Test func `what is parked of one batch keeps its order, whatever it is parked for`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 1
            ) { $0.retry = RetryPolicy(maxAttempts: 1) }
            try await database.run("INSERT INTO bank.poison VALUES ('m1', 'refuse')")
            // One batch: the first is refused, the second has no id, the third waits behind them.
            try await fixture.write(1...3, keys: 1, id: "CASE WHEN n <> 2 THEN 'm' || n END")
            try await fixture.running { _ in
                let parked = "SELECT \"offset\" FROM postbox.parked_message ORDER BY id"
                #expect(try await soon { try await database.texts(parked).count == 3 })
                #expect(try await database.texts(parked) == ["0", "1", "2"])
                try await database.run("DELETE FROM bank.poison")
                try await fixture.retryDead()
                try await fixture.expectApplied(3)
            }
        }
    }

    @Test func `a retry that is asked for during the last attempt is made`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                apply: .function(QualifiedName(schema: "bank", name: "on_gate"))
            ) { $0.retry = RetryPolicy(maxAttempts: 1) }
            try await database.run(Self.gate)
            try await database.run("INSERT INTO bank.poison VALUES ('m2', 'refuse')")
            let desk = InboxDesk(
                definition: fixture.definition,
                database: try database.target(applicationName: "desk")
            )
            try await fixture.running { _ in
                try await fixture.write(1...3)
                let dead = "SELECT count(*) FROM postbox.inbox_dead_letter"
                #expect(try await soon { try await database.number(dead) == 1 })
                try await database.run("SELECT pg_advisory_lock(41)")
                _ = try desk.retry(DeadLetterSelection(limit: .max))
                #expect(try await soon { try await fixture.waiting("postbox") == 1 })
                // The handler knows already that it will refuse it.
                try await database.run("DELETE FROM bank.poison")
                async let asked = desk.retry(DeadLetterSelection(states: nil, limit: .max))
                #expect(try await soon { try await fixture.waiting("desk") == 1 })
                try await database.run("SELECT pg_advisory_unlock(41)")
                #expect(try await asked == 1)
                try await fixture.expectApplied(3)
            }
        }
    }

    /// A handler that has made up its mind before it waits at a gate.
    private static let gate = """
        CREATE FUNCTION bank.on_gate(m postbox.message) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            refuses boolean := EXISTS (SELECT FROM bank.poison WHERE message_id = m.message_id);
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(41);
            IF refuses THEN RAISE EXCEPTION 'refused'; END IF;
            PERFORM bank.on_change(m);
        END $$;
        """

    @Test func `followers of a message that was applied go on, though nothing else comes`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 1
            )
            // The first one was late, and holds nobody.
            try await fixture.park([("dead", false), ("dead", true), ("held", true)])
            try await fixture.running { engine in
                #expect(await soon { engine.status().state == .consuming })
                try await database.run(
                    """
                    UPDATE postbox.parked_message SET state = 'retrying', retry_at = now()
                    WHERE state = 'dead' AND holds
                    """
                )
                try await fixture.expectApplied(2, total: 2 + 3)
            }
        }
    }

    @Test func `who is held behind nobody goes on after a start, though nothing else comes`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                partitions: 1
            )
            try await fixture.park([("held", true), ("held", true)])
            try await fixture.running { _ in try await fixture.expectApplied(2) }
        }
    }
}

extension InboxFixture {
    /// Parks messages of one key, as an earlier run might have left them.
    fileprivate func park(_ messages: [(state: String, holds: Bool)]) async throws {
        for (place, message) in messages.enumerated() {
            try await database.run(
                """
                INSERT INTO postbox.parked_message (
                    inbox, topic, partition, "offset", key, key_hash, payload, state, holds)
                VALUES ('accounts', '\(topic)', 0, \(place), 'k', 1,
                    '{"amount": \(place + 1), "version": \(place + 1)}', '\(message.state)',
                    \(message.holds))
                """
            )
        }
    }

    /// How many sessions of that name wait for a lock.
    fileprivate func waiting(_ application: String) async throws -> Int64 {
        try await database.number(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = '\(application)'
                AND wait_event_type = 'Lock'
            """
        )
    }
}
