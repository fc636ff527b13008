import CKafkaShim
import CLibrdkafka

/// A configuration of librdkafka on its way into a client.
package struct ConfigurationHandle: ~Copyable {
    private var pointer: OpaquePointer?
    private let log: LogSink?

    init(log: KafkaLog?) {
        let pointer = rd_kafka_conf_new()
        self.pointer = pointer
        self.log = log.map(LogSink.init)
        // Without a callback librdkafka would log to stderr.
        rd_kafka_conf_set_log_cb(pointer, self.log == nil ? nil : LogSink.receive)
        // Safety: the sink is not retained here; the client that takes the configuration keeps it
        // until librdkafka is gone (`ClientHandle`).
        rd_kafka_conf_set_opaque(pointer, self.log.map { Unmanaged.passUnretained($0).toOpaque() })
    }

    deinit {
        if let pointer { rd_kafka_conf_destroy(pointer) }
    }

    /// Sets one property; the error never repeats the value of a secret one.
    func set(_ name: String, _ value: String) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        let result = rd_kafka_conf_set(pointer, name, value, &text, text.count)
        guard result != RD_KAFKA_CONF_OK else { return }
        switch result {
        case RD_KAFKA_CONF_UNKNOWN:
            throw .invalidArgument("is no property of librdkafka \(librdkafkaVersion)")
        case _ where KafkaPropertyRules.isSecret(name):
            throw .invalidArgument("librdkafka refuses its value")
        default:
            throw .invalidArgument(String(nullTerminated: text))
        }
    }

    /// Lets `body` change what has no property, for example which events are wanted.
    func withPointer(_ body: (OpaquePointer) -> Void) {
        if let pointer { body(pointer) }
    }

    /// Makes a client, which owns the configuration from then on.
    consuming func makeClient(
        _ kind: rd_kafka_type_t
    ) throws(KafkaError) -> (client: OpaquePointer, log: LogSink?) {
        var text = [CChar](repeating: 0, count: 512)
        guard let client = rd_kafka_new(kind, pointer, &text, text.count) else {
            throw .invalidArgument(String(nullTerminated: text))
        }
        // rd_kafka_new frees the configuration, but only on success.
        pointer = nil
        return (client, log)
    }
}

extension String {
    /// The text of a C buffer up to its NUL.
    init(nullTerminated buffer: [CChar]) {
        self.init(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }
}
