/// Looks into a cluster, and makes and removes topics.
///
/// Every call blocks until it is answered or its time limit is over, so call it from a thread that
/// may wait. A limit that runs out throws an error that `isUnreachable`.
package final class KafkaAdmin: Sendable {
    private let handle: AdminHandle

    /// Connects in the background; an unreachable broker shows in the calls, not here.
    package init(_ cluster: KafkaCluster, log: KafkaLog? = nil) throws(KafkaError) {
        let configuration = KafkaConfiguration(cluster, log: log)
        handle = try AdminHandle(configuration.makeAdminConfiguration())
    }

    /// The brokers and all topics that we may see.
    package func metadata(
        within limit: Duration = .seconds(10)
    ) throws(KafkaError)
        -> KafkaMetadata
    {
        try handle.client.metadata(topic: nil, within: limit)
    }

    /// One topic, with its error where it cannot be used.
    ///
    /// A real broker does not create it.
    package func metadata(
        of topic: String,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> KafkaMetadata {
        try handle.client.metadata(topic: topic, within: limit)
    }

    /// The partitions that a topic has now; an error of the topic is thrown.
    package func partitions(
        of topic: String,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> [KafkaPartition] {
        try handle.client.partitions(of: topic, within: limit)
    }

    /// The first offset that the broker still has and the one that it will give out next.
    package func watermarks(
        of partition: KafkaPartition,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> Range<Int64> {
        try handle.client.watermarks(of: partition, within: limit)
    }

    /// The first offset of that time, in milliseconds since 1970, or later; a partition that has
    /// none is left out.
    package func offsets(
        at milliseconds: Int64,
        of partitions: [KafkaPartition],
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> [KafkaPartition: Int64] {
        try handle.client.offsets(at: milliseconds, of: partitions, within: limit)
    }

    /// The cluster's own identifier, if the brokers tell one in time.
    package func clusterID(within limit: Duration = .seconds(10)) -> String? {
        handle.client.clusterID(within: limit)
    }

    /// Creates topics, each by itself, and returns why which were not created.
    ///
    /// A topic that exists already is among the failures.
    package func create(
        _ topics: [KafkaNewTopic],
        within limit: Duration = .seconds(30)
    ) throws(KafkaError) -> [String: KafkaError] {
        try handle.create(topics, within: limit)
    }

    /// Deletes topics, each by itself, and returns why which were not deleted.
    package func delete(
        _ topics: [String],
        within limit: Duration = .seconds(30)
    ) throws(KafkaError) -> [String: KafkaError] {
        try handle.delete(topics, within: limit)
    }

    /// The settings of a topic that count now, for example `max.message.bytes`.
    ///
    /// What the broker takes for a secret is left out.
    package func settings(
        ofTopic topic: String,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> [String: String] {
        try handle.settings(of: .topic(topic), within: limit)
    }

    /// The settings of a broker that count now, for example `message.max.bytes`.
    package func settings(
        ofBroker broker: Int32,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> [String: String] {
        try handle.settings(of: .broker(broker), within: limit)
    }
}
