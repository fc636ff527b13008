import CKafkaShim
import CLibrdkafka

/// librdkafka's mock cluster, and the client that it needs for its bookkeeping.
final class MockClusterHandle: @unchecked Sendable {
    // Safety: the calls used here take the mock cluster's own lock; the pointer never changes.
    private let pointer: OpaquePointer
    private let client: ClientHandle

    init(brokers: Int) throws(KafkaError) {
        client = try ClientHandle(RD_KAFKA_PRODUCER, ConfigurationHandle(log: nil))
        guard let pointer = rd_kafka_mock_cluster_new(client.pointer, Int32(clamping: brokers))
        else { throw .invalidArgument("no mock cluster of \(brokers) brokers") }
        self.pointer = pointer
    }

    deinit {
        // Order: the cluster before its client, which is dropped after this body.
        rd_kafka_mock_cluster_destroy(pointer)
    }

    var bootstrapServers: String {
        String(cString: rd_kafka_mock_cluster_bootstraps(pointer))
    }

    func createTopic(_ topic: String, partitions: Int) throws(KafkaError) {
        try KafkaError.check(
            rd_kafka_mock_topic_create(pointer, topic, Int32(clamping: partitions), 1)
        )
    }

    func setDown(broker: Int32) throws(KafkaError) {
        try KafkaError.check(rd_kafka_mock_broker_set_down(pointer, broker))
    }

    func setUp(broker: Int32) throws(KafkaError) {
        try KafkaError.check(rd_kafka_mock_broker_set_up(pointer, broker))
    }

    func setRoundTrip(_ time: Duration, broker: Int32) throws(KafkaError) {
        try KafkaError.check(rd_kafka_mock_broker_set_rtt(pointer, broker, time.milliseconds))
    }

    func pushErrors(_ codes: [Int32], request: Int16) {
        let errors = codes.map { rd_kafka_resp_err_t(rawValue: $0) }
        rd_kafka_mock_push_request_errors_array(pointer, request, errors.count, errors)
    }

    func clearErrors(request: Int16) {
        rd_kafka_mock_clear_request_errors(pointer, request)
    }

    func setTopicError(_ topic: String, _ code: Int32) {
        rd_kafka_mock_topic_set_error(pointer, topic, rd_kafka_resp_err_t(rawValue: code))
    }

    func setLeader(_ topic: String, partition: Int32, broker: Int32) throws(KafkaError) {
        try KafkaError.check(rd_kafka_mock_partition_set_leader(pointer, topic, partition, broker))
    }
}
