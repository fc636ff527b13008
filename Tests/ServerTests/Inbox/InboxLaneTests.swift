import Kafka
import Messaging
import Postgres
import TestKit
import Testing
import Threads

@testable import Inbox

/// A lane and its link to the reader, without a reader.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxLaneTests {
    @Test func `what a lane works on is counted until it is finished, whoever let go of it`() throws
    {
        let link = InboxLink(Self.definition)
        let survey = try survey([WrittenRecord(id: "a"), WrittenRecord(id: "b")])
        for row: Int32 in 0...1 {
            link.hand(LaneBatch(survey, rows: [row], moves: []), to: 0)
        }
        let batch = try #require(link.take(0, within: .zero))
        link.discardAll(within: .zero)
        #expect(link.state.withLock { $0.bytes } == batch.byteCount)
        link.finish(0)
        #expect(link.state.withLock { $0.bytes } == 0)
    }

    @Test
    func `a session that was lost beside the work is made anew at once, and then each second`()
        async throws
    {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker())
            let link = InboxLink(fixture.definition)
            let partition = KafkaPartition(topic: fixture.topic, partition: 0)
            link.assign([partition: PositionLedger(from: 0, lanes: link.lanes)])
            let lane = try LaneApplier(fixture.runtime(), link: link, lane: 0)
            lane.tend()
            #expect(lane.isConnected)

            try await fixture.endSessions()
            lane.nextTending = .now
            lane.tend()
            #expect(!lane.isConnected && lane.nextTending <= .now)
            try await fixture.allowSessions(false)
            let begun = MonotonicTime.now
            lane.tend()
            #expect(!lane.isConnected && lane.nextTending >= begun + .seconds(1))
            #expect(link.trouble(longerThan: .zero) != nil)

            try await fixture.allowSessions(true)
            lane.nextTending = .now
            lane.tend()
            #expect(lane.isConnected && link.trouble(longerThan: .zero) == nil)
        }
    }

    @Test func `a fence is told, though another partition of the batch has gone`() async throws {
        try await withTestDatabase { database in
            let fixture = try await InboxFixture(database, BrokerKind.builtIn.broker())
            let link = InboxLink(fixture.definition)
            let partitions = (0...1).map { KafkaPartition(topic: fixture.topic, partition: $0) }
            let ledger = PositionLedger(from: 0, lanes: link.lanes)
            link.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, ledger) }))
            let moves = partitions.map {
                PositionMove(partition: $0, generation: 1, from: 0, next: 5)
            }
            // Nobody has made positions: those that the lane believes in belong to somebody else.
            link.revoke([partitions[0]])
            let runtime = try fixture.runtime()
            async let end: Void = blocking {
                guard let lane = try? LaneApplier(runtime, link: link, lane: 0) else { return }
                lane.apply(LaneBatch(passing: moves))
            }
            let isTold = await soon(within: .seconds(20)) { link.isFenced }
            #expect(isTold)
            link.fail(.fenced)
            await end
        }
    }

    private static let definition = InboxDefinition(
        name: "accounts",
        database: "db",
        kafka: "kafka",
        topics: ["events"],
        apply: .store
    )
}

extension InboxFixture {
    /// Lets new sessions in, or not.
    fileprivate func allowSessions(_ areAllowed: Bool) async throws {
        let server = database.server.conninfo()
        let target = try PostgresTarget(conninfo: server, applicationName: "test-admin")
        try await PostgresConnection(to: target).run(
            "ALTER DATABASE \(database.name) ALLOW_CONNECTIONS \(areAllowed)"
        )
    }
}
