/// One line that librdkafka wants to log.
package struct KafkaLogLine: Sendable {
    /// How grave it is: the syslog severities, the gravest first.
    package enum Severity: Int32, Sendable, Comparable {
        case emergency, alert, critical, error, warning, notice, info, debug

        package static func < (left: Severity, right: Severity) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    package let severity: Severity
    /// What in librdkafka speaks, for example `FAIL` or `CONFWARN`.
    package let facility: String
    package let text: String

    package init(severity: Severity, facility: String, text: String) {
        self.severity = severity
        self.facility = facility
        self.text = text
    }
}

/// What receives log lines.
///
/// It is called on librdkafka's own threads while those may hold locks: it returns at once, and
/// never calls Kafka.
package typealias KafkaLog = @Sendable (KafkaLogLine) -> Void
