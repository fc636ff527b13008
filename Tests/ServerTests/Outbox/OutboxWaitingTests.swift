import Kafka
import Messaging
import Postgres
import Telemetry
import TestKit
import Testing
import Threads

@testable import Outbox

/// Messages that wait for others of their key: as long as there are such, and no longer.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxWaitingTests {
    @Test func `what is held behind nobody goes on, and its key with it`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            // As if the one before had been published or discarded while they were parked.
            try await database.run(
                """
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(fixture.topic)', 'k' || n % 6, 'x' FROM generate_series(1, 12) AS n;
                INSERT INTO postbox.parked (outbox, id, topic, key, payload, state)
                SELECT 'shop', id, topic, key, payload, 'held' FROM postbox.outbox;
                DELETE FROM postbox.outbox;
                -- More keys than are looked through at once.
                INSERT INTO postbox.parked (outbox, id, topic, key, payload, state)
                SELECT 'shop', -n, '\(fixture.topic)', 'dead' || n, 'x', 'dead'
                FROM generate_series(1, 1200) AS n
                """
            )
            fixture.reader.noteCommitted((1...12).map { (id: $0, key: "k\($0 % 6)") })
            try await fixture.running {
                try await fixture.insert(20, keys: 6)
                #expect(await fixture.reader.hasAll())
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM postbox.parked") == 1200
                }
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds, "\(verdict)")
        }
    }

    @Test func `what is parked after something that could not be parked waits for it`() async throws
    {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.retry = RetryPolicy(maxAttempts: 1)
            }
            let refused = try await fixture.insert(1, keys: 1, topic: "not a topic!")[0]
            // More than one read brings.
            try await fixture.insert(8_000, keys: 1)
            let other = try PostgresSession(connectingTo: database.target(), within: patience)
            try other.run("BEGIN; SELECT FROM postbox.outbox WHERE id = \(refused) FOR UPDATE")
            let waiting = """
                SELECT pid FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            try await fixture.running {
                var ended: Set<String?> = []
                // The settlement fails as often as it is tried.
                for _ in 1...3 {
                    var pid: String?
                    try await fixture.expectSoon {
                        pid = try await database.texts(waiting).first ?? nil
                        return pid != nil && !ended.contains(pid)
                    }
                    ended.insert(pid)
                    try await database.run("SELECT pg_cancel_backend(\(pid ?? "NULL"))")
                }
                #expect(try await database.number("SELECT count(*) FROM postbox.parked") == 0)
                try other.run("COMMIT")
                let held = "SELECT count(*) FROM postbox.parked WHERE state = 'held'"
                try await fixture.expectSoon { try await database.number(held) == 8_000 }
                #expect(fixture.reader.distinctCount == 0)
            }
        }
    }

    @Test func `keys that are to be freed do not keep a refused row from being found`() async throws
    {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            let runtime = OutboxRuntime(
                definition: fixture.definition,
                instance: "test",
                database: try database.target(),
                kafka: KafkaConfiguration(fixture.broker.cluster),
                lease: .seconds(60),
                memory: .mebibytes(16),
                log: .silent
            )
            let link = LaneLink(outbox: "shop", lane: 0)
            let sessions = try LaneSessions(runtime, link: link)
            let pipeline = try LanePipeline(runtime, link: link, epoch: 1, sessions)
            pipeline.schedule.freeingSince = .now + .seconds(-1)
            #expect(!pipeline.canRead)
            pipeline.carefulUpTo = 5
            #expect(pipeline.canRead)
        }
    }

    @Test func `keys that wait since another policy go on waiting after a stop`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.onFailure = .stop
                $0.retry = RetryPolicy(maxAttempts: 2, first: .milliseconds(1))
            }
            try await database.run(
                """
                INSERT INTO postbox.parked (outbox, id, topic, key, payload, state)
                VALUES ('shop', 0, '\(fixture.topic)', 'k0', 'x', 'dead');
                INSERT INTO postbox.outbox (topic, key, payload) VALUES ('not a topic!', 'bad', 'x')
                """
            )
            try await fixture.running {
                try await fixture.expectSoon {
                    fixture.engine.status().first?.state == .stopped
                }
                try await database.run(
                    """
                    UPDATE postbox.outbox SET topic = '\(fixture.topic)';
                    INSERT INTO postbox.outbox (topic, key, payload)
                    VALUES ('\(fixture.topic)', 'k0', 'behind'), ('\(fixture.topic)', 'k9', 'x')
                    """
                )
                #expect(await fixture.reader.has(distinct: 2))
                #expect(try await database.texts("SELECT key FROM postbox.outbox") == ["k0"])
            }
        }
    }
}
