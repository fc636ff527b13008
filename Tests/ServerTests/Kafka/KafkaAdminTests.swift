import Kafka
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct KafkaAdminTests {
    @Test(arguments: KafkaUnderTest.real)
    func `topics are created and deleted, each by itself`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start()
        let admin = try KafkaAdmin(under.cluster)
        let name = under.topic + "-new"
        let topics = [
            KafkaNewTopic(name, partitions: 3, settings: ["max.message.bytes": "2000000"]),
            KafkaNewTopic(under.topic), KafkaNewTopic("not a name"),
        ]
        let failures = try admin.create(topics)
        #expect(
            failures.mapValues(\.name) == [
                under.topic: "TOPIC_ALREADY_EXISTS", "not a name": "TOPIC_EXCEPTION",
            ]
        )
        #expect(try admin.metadata(of: name).topics.map(\.partitionCount) == [3])
        #expect(try admin.settings(ofTopic: name)["max.message.bytes"] == "2000000")
        let leftovers = try admin.delete([name, under.topic, "never-there"])
        #expect(leftovers.mapValues(\.isTopicProblem) == ["never-there": true])
    }

    @Test(arguments: KafkaUnderTest.real)
    func `a cluster says what it is`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start()
        let admin = try KafkaAdmin(under.cluster)
        let metadata = try admin.metadata()
        let broker = try #require(metadata.brokers.first)
        #expect(metadata.topics.contains { $0.name == under.topic && $0.error == nil })
        #expect(try admin.settings(ofBroker: broker.id)["message.max.bytes"] == "1048588")
        #expect(admin.clusterID()?.isEmpty == false)
    }

    @Test(arguments: KafkaUnderTest.real)
    func `asking for a topic does not create it`(kafka: KafkaUnderTest) throws {
        let under = try kafka.start()
        let admin = try KafkaAdmin(under.cluster)
        for _ in 0..<3 {
            let topic = try #require(try admin.metadata(of: "not-there").topics.first)
            #expect(topic.error?.isTopicProblem == true)
        }
        #expect(try !admin.metadata().topics.contains { $0.name == "not-there" })
    }

    @Test func `what the built-in broker cannot do fails and does not hang`() throws {
        let under = try KafkaUnderTest(bootstrapServers: nil).start()
        let admin = try KafkaAdmin(under.cluster)
        #expect(throws: KafkaError.self) {
            try admin.create([KafkaNewTopic("t")], within: .seconds(2))
        }
        #expect(try admin.create([]).isEmpty)
    }

    @Test func `an unreachable cluster ends each call at its limit`() throws {
        let cluster = KafkaCluster(name: "gone", brokers: ["127.0.0.1:1"])
        let admin = try KafkaAdmin(cluster)
        let started = ContinuousClock.now
        for call in [
            { _ = try admin.metadata(within: .milliseconds(200)) },
            { _ = try admin.create([KafkaNewTopic("t")], within: .milliseconds(200)) },
            { _ = try admin.settings(ofTopic: "t", within: .milliseconds(200)) },
        ] {
            let error = #expect(throws: KafkaError.self) { try call() }
            #expect(error?.isUnreachable == true)
        }
        #expect(started.duration(to: .now) < .seconds(10))
    }
}
