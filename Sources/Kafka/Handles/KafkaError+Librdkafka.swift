import CKafkaShim
import CLibrdkafka

extension KafkaError {
    init(_ code: rd_kafka_resp_err_t, reason: String? = nil) {
        self.init(code: code.rawValue, reason: reason)
    }

    /// Takes over an error object of librdkafka and frees it.
    init(consuming error: OpaquePointer) {
        defer { rd_kafka_error_destroy(error) }
        self.init(
            rd_kafka_error_code(error),
            reason: String(cString: rd_kafka_error_string(error))
        )
    }

    static func invalidArgument(_ reason: String) -> KafkaError {
        KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, reason: reason)
    }

    static func timedOut(_ reason: String) -> KafkaError {
        KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, reason: reason)
    }

    /// Throws unless `code` says that all is well.
    static func check(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code) }
    }

    /// Every code that the linked librdkafka knows.
    static var knownCodes: [Int32] {
        var descriptions: UnsafePointer<rd_kafka_err_desc>?
        var count = 0
        rd_kafka_get_err_descs(&descriptions, &count)
        // Safety: librdkafka's own static table of `count` entries; unused ones have no text.
        return UnsafeBufferPointer(start: descriptions, count: count)
            .filter { $0.desc != nil }
            .map(\.code.rawValue)
    }
}
