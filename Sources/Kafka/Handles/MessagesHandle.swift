import CKafkaShim
import CLibrdkafka

/// Messages taken from a consumer, freed with this handle.
struct MessagesHandle: ~Copyable, @unchecked Sendable {
    private typealias Message = UnsafeMutablePointer<rd_kafka_message_t>

    // Safety: the messages belong to this handle alone, which cannot be copied. Reading headers
    // parses them in place, so two threads never share one handle without a lock.
    private let messages: UnsafeMutablePointer<Message?>
    /// How many records there are; they come first.
    let count: Int
    private let problemCount: Int
    /// Kept because messages point into the client.
    private let client: ClientHandle

    /// Waits for messages in `queue`; see `kafka_consume_take`.
    init(from queue: OpaquePointer, of client: ClientHandle, max: Int, timeout: Duration) {
        messages = .allocate(capacity: max)
        var problems = 0
        count = kafka_consume_take(queue, timeout.milliseconds, messages, max, &problems)
        problemCount = problems
        self.client = client
    }

    /// Waits for messages in `queue` while partitions come and go; see `kafka_reading_take`.
    init(
        from queue: OpaquePointer,
        of client: ClientHandle,
        reading: OpaquePointer,
        max: Int,
        timeout: Duration
    ) {
        messages = .allocate(capacity: max)
        var problems = 0
        count = kafka_reading_take(reading, queue, timeout.milliseconds, messages, max, &problems)
        problemCount = problems
        self.client = client
    }

    /// The records, for as long as this handle lives.
    var records: UnsafePointer<UnsafeMutablePointer<rd_kafka_message_t>?> {
        UnsafePointer(messages)
    }

    deinit {
        kafka_consume_release(messages, count + problemCount)
        messages.deallocate()
    }

    func partition(at index: Int) -> KafkaPartition {
        withMessage(at: index) { Self.partition(of: $0) }
    }

    func offset(at index: Int) -> Int64 {
        withMessage(at: index) { $0.pointee.offset }
    }

    func timestamp(at index: Int) -> Int64? {
        withMessage(at: index) { message in
            var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
            let time = rd_kafka_message_timestamp(message, &kind)
            return time < 0 ? nil : time
        }
    }

    func withKey<Result, Failure: Error>(
        at index: Int,
        _ body: (RawSpan?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withMessage(at: index) { (message) throws(Failure) in
            try Self.lend(message.pointee.key, message.pointee.key_len, to: body)
        }
    }

    func withValue<Result, Failure: Error>(
        at index: Int,
        _ body: (RawSpan?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withMessage(at: index) { (message) throws(Failure) in
            try Self.lend(message.pointee.payload, message.pointee.len, to: body)
        }
    }

    func record(at index: Int) -> KafkaRecord {
        withMessage(at: index) { message in
            var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
            return KafkaRecord(
                partition: Self.partition(of: message),
                offset: message.pointee.offset,
                timestamp: rd_kafka_message_timestamp(message, &kind),
                key: Self.bytes(message.pointee.key, message.pointee.key_len),
                value: Self.bytes(message.pointee.payload, message.pointee.len),
                headers: Self.headers(of: message)
            )
        }
    }

    func columns() -> KafkaBatch.Columns {
        var partitions = [Int32](repeating: 0, count: count)
        var offsets = [Int64](repeating: 0, count: count)
        var timestamps = [Int64](repeating: 0, count: count)
        kafka_consume_columns(messages, count, &partitions, &offsets, &timestamps)
        return KafkaBatch.Columns(
            partitions: partitions,
            offsets: offsets,
            timestamps: timestamps
        )
    }

    func numbers(inHeader name: String) -> [Int64?] {
        var numbers = [Int64](repeating: 0, count: count)
        kafka_consume_number_header(messages, count, name, &numbers)
        return numbers.map { $0 == .min ? nil : $0 }
    }

    func problems() -> [KafkaBatch.Problem] {
        (count..<count + problemCount).compactMap { messages[$0] }.map { message in
            let code = message.pointee.err
            // The payload of such a message is librdkafka's sentence on the error.
            let reason = rd_kafka_message_errstr(message).map { String(cString: $0) }
            return KafkaBatch.Problem(
                error: KafkaError(code, reason: reason),
                partition: message.pointee.rkt == nil ? nil : Self.partition(of: message),
                offset: message.pointee.offset
            )
        }
    }
}

extension MessagesHandle {
    private func withMessage<Result, Failure: Error>(
        at index: Int,
        _ body: (Message) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(index >= 0 && index < count, "record \(index) of \(count)")
        guard let message = messages[index] else {
            preconditionFailure("the shim leaves no gap among \(count) records")
        }
        return try body(message)
    }

    private static func partition(of message: Message) -> KafkaPartition {
        KafkaPartition(
            topic: String(cString: rd_kafka_topic_name(message.pointee.rkt)),
            partition: message.pointee.partition
        )
    }

    /// Safety: the bytes live as long as the message, which outlives the call of `body`.
    private static func lend<Result, Failure: Error>(
        _ start: UnsafeMutableRawPointer?,
        _ size: Int,
        to body: (RawSpan?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let start else { return try body(nil) }
        return try body(UnsafeRawBufferPointer(start: start, count: size).bytes)
    }

    private static func bytes(_ start: UnsafeRawPointer?, _ size: Int) -> [UInt8]? {
        start.map { Array(UnsafeRawBufferPointer(start: $0, count: size)) }
    }

    private static func headers(of message: Message) -> [KafkaRecord.Header] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            return []
        }
        return (0..<rd_kafka_header_cnt(list)).compactMap { index in
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            let code = rd_kafka_header_get_all(list, index, &name, &value, &size)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let name else { return nil }
            return KafkaRecord.Header(name: String(cString: name), value: bytes(value, size))
        }
    }
}
