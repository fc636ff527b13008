import Inbox
import Messaging
import TestKit
import Testing

/// P7: what would not be recognised as a repeat is not applied, whatever the window was before.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxWindowTests {
    @Test func `a window that is made longer does not reach days that were forgotten`()
        async throws
    {
        try await withTestDatabase { database in
            var fixture = try await InboxFixture(database, BrokerKind.builtIn.broker())
            let threeDaysAgo = "date_trunc('day', now()) - interval '3 days'"
            try await fixture.running { _ in
                try await fixture.write(1...10, createdAt: threeDaysAgo)
                try await fixture.expectApplied(10)
            }
            fixture.definition.dedup.window = .seconds(86_400)
            try await fixture.running { engine in
                let ids = "SELECT count(*) FROM postbox.inbox"
                let areForgotten = try await soon { try await database.number(ids) == 0 }
                let isConsuming = await soon { engine.status().state == .consuming }
                #expect(areForgotten && isConsuming)
            }
            fixture.definition.dedup.window = .seconds(7 * 86_400)
            try await fixture.expectTenLate(createdAt: threeDaysAgo)
        }
    }

    @Test func `an inbox that begins to note ids knows none of before`() async throws {
        try await withTestDatabase { database in
            var fixture = try await InboxFixture(database, BrokerKind.builtIn.broker()) {
                $0.dedup.mode = .none
            }
            try await fixture.running { _ in
                try await fixture.write(1...10)
                try await fixture.expectApplied(10)
            }
            fixture.definition.dedup.mode = .id
            try await fixture.expectTenLate(createdAt: "date_trunc('day', now())")
        }
    }
}

extension InboxFixture {
    /// The first ten messages come again, and are parked; ten of now are applied.
    fileprivate func expectTenLate(createdAt: String) async throws {
        try await running { engine in
            let isConsuming = await soon { engine.status().state == .consuming }
            #expect(isConsuming)
            try await write(1...10, createdAt: createdAt)
            try await write(11...20, createdAt: "clock_timestamp()")
            try await expectApplied(20)
            let late = "SELECT count(*) FROM postbox.inbox_dead_letter WHERE reason LIKE 'late%'"
            let areParked = try await soon { try await database.number(late) == 10 }
            #expect(areParked)
        }
    }
}
