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

        let begun = MonotonicTime.now
        let times = try KafkaPeek.timestamps(
            at: [partitions[0]: 4, partitions[1]: 7, partitions[2]: 0],
            in: broker.cluster,
            within: .seconds(30)
        )
        let last = records.first { $0.partition == partitions[0] && $0.offset == 4 }
        #expect(times == [partitions[0]: try #require(last).timestamp])
        #expect(.now - begun < .seconds(20))
    }

    @Test func `without a broker the time limit holds`() throws {
        let nowhere = KafkaCluster(name: "nowhere", brokers: ["127.0.0.1:1"])
        let partition = KafkaPartition(topic: "events", partition: 0)
        let times = try KafkaPeek.timestamps(
            at: [partition: 3],
            in: nowhere,
            within: .milliseconds(200)
        )
        #expect(times.isEmpty)
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
