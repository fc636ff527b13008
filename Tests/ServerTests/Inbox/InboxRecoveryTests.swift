import Inbox
import Kafka
import Messaging
import Postgres
import Telemetry
import TestKit
import Testing
import Threads

/// What came between is over, and nothing of it stays.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxRecoveryTests {
    @Test
    func `an idle inbox forgets a short outage of the database`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker())
            let recorder = LogRecorder()
            try await fixture.running(log: recorder.log(), patience: .seconds(10)) { _ in
                try await fixture.write(1...100)
                try await fixture.expectApplied(100)
                try await fixture.endSessions()
                let isLost = await soon {
                    recorder.lines.contains { $0.contains("lost the database") }
                }
                let hasLeft = await soon(within: .seconds(14)) {
                    recorder.lines.contains { $0.contains("gave the partitions up") }
                }
                #expect(isLost && !hasLeft)
                try await fixture.write(101...200)
                try await fixture.expectApplied(200)
            }
        }
    }

    @Test
    func `who gives up because a lane is stuck does not wait for it`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker())
            try await database.run("INSERT INTO bank.poison VALUES ('m5', 'retry')")
            let recorder = LogRecorder()
            try await fixture.running(log: recorder.log(), patience: .seconds(1)) { _ in
                try await fixture.write(1...10)
                let hasLeft = await soon {
                    recorder.lines.contains { $0.contains("gave partitions up") }
                }
                #expect(hasLeft)
                try await database.run("DELETE FROM bank.poison")
                try await fixture.expectApplied(10)
            }
            // Eight tries within the patience, and ten more in the time that applying is waited for.
            let before = recorder.lines.prefix { !$0.contains("gave partitions up") }
            let tries = before.count { $0.contains("the batch is tried again") }
            #expect(tries < 14, "\(tries) tries")
        }
    }

    @Test
    func `a message is not held by one that has gone`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.retry = RetryPolicy(maxAttempts: 1)
            }
            try await database.run("INSERT INTO bank.poison VALUES ('m1', 'refuse')")
            try await fixture.running { _ in
                try await fixture.write(1...10, keys: 2)
                let held = "SELECT count(*) FROM postbox.parked_message WHERE state = 'held'"
                #expect(try await soon { try await database.number(held) == 4 })
                // As if it had been discarded just before the others came.
                try await database.run("DELETE FROM postbox.parked_message WHERE state = 'dead'")
                try await fixture.expectApplied(9, total: 54)
                try await fixture.write(11...20, keys: 2)
                try await fixture.expectApplied(19, total: 209)
            }
        }
    }

    @Test(arguments: BrokerKind.available)
    func `a reader without a partition is a standby`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, kind.broker(), partitions: 1)
            let engines = [try fixture.engine(instance: "a"), try fixture.engine(instance: "b")]
            async let first: Void = engines[0].run()
            async let second: Void = engines[1].run()
            let expected: Set<InboxStatus.State> = [.consuming, .standby]
            let isShared = await soon { Set(engines.map { $0.status().state }) == expected }
            #expect(isShared, "\(engines.map { $0.status().state })")
            for engine in engines { engine.stop(grace: .seconds(20)) }
            _ = await (first, second)
        }
    }

    @Test(arguments: [FailurePolicy.hold, .skip])
    func `a message that crashes PostgreSQL is isolated after two tries`(
        policy: FailurePolicy
    ) async throws {
        let server = try PostgresPrivateServer(settings: ["fsync": "off"])
        defer { server.remove() }
        try await withTestDatabase(on: server) { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.onFailure = policy
            }
            try await database.run("INSERT INTO bank.poison VALUES ('m50', 'crash')")
            await database.connection.disconnect()
            try await fixture.running { _ in
                try await fixture.write(1...100, keys: 10)
                let dead = "SELECT count(*) FROM postbox.inbox_dead_letter"
                // PostgreSQL recovers four times.
                let isFound = await soon(within: .seconds(200)) {
                    (try? await database.number(dead)) == 1
                }
                #expect(isFound)
                let behind = (60...100).filter { $0 % 10 == 0 }.reduce(0, +)
                let sum = 100 * 101 / 2 - 50 - (policy == .hold ? behind : 0)
                try await fixture.expectApplied(policy == .hold ? 94 : 99, total: sum)
            }
        }
    }

    @Test
    func `a handler that is slow with each message is to blame for none`() async throws {
        try await withTestDatabase { database in
            let slow = ApplyRule.function(QualifiedName(schema: "bank", name: "on_slow"))
            let fixture = try await InboxFixture(
                database,
                BrokerKind.builtIn.broker(),
                apply: slow
            ) {
                $0.retry = RetryPolicy(maxAttempts: 1)
                $0.statementTimeout = .seconds(4)
            }
            try await database.run(
                """
                CREATE TABLE bank.turn (id xid8 DEFAULT pg_current_xact_id());
                CREATE FUNCTION bank.on_slow(m postbox.message) RETURNS void LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO bank.turn DEFAULT VALUES;
                    PERFORM pg_sleep(0.08), bank.on_change(m);
                END $$
                """
            )
            try await fixture.running { _ in
                try await fixture.write(1...150)
                try await fixture.expectApplied(150)
            }
            let parked = "SELECT is_called::int FROM postbox.parked_message_id_seq"
            #expect(try await database.number(parked) == 0)
            // Not more in one transaction than there is time for.
            let most = "SELECT max(n) FROM (SELECT count(*) AS n FROM bank.turn GROUP BY id) AS t"
            #expect(try await database.number(most) <= 50)
        }
    }
}
