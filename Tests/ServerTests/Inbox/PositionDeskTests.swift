import Inbox
import Kafka
import Messaging
import Postgres
import TestKit
import Testing

/// Positions that a person moves.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct PositionDeskTests {
    @Test(arguments: BrokerKind.available)
    func `it is shown what a seek means, and nothing moves until it is applied`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, try kind.broker(), partitions: 2)
            let desk = try desk(fixture)
            try await fixture.write(1...100)
            try await database.run(
                """
                INSERT INTO postbox.position (
                    inbox, topic, partition, lanes, lane, generation, next_offset)
                SELECT 'accounts', '\(fixture.topic)', 0, lanes, lane, 5, 3 + lane
                FROM (VALUES (1), (2)) AS g (lanes), generate_series(0, lanes - 1) AS lane
                """
            )
            func seek(
                _ target: SeekTarget,
                _ partition: Int32?,
                applies: Bool = false
            ) throws
                -> [SeekPlan.Move]
            {
                try desk.seek(
                    SeekOrder(inbox: "accounts", partition: partition, to: target, applies: applies)
                ).moves
            }
            let shown = try seek(.latest, nil)
            #expect(shown.map(\.now) == [3, nil])
            #expect(shown.reduce(0) { $0 + $1.new } == 100)
            #expect(try seek(.offset(1), 0).first?.repeated == 2)
            if kind == .kafka {
                #expect(try seek(.time(milliseconds: 0), 0).first?.new == 0)
                let far = SeekTarget.time(milliseconds: 4_102_444_800_000)
                #expect(try seek(far, 0).first?.new == shown.first?.new)
            }
            #expect(try await positions(database) == ["0 1 0 5 3", "0 2 0 5 3", "0 2 1 5 4"])

            _ = try seek(.earliest, nil, applies: true)
            #expect(
                try await positions(database) == [
                    "0 1 0 6 0", "0 2 0 6 0", "0 2 1 6 0", "1 1 0 1 0",
                ]
            )
        }
    }

    @Test func `a seek that makes no sense is refused with the reason`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let fixture = try await InboxFixture(database, broker, partitions: 2)
            let desk = try desk(fixture)
            func refusal(_ order: SeekOrder) -> SeekError? {
                do {
                    _ = try desk.seek(order)
                    return nil
                } catch {
                    return error as? SeekError
                }
            }
            let topic = fixture.topic
            #expect(
                refusal(SeekOrder(inbox: "accounts", topic: "x", to: .latest))
                    == .notRead(topic: "x", inbox: "accounts")
            )
            #expect(
                refusal(SeekOrder(inbox: "accounts", partition: 9, to: .latest))
                    == .noPartition(9, topic: topic)
            )
            #expect(
                refusal(SeekOrder(inbox: "accounts", to: .offset(0))) == .severalPartitions(2)
            )
            #expect(
                refusal(SeekOrder(inbox: "accounts", partition: 1, to: .offset(1)))
                    == .outside(1, topic: topic, partition: 1, first: 0, end: 0)
            )
        }
    }

    @Test func `an inbox at work goes on from where it was moved to`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            let fixture = try await InboxFixture(database, broker) { $0.dedup.mode = .none }
            let desk = try desk(fixture)
            try await fixture.write(1...40)
            try await fixture.running { engine in
                let once = await soon {
                    engine.status().appliedTotal >= 40
                }
                #expect(once)
                _ = try desk.seek(SeekOrder(inbox: "accounts", to: .earliest, applies: true))
                let twice = await soon {
                    engine.status().appliedTotal >= 80
                }
                #expect(twice)
            }
        }
    }

    private func desk(_ fixture: InboxFixture) throws -> PositionDesk {
        PositionDesk(
            definition: fixture.definition,
            database: try fixture.database.target(),
            kafka: fixture.broker.cluster
        )
    }

    private func positions(_ database: TestDatabase) async throws -> [String?] {
        try await database.texts(
            """
            SELECT concat_ws(' ', partition, lanes, lane, generation, next_offset)
            FROM postbox.position ORDER BY partition, lanes, lane
            """
        )
    }
}
