import Kafka
import TestKit
import Testing
import Threads

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct KafkaPeekTests {
    @Test(arguments: BrokerKind.available)
    func `each record that is there says its time, and none is waited for in vain`(
        kind: BrokerKind
    ) throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic(partitions: 3)
        let partitions = (0..<3).map { KafkaPartition(topic: topic, partition: $0) }
        let producer = try PlainProducer(broker.cluster)
        try producer.send(partitions[0], numbers: 0..<5)
        try producer.send(partitions[1], numbers: 0..<2)
        let records = try read(7, of: partitions, from: broker.cluster)

        let findings = try KafkaPeek.findings(
            at: [partitions[0]: 4, partitions[1]: 7, partitions[2]: 0],
            in: broker.cluster,
            within: patience
        )
        let last = records.first { $0.partition == partitions[0] && $0.offset == 4 }
        let time = try #require(last).timestamp
        #expect(
            findings == [
                partitions[0]: .record(time: time), partitions[1]: .ahead, partitions[2]: .ahead,
            ]
        )
    }

    @Test(arguments: BrokerKind.available)
    func `many partitions of large batches are all answered for`(kind: BrokerKind) throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic(partitions: 12)
        let producer = try PlainProducer(broker.cluster)
        try producer.learn(topic)
        let value = [UInt8](repeating: 7, count: 150)
        for number in 0..<60_000 {
            let partition = KafkaPartition(topic: topic, partition: Int32(number % 12))
            try producer.send(partition, value: value)
        }
        try producer.flush()
        let places = (0..<12).map { number in
            (KafkaPartition(topic: topic, partition: Int32(number)), Int64(number * 313))
        }
        let findings = try KafkaPeek.findings(
            at: Dictionary(uniqueKeysWithValues: places),
            in: broker.cluster,
            within: patience
        )
        #expect(findings.values.allSatisfy { if case .record = $0 { true } else { false } })
    }

    @Test func `a refusal is no answer, and another one is waited for`() throws {
        let broker = try MockBroker()
        try broker.createTopic("events", partitions: 1)
        let partition = KafkaPartition(topic: "events", partition: 0)
        try PlainProducer(broker.cluster()).send(partition, numbers: 0..<3)
        let records = try read(3, of: [partition], from: broker.cluster())
        // UNKNOWN_SERVER_ERROR, TOPIC_AUTHORIZATION_FAILED
        broker.pushErrors(.fetch, -1, 29)
        let findings = try KafkaPeek.findings(
            at: [partition: 2],
            in: broker.cluster(),
            within: patience
        )
        #expect(findings == [partition: .record(time: records[2].timestamp)])
    }

    @Test func `who is refused until the end says why`() throws {
        let broker = try MockBroker()
        try broker.createTopic("events", partitions: 1)
        let partition = KafkaPartition(topic: "events", partition: 0)
        try PlainProducer(broker.cluster()).send(partition, numbers: 0..<3)
        broker.refuseFetches()
        let findings = try KafkaPeek.findings(
            at: [partition: 2],
            in: broker.cluster(),
            within: .seconds(2)
        )
        guard case .unknown(let error?) = findings[partition] else {
            Issue.record("\(findings)")
            return
        }
        #expect(error.name == "TOPIC_AUTHORIZATION_FAILED")
    }

    @Test func `a record that retention has removed is gone`() throws {
        let broker = try MockBroker()
        try broker.createTopic("events", partitions: 1)
        let partition = KafkaPartition(topic: "events", partition: 0)
        let producer = try PlainProducer(broker.cluster())
        // The built-in broker keeps 5 MB of a partition.
        let value = [UInt8](repeating: 7, count: 900_000)
        for _ in 0..<8 {
            try producer.send(partition, value: value)
            try producer.flush()
        }
        let findings = try KafkaPeek.findings(
            at: [partition: 0],
            in: broker.cluster(),
            within: patience
        )
        #expect(findings == [partition: .gone])
    }

    @Test(arguments: BrokerKind.available.filter { $0 == .kafka })
    func `the end of a transaction is no record, whatever comes behind it`(
        kind: BrokerKind
    ) throws {
        let broker = try kind.broker()
        let topic = try broker.makeTopic(partitions: 2)
        let partitions = (0..<2).map { KafkaPartition(topic: topic, partition: $0) }
        let producer = try PlainProducer(broker.cluster, transactionalID: topic)
        try producer.transaction {
            for partition in partitions { try producer.send(partition, numbers: 0..<1) }
        }
        try producer.transaction { try producer.send(partitions[1], numbers: 0..<1) }
        let findings = try KafkaPeek.findings(
            at: [partitions[0]: 1, partitions[1]: 1],
            in: broker.cluster,
            within: patience
        )
        #expect(findings == [partitions[0]: .gone, partitions[1]: .gone])
    }

    @Test func `without a broker the time limit holds`() throws {
        let nowhere = KafkaCluster(name: "nowhere", brokers: ["127.0.0.1:1"])
        let partition = KafkaPartition(topic: "events", partition: 0)
        let findings = try KafkaPeek.findings(
            at: [partition: 3],
            in: nowhere,
            within: .milliseconds(200)
        )
        #expect(findings == [partition: .unknown(nil)])
    }

    private func read(
        _ count: Int,
        of partitions: [KafkaPartition],
        from cluster: KafkaCluster
    ) throws -> [KafkaRecord] {
        let consumer = try KafkaConsumer(cluster)
        try consumer.assign(
            Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) })
        )
        var records: [KafkaRecord] = []
        let deadline = MonotonicTime.now + patience
        while records.count < count, .now < deadline { records += consumer.next().records() }
        return records
    }
}

extension MockBroker {
    /// Refuses far more fetches than anybody makes, until `clearErrors`.
    func refuseFetches() {
        // TOPIC_AUTHORIZATION_FAILED
        for _ in 0..<10_000 { pushErrors(.fetch, 29) }
    }
}
