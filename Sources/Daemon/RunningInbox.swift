import Inbox
import Kafka
import Messaging
import Settings
import Telemetry

/// One inbox of the configuration with its engine and its dead letters.
struct RunningInbox: Sendable {
    let name: String
    let engine: InboxEngine
    let desk: InboxDesk
    let positions: PositionDesk

    /// Builds every inbox of the configuration; nothing connects yet.
    static func all(of settings: Settings, _ connections: Connections, log: Log) -> [Self] {
        settings.inboxes.map { definition in
            let log = log.with("inbox", definition.name)
            let database = connections.database(definition.database)
            let schema = settings.schema(of: definition.database)
            let runtime = InboxRuntime(
                definition: definition,
                instance: settings.instance,
                schema: schema,
                database: database,
                kafka: connections.cluster(definition.kafka),
                kafkaLog: log.forKafka(definition.kafka),
                memory: settings.memory(forLanes: definition.lanes),
                log: log
            )
            return Self(
                name: definition.name,
                engine: InboxEngine(runtime),
                desk: InboxDesk(definition: definition, schema: schema, database: database),
                positions: PositionDesk(
                    definition: definition,
                    schema: schema,
                    database: database,
                    kafka: connections.cluster(definition.kafka)
                )
            )
        }
    }
}

extension [RunningInbox] {
    func status() -> [InboxStatus] { map { $0.engine.status() } }

    /// Whether every loop has turned lately.
    var isMoving: Bool { allSatisfy { $0.engine.isMoving } }

    /// Whether every inbox is where it belongs: reading, or leaving the partitions to others.
    var isReady: Bool {
        isMoving && status().allSatisfy { [.consuming, .standby, .stopped].contains($0.state) }
    }
}

extension Settings {
    /// The part of the memory budget that so many of all the lanes get.
    func memory(forLanes lanes: Int) -> ByteSize {
        let all = outboxes.reduce(0) { $0 + $1.lanes } + inboxes.reduce(0) { $0 + $1.lanes }
        return ByteSize(bytes: memory.bytes / all * lanes)
    }
}
