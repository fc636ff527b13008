import Threads

/// Why a demo or a benchmark cannot go on.
enum StageError: Error, CustomStringConvertible {
    case interrupted
    case passwordInURL
    case noKafka(String, reason: String)
    case topicNotMade(String, reason: String)
    case unreadable(topic: String)
    case daemonSilent(log: String)
    case daemonEnded(ExitStatus, log: String)

    var description: String {
        switch self {
        case .interrupted: "interrupted"
        case .passwordInURL:
            "--database: everybody can read a password on the command line; "
                + "put it into PGPASSWORD or ~/.pgpass"
        case .noKafka(let brokers, let reason): "no Kafka answers at \(brokers): \(reason)"
        case .topicNotMade(let topic, let reason): "cannot create the topic \(topic): \(reason)"
        case .unreadable(let topic): "cannot read \(topic)"
        case .daemonSilent(let log): "the daemon does not begin its work; it says:\n\(log)"
        case .daemonEnded(let status, let log): "the daemon ended, \(status); it says:\n\(log)"
        }
    }
}
