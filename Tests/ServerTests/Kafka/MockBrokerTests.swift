import Kafka
import Synchronization
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct MockBrokerTests {
    @Test func `a broker that is down is unreachable, and heals`() throws {
        let broker = try MockBroker(defaultPartitions: 2)
        try broker.createTopic("t")
        let admin = try KafkaAdmin(broker.cluster())
        #expect(try admin.metadata(of: "t").topics.map(\.partitionCount) == [2])
        try broker.setDown()
        let error = #expect(throws: KafkaError.self) {
            try admin.metadata(of: "t", within: .milliseconds(300))
        }
        #expect(error?.isUnreachable == true)
        try broker.setUp()
        #expect(try admin.metadata(of: "t").topics.map(\.partitionCount) == [2])
    }

    @Test func `a topic's error concerns the topic`() throws {
        let broker = try MockBroker()
        try broker.createTopic("t")
        broker.setTopicError("t", 29)
        let consumer = try KafkaConsumer(broker.cluster())
        let error = #expect(throws: KafkaError.self) { try consumer.partitions(of: "t") }
        #expect(error?.isTopicProblem == true)
        broker.setTopicError("t", 0)
        #expect(try consumer.partitions(of: "t").count == 4)
    }

    @Test func `an injected outage delays records and loses none`() throws {
        let broker = try MockBroker(brokers: 2, defaultPartitions: 1)
        try broker.createTopic("t")
        let partition = KafkaPartition(topic: "t", partition: 0)
        let producer = try PlainProducer(broker.cluster())
        broker.pushErrors(.produce, 5, 6, 7, 19, -195)
        try broker.setRoundTrip(.milliseconds(2))
        try producer.send(partition, numbers: 0..<50)
        try broker.setLeader("t", partition: 0, to: 2)
        try producer.send(partition, numbers: 50..<100)
        let consumer = try KafkaConsumer(broker.cluster())
        try consumer.assign(topic: "t")
        #expect(consumer.records(100).compactMap { $0.header("seq") } == (0..<100).map(String.init))
    }

    @Test func `log lines reach the closure`() throws {
        let broker = try MockBroker()
        let lines = Mutex<[KafkaLogLine]>([])
        let cluster = broker.cluster(properties: [("debug", "broker")])
        let admin = try KafkaAdmin(cluster) { line in lines.withLock { $0.append(line) } }
        _ = try admin.metadata()
        #expect(lines.withLock { $0.contains { $0.severity == .debug && !$0.text.isEmpty } })
    }

    @Test func `many clients come and go`() throws {
        let broker = try MockBroker()
        try broker.createTopic("t")
        for _ in 0..<20 {
            let consumer = try KafkaConsumer(broker.cluster())
            try consumer.assign(topic: "t")
            let problems = consumer.next(timeout: .milliseconds(1)).problems
            #expect(problems.isEmpty)
        }
    }
}
