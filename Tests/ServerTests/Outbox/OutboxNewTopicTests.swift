import Kafka
import Postgres
import TestKit
import Testing

/// Topics that were made a moment ago, whose partitions are only about to be led.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct OutboxNewTopicTests {
    @Test func `nothing is sent before a leader has answered for each partition`() async throws {
        try await withTestDatabase { database in
            let broker = try BrokerKind.builtIn.broker()
            guard case .builtIn(let mock) = broker else { return }
            let fixture = try await OutboxFixture(database, broker)
            try await fixture.running {
                try await fixture.insert(10)
                #expect(await fixture.reader.hasAll())
                let topic = try broker.makeTopic("fresh", partitions: 1)
                // Nobody else asks for the ends of this topic: the refusal is for the lane, or for us.
                mock.pushErrors(.listOffsets, 29)
                try await fixture.insert(1, topic: topic)
                try await fixture.expectEmptySoon()
                let ends = try KafkaAdmin(broker.cluster).watermarks(
                    of: KafkaPartition(topic: topic, partition: 0)
                )
                #expect(ends == 0..<1)
            }
        }
    }

    @Test(arguments: BrokerKind.available)
    func `no message overtakes another in them`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let fixture = try await OutboxFixture(database, kind.broker())
            let admin = try KafkaAdmin(fixture.broker.cluster)
            try await fixture.running {
                for number in 1...5 {
                    let topic = "\(fixture.topic)-\(number)"
                    if case .builtIn(let mock) = fixture.broker {
                        try mock.createTopic(topic, partitions: 50)
                    } else {
                        #expect(try admin.create([KafkaNewTopic(topic, partitions: 50)]).isEmpty)
                    }
                    let reader = TopicReader(topic: topic, cluster: fixture.broker.cluster)
                    for _ in 1...10 {
                        reader.noteCommitted(try await fixture.send(1000, to: topic))
                    }
                    #expect(await reader.hasAll())
                    let verdict = reader.finish()
                    #expect(verdict.holds && verdict.repeatCount == 0, "\(verdict)")
                }
            }
        }
    }
}

extension OutboxFixture {
    /// Inserts rows for another topic.
    fileprivate func send(
        _ count: Int,
        to topic: String
    ) async throws -> [(id: Int64, key: String?)] {
        try await database.connection.withSession { session in
            let rows = try session.query(
                """
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(topic)', 'k' || (i % 200), 'x' FROM generate_series(1, \(count)) AS i
                RETURNING id, key
                """
            )
            return (0..<rows.count).map { (id: rows.int64($0, 0), key: rows.textOrNil($0, 1)) }
        }
    }
}
