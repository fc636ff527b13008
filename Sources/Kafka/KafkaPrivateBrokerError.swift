/// Why a private Kafka could not be had.
package enum KafkaPrivateBrokerError: Error, Sendable, CustomStringConvertible {
    case notInstalled(home: String)
    case noJava
    case cannotPrepare(reason: String)
    /// The broker ended or said nothing in time; with the last of what it said.
    case cannotStart(log: String)

    package var description: String {
        switch self {
        case .notInstalled(let home):
            "\(home) holds no Kafka: bin/kafka-server-start.sh is missing"
        case .noJava: "Kafka needs Java: apt-get install openjdk-17-jre-headless"
        case .cannotPrepare(let reason): "a private Kafka cannot be prepared: \(reason)"
        case .cannotStart(let log): "a private Kafka does not start: \(log)"
        }
    }
}
