import Kafka
import Messaging
import Outbox
import Postgres
import TestKit
import Testing

/// Rows that become visible long after others with higher ids, and many at once.
@Suite(.timeLimit(.minutes(5)), .mayBlock, .serialized)
struct OutboxLateTests {
    @Test(arguments: BrokerKind.available)
    func `many rows that commit late are read at once, before later rows of their keys`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, kind.broker())
            try await fixture.running {
                try await fixture.insert(1, keys: 1)
                let late = try LateTransaction(of: 50_000, to: fixture)
                try await fixture.insert(1, keys: 1)
                #expect(await fixture.reader.has(distinct: 2))
                try late.commit()
                // Later rows of the same keys, as long as the late ones are on their way.
                try await fixture.expectSoon {
                    try await fixture.insert(20)
                    return fixture.reader.distinctCount > 50_000
                }
                #expect(await fixture.reader.hasAll())
                try await fixture.expectEmptySoon()
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds && verdict.repeatCount == 0, "\(verdict)")
        }
    }

    @Test
    func `rows that commit while nothing is read are still read before later ones`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let fixture = try await OutboxFixture(database, broker)
            try await fixture.running {
                try await fixture.insert(1, keys: 1)
                let late = try LateTransaction(of: 500, to: fixture)
                try await fixture.insert(1, keys: 1)
                #expect(await fixture.reader.has(distinct: 2))
                try broker.goDown()
                // More than may be on their way.
                try await fixture.insert(20_000, keys: 1)
                try await fixture.expectSoon {
                    fixture.engine.status().first.map { $0.inFlight >= 12_000 } ?? false
                }
                try late.commit()
                try await fixture.expectLookAtWriters()
                try broker.comeBack()
                #expect(await fixture.reader.has(distinct: 12_000))
                try await fixture.insert(20)
                #expect(await fixture.reader.has(distinct: 20_522))
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds, "\(verdict)")
        }
    }

    @Test
    func `a prepared transaction is waited for over a restart of the server`() async throws {
        let server = try PostgresPrivateServer(settings: ["max_prepared_transactions": "10"])
        defer { server.remove() }
        try await withTestDatabase(on: server) { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await fixture.running {
                try await fixture.insert(1, keys: 1)
                let late = try LateTransaction(of: 500, to: fixture)
                try await fixture.insert(1, keys: 1)
                #expect(await fixture.reader.has(distinct: 2))
                try await fixture.expectLookAtWriters()
                try late.prepare("late")
                await database.connection.disconnect()
                try server.restart(.fast)
                try await fixture.insert(1, keys: 1)
                #expect(await fixture.reader.has(distinct: 3))
                try await fixture.expectLookAtWriters()
                try await database.run("COMMIT PREPARED 'late'")
                try await fixture.insert(20)
                #expect(await fixture.reader.has(distinct: 523))
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds, "\(verdict)")
        }
    }
}
