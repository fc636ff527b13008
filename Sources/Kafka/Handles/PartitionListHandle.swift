import CKafkaShim
import CLibrdkafka
import Glibc

/// A list of partitions with offsets, as librdkafka passes them around.
struct PartitionListHandle: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// Takes over a list that librdkafka made.
    init(owning pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
        self.pointer = pointer
    }

    /// With a `note`, which is stored beside each offset that is committed.
    init(_ offsets: [KafkaPartition: Int64], note: String? = nil) {
        pointer = rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count))
        for (partition, offset) in offsets {
            let entry = rd_kafka_topic_partition_list_add(
                pointer,
                partition.topic,
                partition.partition
            )
            entry?.pointee.offset = offset
            if let note {
                // The list frees it.
                entry?.pointee.metadata = UnsafeMutableRawPointer(strdup(note))
                entry?.pointee.metadata_size = note.utf8.count
            }
        }
    }

    init(_ partitions: some Sequence<KafkaPartition>) {
        let unset = Int64(RD_KAFKA_OFFSET_INVALID)
        self.init(
            Dictionary(partitions.map { ($0, unset) }, uniquingKeysWith: { first, _ in first })
        )
    }

    deinit {
        rd_kafka_topic_partition_list_destroy(pointer)
    }

    /// The partitions with a true offset; what is unset or symbolic is left out.
    ///
    /// Throws the first error that stands at a partition.
    func offsets() throws(KafkaError) -> [KafkaPartition: Int64] {
        var offsets: [KafkaPartition: Int64] = [:]
        for entry in entries {
            try KafkaError.check(entry.err)
            if entry.offset >= 0 { offsets[Self.partition(of: entry)] = entry.offset }
        }
        return offsets
    }

    var partitions: [KafkaPartition] { entries.map(Self.partition) }

    /// The partitions whose offsets somebody stored with this note.
    func noted(_ note: String) -> Set<KafkaPartition> {
        Set(entries.filter { Self.note(of: $0) == note }.map(Self.partition))
    }

    private static func note(of entry: rd_kafka_topic_partition_t) -> String? {
        // Safety: librdkafka says how many bytes it has put there.
        guard let start = entry.metadata else { return nil }
        let bytes = UnsafeRawBufferPointer(start: start, count: entry.metadata_size)
        return String(decoding: bytes, as: UTF8.self)
    }

    // Safety: `elems` holds `cnt` entries for as long as the list, which `self` owns, is unchanged.
    private var entries: UnsafeBufferPointer<rd_kafka_topic_partition_t> {
        UnsafeBufferPointer(start: pointer.pointee.elems, count: Int(pointer.pointee.cnt))
    }

    /// The partitions of a list that librdkafka lends for a call.
    static func partitions(
        of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
    ) -> [KafkaPartition] {
        UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt))
            .map(partition)
    }

    private static func partition(of entry: rd_kafka_topic_partition_t) -> KafkaPartition {
        KafkaPartition(topic: String(cString: entry.topic), partition: entry.partition)
    }
}

extension KafkaPosition {
    /// The number that librdkafka takes for it.
    var offset: Int64 {
        switch self {
        case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
        case .end: Int64(RD_KAFKA_OFFSET_END)
        case .offset(let offset): offset
        case .committed: Int64(RD_KAFKA_OFFSET_STORED)
        }
    }
}
