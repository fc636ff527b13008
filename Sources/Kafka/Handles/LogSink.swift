import CKafkaShim
import CLibrdkafka

/// Where the log lines of one client go.
///
/// librdkafka calls `receive` on its own threads; everything is copied before the call returns.
final class LogSink: Sendable {
    private let write: KafkaLog

    init(write: @escaping KafkaLog) {
        self.write = write
    }

    static let receive:
        @convention(c) (
            OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?
        ) -> Void = { client, level, facility, text in
            // Safety: the opaque is the sink set by `ConfigurationHandle`, which the client's
            // `ClientHandle` keeps until librdkafka has stopped all threads.
            guard let opaque = rd_kafka_opaque(client), let facility, let text else { return }
            let sink = Unmanaged<LogSink>.fromOpaque(opaque).takeUnretainedValue()
            sink.write(
                KafkaLogLine(
                    severity: KafkaLogLine.Severity(rawValue: level) ?? .debug,
                    facility: String(cString: facility),
                    text: String(cString: text)
                )
            )
        }
}
