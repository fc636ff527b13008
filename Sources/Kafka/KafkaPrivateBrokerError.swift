/// Why a private Kafka could not be had.
package enum KafkaPrivateBrokerError: Error, Sendable, CustomStringConvertible {
    case notInstalled(home: String)
    case noJava
    case cannotPrepare(reason: String)
    /// The broker ended or said nothing in time; with the last of what it said.
    case cannotStart(log: String)
    /// It ended because somebody else listens on one of its ports.
    case portTaken(log: String)

    /// Why a broker does not run that has said this.
    init(log: String) {
        let end = String(log.suffix(2_000))
        self =
            log.contains("Address already in use") ? .portTaken(log: end) : .cannotStart(log: end)
    }

    package var description: String {
        switch self {
        case .notInstalled(let home):
            "\(home) holds no Kafka: bin/kafka-server-start.sh is missing"
        case .noJava: "Kafka needs Java: apt-get install openjdk-17-jre-headless"
        case .cannotPrepare(let reason): "a private Kafka cannot be prepared: \(reason)"
        case .cannotStart(let log): "a private Kafka does not start: \(log)"
        case .portTaken(let log): "a private Kafka does not get its ports: \(log)"
        }
    }
}
