import CKafkaShim
import CLibrdkafka

/// A consumer of librdkafka and the queue that everything for it arrives in.
///
/// Not Sendable: in 2.0.2 taking batches while another thread seeks or assigns loses records.
final class ConsumerHandle {
    let client: ClientHandle
    let queue: OpaquePointer

    init(_ configuration: consuming ConfigurationHandle) throws(KafkaError) {
        client = try ClientHandle(RD_KAFKA_CONSUMER, configuration)
        try KafkaError.check(rd_kafka_poll_set_consumer(client.pointer))
        guard let queue = rd_kafka_queue_get_consumer(client.pointer) else {
            throw .invalidArgument("a consumer needs a group")
        }
        self.queue = queue
    }

    deinit {
        // Order: the queue before the client that it belongs to.
        rd_kafka_queue_destroy(queue)
    }

    func take(max: Int, timeout: Duration) -> MessagesHandle {
        MessagesHandle(from: queue, of: client, max: max, timeout: timeout)
    }

    func assign(_ positions: [KafkaPartition: KafkaPosition]) throws(KafkaError) {
        let list = PartitionListHandle(positions.mapValues(\.offset))
        try KafkaError.check(rd_kafka_assign(client.pointer, list.pointer))
    }

    func subscribe(_ topics: [String]) throws(KafkaError) {
        let unassigned = topics.map {
            KafkaPartition(topic: $0, partition: RD_KAFKA_PARTITION_UA)
        }
        let list = PartitionListHandle(unassigned)
        try KafkaError.check(rd_kafka_subscribe(client.pointer, list.pointer))
    }

    func assignment() throws(KafkaError) -> [KafkaPartition] {
        var pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
        try KafkaError.check(rd_kafka_assignment(client.pointer, &pointer))
        guard let pointer else { return [] }
        return PartitionListHandle(owning: pointer).partitions
    }

    func seek(
        _ partition: KafkaPartition,
        to position: KafkaPosition,
        within limit: Duration
    ) throws(KafkaError) {
        let topic = TopicHandle(partition.topic, of: client)
        // Not `rd_kafka_seek_partitions`: its time limit is a thousandth of what is asked.
        try KafkaError.check(
            rd_kafka_seek(
                topic.pointer,
                partition.partition,
                position.offset,
                limit.milliseconds
            )
        )
    }

    func pause(_ partitions: [KafkaPartition]) throws(KafkaError) {
        let list = PartitionListHandle(partitions)
        try KafkaError.check(rd_kafka_pause_partitions(client.pointer, list.pointer))
        _ = try list.offsets()
    }

    func resume(_ partitions: [KafkaPartition]) throws(KafkaError) {
        let list = PartitionListHandle(partitions)
        try KafkaError.check(rd_kafka_resume_partitions(client.pointer, list.pointer))
        _ = try list.offsets()
    }
}

extension ConsumerHandle {
    func watermarks(
        of partition: KafkaPartition,
        within limit: Duration
    ) throws(KafkaError) -> Range<Int64> {
        var low: Int64 = 0
        var high: Int64 = 0
        try KafkaError.check(
            rd_kafka_query_watermark_offsets(
                client.pointer,
                partition.topic,
                partition.partition,
                &low,
                &high,
                limit.milliseconds
            )
        )
        return low..<max(low, high)
    }

    func knownWatermarks(of partition: KafkaPartition) -> Range<Int64>? {
        var low: Int64 = 0
        var high: Int64 = 0
        let code = rd_kafka_get_watermark_offsets(
            client.pointer,
            partition.topic,
            partition.partition,
            &low,
            &high
        )
        // Unknown ones are symbolic, that is negative.
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, high >= 0 else { return nil }
        return min(max(0, low), high)..<high
    }

    func positions(_ partitions: [KafkaPartition]) throws(KafkaError) -> [KafkaPartition: Int64] {
        let list = PartitionListHandle(partitions)
        try KafkaError.check(rd_kafka_position(client.pointer, list.pointer))
        return try list.offsets()
    }

    func committed(
        _ partitions: [KafkaPartition],
        within limit: Duration
    ) throws(KafkaError) -> [KafkaPartition: Int64] {
        try committedList(partitions, within: limit).offsets()
    }

    /// What the group has stored, offsets and notes.
    func committedList(
        _ partitions: [KafkaPartition],
        within limit: Duration
    ) throws(KafkaError) -> PartitionListHandle {
        let list = PartitionListHandle(partitions)
        try KafkaError.check(rd_kafka_committed(client.pointer, list.pointer, limit.milliseconds))
        return list
    }

    func commit(
        _ offsets: [KafkaPartition: Int64],
        note: String? = nil,
        within limit: Duration
    ) throws(KafkaError) {
        let replies = ReplyQueueHandle(client)
        let list = PartitionListHandle(offsets, note: note)
        try KafkaError.check(
            rd_kafka_commit_queue(client.pointer, list.pointer, replies.pointer, nil, nil)
        )
        let deadline = ContinuousClock.now + limit
        guard let reply = replies.next(until: deadline) else {
            throw .timedOut("no answer to a commit within \(limit)")
        }
        try reply.check()
    }

    /// Leaves the group, for at most `limit`; says whether that was done.
    func close(within limit: Duration) -> Bool {
        let replies = ReplyQueueHandle(client)
        if let error = rd_kafka_consumer_close_queue(client.pointer, replies.pointer) {
            // Closed before: there is nothing left to leave.
            _ = KafkaError(consuming: error)
            return rd_kafka_consumer_closed(client.pointer) == 1
        }
        let deadline = ContinuousClock.now + limit
        while rd_kafka_consumer_closed(client.pointer) == 0, ContinuousClock.now < deadline {
            replies.serve(until: min(deadline, ContinuousClock.now + .milliseconds(10)))
        }
        return rd_kafka_consumer_closed(client.pointer) == 1
    }
}
