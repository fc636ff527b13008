import CKafkaShim
import CLibrdkafka

extension ClientHandle {
    /// The first offset that the broker still has and the one that it will give out next.
    func watermarks(
        of partition: KafkaPartition,
        within limit: Duration
    ) throws(KafkaError) -> Range<Int64> {
        var low: Int64 = 0
        var high: Int64 = 0
        try KafkaError.check(
            rd_kafka_query_watermark_offsets(
                pointer,
                partition.topic,
                partition.partition,
                &low,
                &high,
                limit.milliseconds
            )
        )
        return low..<max(low, high)
    }

    /// The first offset of that time or later; a partition without one is left out.
    func offsets(
        at milliseconds: Int64,
        of partitions: [KafkaPartition],
        within limit: Duration
    ) throws(KafkaError) -> [KafkaPartition: Int64] {
        let wanted = Dictionary(partitions.map { ($0, milliseconds) }) { first, _ in first }
        let list = PartitionListHandle(wanted)
        try KafkaError.check(rd_kafka_offsets_for_times(pointer, list.pointer, limit.milliseconds))
        return try list.offsets()
    }
}
