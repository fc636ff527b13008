import CKafkaShim
import CLibrdkafka

/// A consumer that reads what it is told, while partitions come and go.
///
/// It never joins its group. Not Sendable: one thread reads, starts and stops.
final class ReadingHandle {
    let consumer: ConsumerHandle
    /// What librdkafka reads for us.
    private(set) var partitions: Set<KafkaPartition> = []
    private let reading: OpaquePointer
    private let queuedBytes: Int
    /// What had been taken when the brokers' threads were last woken.
    private var atWaking = (bytes: 0, records: 0)

    init(
        _ configuration: consuming ConfigurationHandle,
        queuedBytes: Int
    ) throws(KafkaError) {
        self.queuedBytes = queuedBytes
        consumer = try ConsumerHandle(configuration)
        guard let reading = kafka_reading_new() else { preconditionFailure("no memory") }
        self.reading = reading
    }

    deinit {
        kafka_reading_destroy(reading)
    }

    func start(_ positions: [KafkaPartition: KafkaPosition]) throws(KafkaError) {
        guard !positions.isEmpty else { return }
        let offsets = positions.mapValues(\.offset)
        for (partition, offset) in offsets {
            kafka_reading_start(reading, partition.topic, partition.partition, offset)
        }
        partitions.formUnion(positions.keys)
        let list = PartitionListHandle(offsets)
        try Self.check(rd_kafka_incremental_assign(consumer.client.pointer, list.pointer))
    }

    func stop(_ gone: some Sequence<KafkaPartition>) throws(KafkaError) {
        let gone = partitions.intersection(gone)
        guard !gone.isEmpty else { return }
        for partition in gone {
            kafka_reading_stop(reading, partition.topic, partition.partition)
        }
        partitions.subtract(gone)
        let list = PartitionListHandle(gone)
        try Self.check(rd_kafka_incremental_unassign(consumer.client.pointer, list.pointer))
    }

    private static func check(_ error: OpaquePointer?) throws(KafkaError) {
        if let error { throw KafkaError(consuming: error) }
    }

    func take(max: Int, timeout: Duration) -> MessagesHandle {
        let messages = MessagesHandle(
            from: consumer.queue,
            of: consumer.client,
            reading: reading,
            max: max,
            timeout: timeout
        )
        wakeFetchingIfDue()
        return messages
    }

    /// Lets fetching go on as soon as half of a full queue is taken.
    ///
    /// librdkafka 2.0.2 stops fetching at a full queue, and then sleeps for a second even if that
    /// is emptied meanwhile (its issue 2879).
    private func wakeFetchingIfDue() {
        var (bytes, records) = (0, 0)
        kafka_reading_measure(reading, &bytes, &records)
        guard
            bytes - atWaking.bytes > queuedBytes / 2
                || records - atWaking.records > KafkaConfiguration.queuedRecords / 2
        else { return }
        atWaking = (bytes, records)
        consumer.wakeBrokers(of: partitions)
    }
}

extension ConsumerHandle {
    /// Lets the threads of brokers look again at what is to be fetched: any request wakes them.
    func wakeBrokers(of partitions: some Collection<KafkaPartition>) {
        let latest = Int64(RD_KAFKA_OFFSET_END)
        let list = PartitionListHandle(
            Dictionary(uniqueKeysWithValues: partitions.map { ($0, latest) })
        )
        // The answer is of no interest: the thread is awake when it has the request.
        rd_kafka_offsets_for_times(client.pointer, list.pointer, 50)
    }
}
