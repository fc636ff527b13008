import FoundationEssentials
import Kafka

/// A Kafka that a test runs against: the built-in broker, and a real one where one is given.
struct KafkaUnderTest: Sendable, CustomStringConvertible {
    /// `host:port,…` of the real one, from `POSTBOX_TEST_KAFKA`; nil is the built-in broker.
    let bootstrapServers: String?

    var description: String { bootstrapServers ?? "mock" }

    static let all = [KafkaUnderTest(bootstrapServers: nil)] + real

    /// Empty where no real Kafka is given: only the built-in broker is tested then.
    static let real =
        (ProcessInfo.processInfo.environment["POSTBOX_TEST_KAFKA"]).map {
            [KafkaUnderTest(bootstrapServers: $0)]
        } ?? []

    /// A running Kafka with a topic of the test's own.
    func start(partitions: Int = 1) throws -> KafkaTopicUnderTest {
        let topic = "test-\(UInt64.random(in: 0 ... .max))"
        guard let bootstrapServers else {
            let broker = try MockBroker()
            try broker.createTopic(topic, partitions: partitions)
            return KafkaTopicUnderTest(cluster: broker.cluster(), topic: topic, mock: broker)
        }
        let cluster = KafkaCluster(name: "real", brokers: [bootstrapServers])
        let failures = try KafkaAdmin(cluster).create([KafkaNewTopic(topic, partitions: partitions)]
        )
        if let failure = failures[topic] { throw failure }
        return KafkaTopicUnderTest(cluster: cluster, topic: topic, mock: nil)
    }
}

/// A topic that one test has for itself.
struct KafkaTopicUnderTest: Sendable {
    let cluster: KafkaCluster
    let topic: String
    /// Kept because the built-in broker ends with its object.
    let mock: MockBroker?

    func partition(_ partition: Int32) -> KafkaPartition {
        KafkaPartition(topic: topic, partition: partition)
    }
}

extension KafkaConsumer {
    /// Reads until there are `count` records, or until nothing has come for half a minute.
    func records(_ count: Int) -> [KafkaRecord] {
        var records: [KafkaRecord] = []
        var deadline = ContinuousClock.now + .seconds(30)
        while records.count < count, ContinuousClock.now < deadline {
            let batch = next(max: count - records.count, timeout: .milliseconds(200))
            if !batch.isEmpty { deadline = .now + .seconds(30) }
            records += batch.records()
        }
        return records
    }
}
