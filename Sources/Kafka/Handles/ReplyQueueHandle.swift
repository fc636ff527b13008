import CKafkaShim
import CLibrdkafka

/// A queue for the replies to one request, thrown away with all that is still in it.
struct ReplyQueueHandle: ~Copyable {
    let pointer: OpaquePointer?
    /// Kept because a queue must not outlive its client.
    private let client: ClientHandle

    init(_ client: ClientHandle) {
        pointer = rd_kafka_queue_new(client.pointer)
        self.client = client
    }

    deinit {
        if let pointer { rd_kafka_queue_destroy(pointer) }
    }

    /// Waits for the next reply, but not beyond `deadline`.
    func next(until deadline: ContinuousClock.Instant) -> ReplyHandle? {
        repeat {
            let limit = (deadline - ContinuousClock.now).milliseconds
            // Callbacks that librdkafka serves on the way end the wait without an event.
            if let event = rd_kafka_queue_poll(pointer, limit) { return ReplyHandle(event) }
        } while ContinuousClock.now < deadline
        return nil
    }

    /// Lets librdkafka do its work on this queue until something happened or `deadline`.
    func serve(until deadline: ContinuousClock.Instant) {
        let limit = (deadline - ContinuousClock.now).milliseconds
        if let event = rd_kafka_queue_poll(pointer, limit) { _ = ReplyHandle(event) }
    }
}

/// One reply of librdkafka.
struct ReplyHandle: ~Copyable {
    let event: OpaquePointer

    init(_ event: OpaquePointer) {
        self.event = event
    }

    deinit {
        rd_kafka_event_destroy(event)
    }

    /// Throws where the whole request failed.
    func check() throws(KafkaError) {
        let code = rd_kafka_event_error(event)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw KafkaError(code, reason: String(cString: rd_kafka_event_error_string(event)))
    }
}
