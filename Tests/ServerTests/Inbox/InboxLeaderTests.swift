import Inbox
import Kafka
import Messaging
import Telemetry
import TestKit
import Testing

/// A partition that Kafka can say nothing of keeps nobody from reading the others.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct InboxLeaderTests {
    @Test(arguments: [true, false])
    func `a partition without a leader is read when it has one, and the others at once`(
        hasPosition: Bool
    ) async throws {
        try await withTestDatabase { database in
            let broker = try MockBroker()
            try broker.createTopic("lost", partitions: 1)
            let fixture = try await InboxFixture(database, .builtIn(broker)) {
                $0.topics.append("lost")
                $0.group = "accounts"
            }
            try await fixture.write(1...10)
            try await fixture.write(11...20, to: "lost")
            if hasPosition { try await fixture.applyOnce(20) }
            try await fixture.write(21...30)
            try await fixture.write(31...40, to: "lost")
            try broker.setLeader("lost", partition: 0, to: nil)
            let recorder = LogRecorder()
            try await fixture.running(log: recorder.log()) { engine in
                let expected = hasPosition ? 30 : 20
                _ = try await soon { try await fixture.applied() >= expected }
                #expect(try await fixture.applied() == expected)
                let isTold = await soon {
                    engine.status().partitions.contains { $0.topic == "lost" && $0.problem != nil }
                }
                #expect(isTold && engine.status().state == .consuming)
                try broker.setLeader("lost", partition: 0, to: 1)
                try await fixture.expectApplied(40)
                #expect(await soon { engine.status().partitions.allSatisfy { $0.problem == nil } })
            }
            #expect(!recorder.lines.contains { $0.contains("the inbox begins anew") })
        }
    }
}

extension InboxFixture {
    /// What a first run applies.
    fileprivate func applyOnce(_ count: Int) async throws {
        try await running { _ in try await expectApplied(count) }
    }
}
