import CKafkaShim
import CLibrdkafka

/// One client of librdkafka: its threads, connections and buffers.
///
/// Whoever uses the pointer holds the handle, so that the client outlives every use of it. Dropping
/// the last reference destroys the client on a thread of its own, because that can block.
final class ClientHandle: @unchecked Sendable {
    // Safety: librdkafka clients may be used from any thread, and `pointer` never changes.
    let pointer: OpaquePointer
    private let log: LogSink?

    init(
        _ kind: rd_kafka_type_t,
        _ configuration: consuming ConfigurationHandle
    ) throws(KafkaError) {
        (pointer, log) = try configuration.makeClient(kind)
    }

    deinit {
        ClientRetirement.start(pointer, log: log)
    }

    /// The error that ended this client for good, if one did.
    var fatalError: KafkaError? {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(pointer, &text, text.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(code, reason: String(nullTerminated: text))
    }
}
