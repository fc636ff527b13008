import Kafka
import Messaging
import Outbox
import Postgres
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxFlowTests {
    @Test(arguments: BrokerKind.available)
    func `a committed row reaches Kafka and is gone from the table`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, kind.broker())
            try await fixture.running {
                try await fixture.insert(10)
                #expect(await fixture.reader.has(distinct: 10))
                try await fixture.expectEmptySoon()
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds && verdict.repeatCount == 0, "\(verdict)")
        }
    }

    @Test(arguments: BrokerKind.available)
    func `a backlog is published whole and in order`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, kind.broker())
            try await database.run("ANALYZE postbox.outbox")
            try await fixture.insert(30_000, keys: 500)
            try await fixture.running {
                #expect(await fixture.reader.has(distinct: 30_000))
                try await fixture.expectEmptySoon()
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds && verdict.repeatCount == 0, "\(verdict)")
        }
    }

    @Test
    func `a delayed message is published when it is due`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await fixture.running {
                try await fixture.insert(5)
                try await database.run(
                    """
                    INSERT INTO postbox.outbox (topic, key, payload, available_at)
                    VALUES ('\(fixture.topic)', 'k', 'x', now() + interval '700 milliseconds'),
                        ('\(fixture.topic)', 'k', 'x', now() + interval '1 hour')
                    """
                )
                try await fixture.insert(5)
                #expect(await fixture.reader.has(distinct: 11))
                let left = try await database.number("SELECT count(*) FROM postbox.outbox")
                #expect(left >= 1)
                try await fixture.expectSoon {
                    try await database.number("SELECT count(*) FROM postbox.outbox") == 1
                }
            }
        }
    }

    @Test
    func `acknowledged rows are moved to the archive`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.settle = .archive(retain: .seconds(86_400))
            }
            try await fixture.running {
                try await fixture.insert(200)
                #expect(await fixture.reader.has(distinct: 200))
                try await fixture.expectEmptySoon()
            }
            let archived = try await database.number(
                "SELECT count(DISTINCT (partition, \"offset\")) FROM postbox.delivered"
            )
            #expect(archived == 200)
            let byDay = try await database.number(
                "SELECT count(*) FROM postbox.delivered_default"
            )
            #expect(byDay == 0)
        }
    }

    @Test
    func `lanes share the keys and publish everything`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.lanes = 3
            }
            try await fixture.running {
                for _ in 0..<20 { try await fixture.insert(100, keys: 50) }
                #expect(await fixture.reader.has(distinct: 2000))
                try await fixture.expectEmptySoon()
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds && verdict.repeatCount == 0, "\(verdict)")
        }
    }

    /// Each lane passes over the ids of the others, so its gaps are coarse.
    @Test
    func `lanes publish a backlog once`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.lanes = 3
            }
            try await fixture.insert(60_000, keys: 500)
            try await fixture.running {
                #expect(await fixture.reader.has(distinct: 60_000))
                try await fixture.expectEmptySoon()
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds && verdict.repeatCount == 0, "\(verdict)")
        }
    }
}
