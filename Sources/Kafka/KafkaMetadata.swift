/// What a cluster says of itself.
package struct KafkaMetadata: Sendable {
    package struct Broker: Sendable, Hashable {
        package let id: Int32
        /// `host:port`, as the broker names itself to clients.
        package let address: String
    }

    package struct Topic: Sendable, Hashable {
        package let name: String
        package let partitionCount: Int
        /// Why the topic cannot be used, for example that it is unknown or not ours to see.
        package let error: KafkaError?
    }

    package let brokers: [Broker]
    package let topics: [Topic]
}
