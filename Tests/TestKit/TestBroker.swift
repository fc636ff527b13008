import FoundationEssentials
package import Kafka
import Threads

/// A Kafka for one test: librdkafka's built-in broker, or a real one.
package enum TestBroker: Sendable {
    case builtIn(MockBroker)
    case started(KafkaPrivateBroker)
    case given(bootstrapServers: String)

    package var cluster: KafkaCluster {
        switch self {
        case .builtIn(let broker): broker.cluster()
        case .started(let broker): Self.cluster(at: broker.bootstrapServers)
        case .given(let servers): Self.cluster(at: servers)
        }
    }

    package var bootstrapServers: String { cluster.brokers.joined(separator: ",") }

    /// Makes a topic under a name that no other test uses, and returns the name.
    package func makeTopic(_ stem: String = "test", partitions: Int = 4) throws -> String {
        let topic = "\(stem)-\(UUID().uuidString.prefix(8).lowercased())"
        if case .builtIn(let broker) = self {
            try broker.createTopic(topic, partitions: partitions)
        } else {
            let wanted = KafkaNewTopic(topic, partitions: partitions)
            let failures = try KafkaAdmin(cluster).create([wanted])
            if let error = failures[topic] { throw error }
            try waitUntilKnown(topic)
        }
        return topic
    }

    /// Kafka tells of a new topic some time after it has made it.
    private func waitUntilKnown(_ topic: String) throws {
        let admin = try KafkaAdmin(cluster)
        let deadline = MonotonicTime.now + patience
        while true {
            do {
                _ = try admin.partitions(of: topic)
                return
            } catch  where deadline > .now {
                pass(.milliseconds(20))
            }
        }
    }

    /// Makes a topic anew under its old name, without a record of before.
    ///
    /// The built-in broker cannot delete topics: it is replaced whole, address and all.
    package mutating func remakeTopic(_ topic: String, partitions: Int) async throws {
        if case .builtIn = self {
            let broker = try MockBroker()
            try broker.createTopic(topic, partitions: partitions)
            self = .builtIn(broker)
            return
        }
        let admin = try KafkaAdmin(cluster)
        if let error = try admin.delete([topic])[topic] { throw error }
        let wanted = KafkaNewTopic(topic, partitions: partitions)
        // Kafka deletes some time after it has said so.
        var refusal: KafkaError?
        _ = try await soon {
            refusal = try admin.create([wanted])[topic]
            return refusal == nil
        }
        if let refusal { throw refusal }
    }

    /// Takes the broker away; one that was only given to us stays.
    package func goDown() throws {
        switch self {
        case .builtIn(let broker): try broker.setDown()
        case .started(let broker): broker.stop()
        case .given: preconditionFailure("a broker that belongs to somebody else is not stopped")
        }
    }

    package func comeBack() throws {
        switch self {
        case .builtIn(let broker): try broker.setUp()
        case .started(let broker): try broker.start()
        case .given: break
        }
    }

    private static func cluster(at servers: String) -> KafkaCluster {
        KafkaCluster(name: "kafka", brokers: servers.split(separator: ",").map(String.init))
    }
}
