import Kafka
import Messaging
import Outbox
import Postgres
import TestKit
import Testing

/// Rows that are not read in their turn: delayed ones, and those that only a sweep finds.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxDelayTests {
    @Test
    func `large delayed rows are published when they are due, and small ones beside them`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await fixture.running {
                try await fixture.insert(5)
                try await database.run(
                    """
                    INSERT INTO postbox.outbox (topic, key, payload, available_at)
                    SELECT '\(fixture.topic)', 'd' || i,
                        CASE WHEN i % 2 = 1 THEN repeat('x', 100000)::bytea ELSE 'x' END,
                        now() + interval '300 milliseconds'
                    FROM generate_series(1, 60) AS i
                    """
                )
                try await fixture.insert(5)
                #expect(await fixture.reader.has(distinct: 70))
                try await fixture.expectEmptySoon()
            }
        }
    }

    @Test(arguments: [1, 3])
    func `thousands of delayed rows keep nobody waiting, though a transaction stays open`(
        lanes: Int
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.lanes = lanes
            }
            try await fixture.running {
                try await fixture.insert(300)
                let late = try LateTransaction(of: 10, to: fixture)
                // Every second id is left out, so that there are too many gaps to know each.
                try await database.run(
                    """
                    SELECT setval('postbox.outbox_id_seq', 1000);
                    INSERT INTO postbox.outbox (id, topic, key, payload, available_at)
                    OVERRIDING SYSTEM VALUE
                    SELECT 1000 + 2 * i, '\(fixture.topic)', 'd' || i, 'x', now() + interval '1 day'
                    FROM generate_series(1, 40000) AS i;
                    SELECT setval('postbox.outbox_id_seq', 100000)
                    """
                )
                for round in 1...5 {
                    try await fixture.insert(100)
                    #expect(await fixture.reader.has(distinct: 300 + round * 100))
                }
                try late.commit()
                #expect(await fixture.reader.has(distinct: 810))
                try await database.run(
                    "UPDATE postbox.outbox SET available_at = now() WHERE id % 100 = 0"
                )
                #expect(await fixture.reader.has(distinct: 1_610))
            }
        }
    }

    @Test
    func `a row that commits late and delayed is published when it is due`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await fixture.running {
                let late = try LateTransaction(
                    of: 10,
                    to: fixture,
                    availableAt: "clock_timestamp() + interval '4 seconds'"
                )
                try await fixture.insert(10, keys: 1)
                #expect(await fixture.reader.has(distinct: 10))
                try late.commit()
                #expect(await fixture.reader.has(distinct: 20))
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds, "\(verdict)")
        }
    }

    @Test
    func `what a sweep finds is read whole, large rows too`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await fixture.running {
                try await database.run("SELECT setval('postbox.outbox_id_seq', 100000)")
                try await fixture.insert(10)
                #expect(await fixture.reader.has(distinct: 10))
                try await fixture.expectNoGapsSoon()
                // Ids that were drawn before their transaction began to write.
                try await database.run(
                    """
                    INSERT INTO postbox.outbox (id, topic, key, payload) OVERRIDING SYSTEM VALUE
                    SELECT i, '\(fixture.topic)', 'k' || i % 20,
                        CASE WHEN i % 5000 = 7 THEN repeat('x', 100000)::bytea ELSE 'x' END
                    FROM generate_series(1, 20000) AS i
                    """
                )
                let arrived = await fixture.reader.has(distinct: 20_010)
                #expect(arrived)
            }
        }
    }
}
