/// A topic to be created.
package struct KafkaNewTopic: Sendable {
    package let name: String
    package let partitions: Int
    package let replication: Int
    /// Settings of the topic, by Kafka's names.
    package let settings: [String: String]

    package init(
        _ name: String,
        partitions: Int = 1,
        replication: Int = 1,
        settings: [String: String] = [:]
    ) {
        self.name = name
        self.partitions = partitions
        self.replication = replication
        self.settings = settings
    }
}
