import Kafka
import Messaging
import Outbox
import Postgres
import Settings
import Telemetry

/// One outbox of the configuration with its engine and its dead letters.
struct RunningOutbox: Sendable {
    let name: String
    let engine: OutboxEngine
    let desk: OutboxDesk

    /// Builds every outbox of the configuration; nothing connects yet.
    static func all(of settings: Settings, _ connections: Connections, log: Log) -> [Self] {
        settings.outboxes.map { definition in
            let log = log.with("outbox", definition.name)
            let database = connections.database(definition.database)
            let schema = settings.schema(of: definition.database)
            let runtime = OutboxRuntime(
                definition: definition,
                instance: settings.instance,
                schema: schema,
                database: database,
                kafka: KafkaConfiguration(
                    connections.cluster(definition.kafka),
                    log: log.forKafka(definition.kafka)
                ),
                lease: settings.lease,
                memory: settings.memory(forLanes: definition.lanes),
                log: log
            )
            return Self(
                name: definition.name,
                engine: OutboxEngine(runtime),
                desk: OutboxDesk(definition: definition, schema: schema, database: database)
            )
        }
    }
}

extension [RunningOutbox] {
    func status() -> [LaneStatus] { flatMap { $0.engine.status() } }

    /// Whether every loop has turned lately.
    var isMoving: Bool { allSatisfy { $0.engine.isMoving } }

    /// Whether every lane is where it belongs: publishing, or standing by for its owner.
    var isReady: Bool {
        isMoving && status().allSatisfy { [.publishing, .standby, .stopped].contains($0.state) }
    }
}
