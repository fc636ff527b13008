import Kafka

/// What keeps an inbox from working, beside what its database and its broker say.
enum InboxError: Error, CustomStringConvertible {
    /// The tables of `postbox migrate` are missing, or of an earlier version.
    case notMigrated(schema: String)
    /// Another reader has the partition by now.
    case fenced
    /// A lane has let records go.
    case gap
    /// Lanes have not come forward for so long that others had better read.
    case stuck(String)
    case noPosition(KafkaPartition)
    /// The handler is not there, or must not be called.
    case noHandler(reason: String)
    /// Whatever comes under its name may be another one.
    case noTopic(KafkaPartition)
    /// Whether the topic is still the one that we know cannot be told yet.
    case unrecognised(KafkaPartition, reason: String)

    var description: String {
        switch self {
        case .notMigrated(let schema):
            "schema \(schema) has no inbox tables of this version: run `postbox migrate --apply`"
        case .fenced: "another reader has taken a partition over"
        case .gap: "a lane gave up what it was handed, and begins there anew"
        case .stuck(let reason): "gave the partitions up: \(reason)"
        case .noTopic(let partition): "\(partition) has gone"
        case .unrecognised(let partition, let reason):
            "cannot tell whether \(partition) is still what it was: \(reason)"
        case .noHandler(let reason): "the handler cannot be called: \(reason)"
        case .noPosition(let partition): "\(partition) has no position"
        }
    }
}
