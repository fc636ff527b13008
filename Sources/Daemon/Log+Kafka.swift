import Kafka
import Telemetry

extension Log {
    /// Where librdkafka's own lines go.
    ///
    /// What it takes for an error is a lost connection as a rule, which it mends by itself.
    func forKafka(_ cluster: String) -> KafkaLog {
        let log = with("kafka", cluster)
        return { line in
            let fields: LogFields = ["facility": line.facility]
            switch line.severity {
            // Remarks on properties, most of which we set ourselves; `check` judges the others.
            case _ where line.facility == "CONFWARN": log.debug(line.text, fields)
            case .emergency, .alert, .critical: log.error(line.text, fields)
            case .error, .warning: log.warning(line.text, fields)
            case .notice, .info: log.info(line.text, fields)
            case .debug: log.debug(line.text, fields)
            }
        }
    }
}
