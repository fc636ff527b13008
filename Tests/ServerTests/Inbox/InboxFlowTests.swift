import Inbox
import Messaging
import TestKit
import Testing

/// P7: from Kafka to an effect that happens once.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxFlowTests {
    @Test(arguments: BrokerKind.available, [InboxFixture.batch, InboxFixture.each])
    func `each message is applied once and in order`(
        kind: BrokerKind,
        apply: ApplyRule
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, kind.broker(), apply: apply) {
                $0.lanes = 3
            }
            try await fixture.running { engine in
                try await fixture.write(1...2000)
                try await fixture.expectApplied(2000)
                #expect(await soon { engine.status().appliedTotal == 2000 })
            }
        }
    }

    @Test(arguments: BrokerKind.available)
    func `repeats are dropped, and a new start applies nothing again`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, kind.broker())
            try await fixture.running { engine in
                try await fixture.write(1...1000)
                try await fixture.write(1...1000, where: "n % 5 = 0", order: "random()")
                try await fixture.write(1001...1500)
                try await fixture.expectApplied(1500)
                #expect(await soon { engine.status().duplicatesTotal == 200 })
            }
            try await fixture.write(1501...1600)
            try await fixture.running { engine in
                try await fixture.expectApplied(1600)
                #expect(await soon { engine.status().appliedTotal == 100 })
            }
        }
    }

    @Test
    func `another number of lanes goes on where the old ones were`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            var fixture = try await InboxFixture(database, broker) { $0.lanes = 4 }
            try await fixture.running { _ in
                try await fixture.write(1...1000)
                try await fixture.expectApplied(1000)
            }
            for (round, lanes) in [2, 5, 1].enumerated() {
                fixture.definition.lanes = lanes
                let first = 1001 + round * 500
                try await fixture.write(first...(first + 499))
                try await fixture.running { _ in
                    try await fixture.expectApplied(first + 499)
                }
            }
        }
    }
}
