import Kafka
import Synchronization

/// The broker of a run: the built-in one, one that is there, or a Kafka of its own.
final class StageBroker: Sendable {
    enum Choice: Sendable {
        case builtIn
        /// `host:port`.
        case at(String)
        /// A folder with a Kafka distribution.
        case home(String)
    }

    private enum Home: Sendable {
        case builtIn(MockBroker)
        case guest
        case own(KafkaPrivateBroker)
    }

    /// What the screen calls it.
    let name: String
    /// How the daemon speaks to it.
    let cluster: KafkaCluster
    private let home: Home
    private let topics = Mutex<[String]>([])

    init(_ choice: Choice) throws {
        switch choice {
        case .builtIn:
            let broker = try MockBroker()
            name = "librdkafka's built-in broker"
            // It answers an empty fetch only when its wait is over, even if a record has come.
            cluster = broker.cluster(properties: [("fetch.wait.max.ms", "5")])
            home = .builtIn(broker)
        case .at(let address):
            name = "Kafka at \(address)"
            cluster = KafkaCluster(name: "demo", brokers: [address])
            home = .guest
        case .home(let folder):
            let broker = try KafkaPrivateBroker(home: folder)
            name = "a Kafka of its own"
            cluster = KafkaCluster(name: "demo", brokers: [broker.bootstrapServers])
            home = .own(broker)
        }
    }

    deinit { remove() }

    var isBuiltIn: Bool {
        if case .builtIn = home { true } else { false }
    }

    /// The process of a Kafka of its own.
    var pid: Int32? {
        if case .own(let broker) = home { broker.pid } else { nil }
    }

    /// The same cluster for a consumer that wants to lose no time.
    var readingCluster: KafkaCluster {
        // The built-in broker drops what is not fetched soon.
        let wait = isBuiltIn ? "2" : "100"
        return KafkaCluster(
            name: cluster.name,
            brokers: cluster.brokers,
            properties: cluster.properties + [
                ("fetch.wait.max.ms", wait),
                ("queued.min.messages", "10000000"),
                ("queued.max.messages.kbytes", "1048576"),
            ]
        )
    }

    /// Makes a topic that `remove` removes again.
    func createTopic(_ topic: String, partitions: Int) throws {
        if case .builtIn(let broker) = home {
            return try broker.createTopic(topic, partitions: partitions)
        }
        let admin = try KafkaAdmin(cluster)
        do {
            _ = try admin.metadata(within: .seconds(10))
        } catch {
            throw StageError.noKafka(cluster.brokers.joined(separator: ","), reason: error.reason)
        }
        if let error = try admin.create([KafkaNewTopic(topic, partitions: partitions)])[topic] {
            throw StageError.topicNotMade(topic, reason: error.reason)
        }
        topics.withLock { $0.append(topic) }
    }

    func remove() {
        let made = topics.withLock { topics in
            defer { topics = [] }
            return topics
        }
        switch home {
        case .builtIn: break
        case .own(let broker): broker.remove()
        case .guest where made.isEmpty: break
        case .guest:
            // A cluster that is gone keeps the topics; nobody is left to remove them.
            _ = try? KafkaAdmin(cluster).delete(made)
        }
    }
}

extension StageBroker {
    /// What the broker has used of the processor; nil where it is somebody else's.
    var processorTime: Duration? {
        // The built-in broker is a thread of this process.
        if isBuiltIn { return ProcessorTime.ofOwnThreads(named: "rdk:mock") }
        return pid.map(ProcessorTime.ofFamily)
    }

    /// How many records a request of the daemon has carried; nil where nobody can see it.
    func recordsPerRequest(in topic: String) -> Double? {
        guard case .own(let broker) = home else { return nil }
        let batches = RecordBatches(of: topic, in: broker.recordsFolder)
        return batches.count > 0 ? Double(batches.recordCount) / Double(batches.count) : nil
    }
}
