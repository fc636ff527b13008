package import Kafka
package import Messaging
package import Postgres
package import Telemetry

/// All that one inbox needs to run.
package struct InboxRuntime: Sendable {
    package let definition: InboxDefinition
    /// Who we are to other instances.
    package let instance: String
    /// Where Postbox's own tables are.
    package let schema: String
    package let database: PostgresTarget
    package let kafka: KafkaCluster
    package let kafkaLog: KafkaLog?
    /// This inbox's share of the memory budget.
    package let memory: ByteSize
    package let log: Log
    /// Lanes that are stuck for longer make us leave the group, so that others may try.
    package let patience: Duration

    package init(
        definition: InboxDefinition,
        instance: String,
        schema: String = "postbox",
        database: PostgresTarget,
        kafka: KafkaCluster,
        kafkaLog: KafkaLog? = nil,
        memory: ByteSize,
        log: Log,
        patience: Duration = .seconds(20)
    ) {
        self.definition = definition
        self.instance = instance
        self.schema = schema
        self.database = database
        self.kafka = kafka
        self.kafkaLog = kafkaLog
        self.memory = memory
        self.log = log
        self.patience = patience
    }

    var holds: Bool { definition.onFailure != .skip }
}
