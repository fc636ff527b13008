import CKafkaShim
import CLibrdkafka

extension ClientHandle {
    /// What the brokers say of one topic, or of all.
    func metadata(
        topic: String?,
        within limit: Duration
    ) throws(KafkaError) -> KafkaMetadata {
        guard let topic else { return try metadata(all: 1, topic: nil, within: limit) }
        let handle = TopicHandle(topic, of: self)
        return try metadata(all: 0, topic: handle.pointer, within: limit)
    }

    private func metadata(
        all: Int32,
        topic: OpaquePointer?,
        within limit: Duration
    ) throws(KafkaError) -> KafkaMetadata {
        var answer: UnsafePointer<rd_kafka_metadata>?
        try KafkaError.check(
            rd_kafka_metadata(pointer, all, topic, &answer, limit.milliseconds)
        )
        guard let answer else { return KafkaMetadata(brokers: [], topics: []) }
        defer { rd_kafka_metadata_destroy(answer) }
        return KafkaMetadata(answer.pointee)
    }

    /// The partitions of a topic; an error of the topic is thrown.
    func partitions(
        of topic: String,
        within limit: Duration
    ) throws(KafkaError) -> [KafkaPartition] {
        let found = try metadata(topic: topic, within: limit).topics.first { $0.name == topic }
        guard let found else { throw KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) }
        if let error = found.error { throw error }
        return (0..<Int32(clamping: found.partitionCount)).map {
            KafkaPartition(topic: topic, partition: $0)
        }
    }

    /// The cluster's own identifier, if the brokers tell one in time.
    func clusterID(within limit: Duration) -> String? {
        guard let text = rd_kafka_clusterid(pointer, limit.milliseconds) else { return nil }
        defer { rd_kafka_mem_free(pointer, text) }
        return String(cString: text)
    }
}

extension KafkaMetadata {
    // Safety: librdkafka's answer holds as many entries as it says, and outlives this call.
    init(_ answer: rd_kafka_metadata) {
        let brokers = UnsafeBufferPointer(start: answer.brokers, count: Int(answer.broker_cnt))
        let topics = UnsafeBufferPointer(start: answer.topics, count: Int(answer.topic_cnt))
        self.init(
            brokers: brokers.map {
                Broker(id: $0.id, address: "\(String(cString: $0.host)):\($0.port)")
            },
            topics: topics.map(Topic.init)
        )
    }
}

extension KafkaMetadata.Topic {
    init(_ topic: rd_kafka_metadata_topic) {
        let code = topic.err
        self.init(
            name: String(cString: topic.topic),
            partitionCount: Int(topic.partition_cnt),
            error: code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code)
        )
    }
}
