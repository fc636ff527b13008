package import Kafka
package import Messaging
package import Postgres
package import Telemetry

/// All that one outbox needs to run.
package struct OutboxRuntime: Sendable {
    /// The outbox as its lanes see it, with an order.
    package let definition: OutboxDefinition
    /// The outbox whose messages are numbered first, for want of an order.
    let unordered: OutboxDefinition?
    /// Who we are to other instances.
    package let instance: String
    /// Where Postbox's own tables are.
    package let schema: String
    package let database: PostgresTarget
    package let kafka: KafkaConfiguration
    package let lease: Duration
    /// This outbox's share of the memory budget.
    package let memory: ByteSize
    package let log: Log

    package init(
        definition: OutboxDefinition,
        instance: String,
        schema: String = "postbox",
        database: PostgresTarget,
        kafka: KafkaConfiguration,
        lease: Duration,
        memory: ByteSize,
        log: Log
    ) {
        self.definition = definition.ordered(in: schema)
        unordered = definition.order == .none ? definition : nil
        self.instance = instance
        self.schema = schema
        self.database = database
        self.kafka = kafka
        self.lease = lease
        self.memory = memory
        self.log = log
    }

    /// Larger rows are refused before they are loaded: librdkafka would not take them.
    ///
    /// Where it comes to a few bytes, it is librdkafka that measures: a row's size is an estimate.
    var largestPayload: Int {
        let configured = kafka.cluster.properties.last { $0.0 == "message.max.bytes" }
        return (configured.flatMap { Int($0.1) } ?? 1_000_000) + (64 << 10)
    }

    /// What one lane may hold between the database and Kafka.
    var bytesPerLane: Int { max(memory.bytes / definition.lanes, 1 << 20) }
}
