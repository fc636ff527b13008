import CKafkaShim
import CLibrdkafka

/// librdkafka's object for one topic of one client.
struct TopicHandle: ~Copyable {
    /// nil where librdkafka takes the name for no topic; its calls then answer with an error.
    let pointer: OpaquePointer?
    /// Kept because a topic must not outlive its client.
    private let client: ClientHandle

    init(_ name: String, of client: ClientHandle) {
        pointer = rd_kafka_topic_new(client.pointer, name, nil)
        self.client = client
    }

    deinit {
        if let pointer { rd_kafka_topic_destroy(pointer) }
    }
}
