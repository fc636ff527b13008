import Kafka
import Messaging
import Postgres
import TestKit
import Testing
import Threads

@testable import Outbox

/// Who works on which lane, and with what.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxLanesTests {
    @Test func `nobody owns a key twice while instances count their lanes differently`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            var definition = fixture.definition
            definition.lanes = 3
            let wider = try OutboxFixture.engine(
                definition,
                database,
                fixture.broker,
                instance: "wider"
            )
            defer { wider.stop(grace: .zero) }
            let life = try await fixture.running {
                try await fixture.insert(300)
                #expect(await fixture.reader.has(distinct: 300))
                let life = Task { await wider.run() }
                try await fixture.expectSoon {
                    wider.status().allSatisfy { $0.state == .standby }
                }
                try await fixture.insert(300)
                #expect(await fixture.reader.has(distinct: 600))
                let owners = "SELECT DISTINCT owner FROM postbox.lane WHERE owner IS NOT NULL"
                #expect(try await database.texts(owners) == ["test"])
                return life
            }
            try await fixture.insert(300)
            #expect(await fixture.reader.has(distinct: 900))
            wider.stop(grace: .seconds(20))
            await life.value
            let verdict = fixture.reader.finish()
            #expect(verdict.holds && verdict.repeatCount == 0, "\(verdict)")
        }
    }

    @Test func `an answer to an old epoch does not end a newer lease`() {
        let link = LaneLink(outbox: "shop", lane: 0)
        link.set(LaneLease(epoch: 2, deadline: .now + .seconds(60)))
        link.lose(1)
        #expect(link.holds(2))
        link.lose(2)
        #expect(!link.holds(2))
    }

    @Test func `a table whose columns change under a lane is read as it is then`() async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, BrokerKind.builtIn.broker())
            try await fixture.running {
                try await fixture.insert(100)
                #expect(await fixture.reader.has(distinct: 100))
                try await database.run("ALTER TABLE postbox.outbox ALTER headers TYPE json")
                try await fixture.insert(100)
                #expect(await fixture.reader.has(distinct: 200))
                try await database.run("ALTER TABLE postbox.outbox ALTER headers TYPE jsonb")
                try await fixture.insert(100)
                #expect(await fixture.reader.has(distinct: 300))
                try await fixture.expectEmptySoon()
                #expect(try await database.number("SELECT count(*) FROM postbox.parked") == 0)
            }
            let verdict = fixture.reader.finish()
            #expect(verdict.holds, "\(verdict)")
        }
    }
}
