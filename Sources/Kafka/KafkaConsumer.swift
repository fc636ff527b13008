/// Reads records: from partitions that it is told, or from those that a group gives it.
///
/// Every call may block up to its time limit, so it belongs on a thread of its own; it is not
/// Sendable, because librdkafka 2.0.2 loses records where one thread takes batches and another
/// seeks. It commits only what `commit` is given. Without `close` it leaves its group by silence,
/// like a consumer that crashed.
package final class KafkaConsumer {
    private let handle: ConsumerHandle

    /// Connects in the background; an unreachable broker shows in the calls, not here.
    ///
    /// Without a `group` it can `assign`, but neither `subscribe` nor `commit` usefully.
    package init(
        _ cluster: KafkaCluster,
        group: String? = nil,
        log: KafkaLog? = nil
    ) throws(KafkaError) {
        let configuration = KafkaConfiguration(cluster, log: log)
        handle = try ConsumerHandle(
            configuration.makeConsumerConfiguration(group: group ?? Self.unusedGroup())
        )
    }

    /// A consumer for a look at single records: it fetches little, and tells of partitions' ends.
    init(peekingInto cluster: KafkaCluster, as group: String?) throws(KafkaError) {
        let configuration = KafkaConfiguration(cluster)
        handle = try ConsumerHandle(
            configuration.makePeekConfiguration(group: group ?? Self.unusedGroup())
        )
    }

    /// Lets librdkafka fetch at once from these, which it is told to read: its threads may sleep.
    func wakeBrokers(of partitions: some Collection<KafkaPartition>) {
        handle.wakeBrokers(of: partitions)
    }

    /// librdkafka makes no queue for a consumer without a group; this one is never joined.
    private static func unusedGroup() -> String {
        "postbox-reader-\(UInt64.random(in: 0 ... .max))"
    }

    /// Reads exactly these partitions from now on.
    package func assign(_ positions: [KafkaPartition: KafkaPosition]) throws(KafkaError) {
        try handle.assign(positions)
    }

    /// Reads all partitions that a topic has now.
    package func assign(
        topic: String,
        from position: KafkaPosition = .beginning,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) {
        let partitions = try handle.client.partitions(of: topic, within: limit)
        try assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, position) }))
    }

    /// Joins the group and reads what it is given of these topics; `^…` is a regular expression.
    package func subscribe(_ topics: [String]) throws(KafkaError) {
        try handle.subscribe(topics)
    }

    /// The partitions that are read now.
    package func assignment() throws(KafkaError) -> [KafkaPartition] {
        try handle.assignment()
    }

    /// Waits for a first record, up to `timeout`, and takes what else is there, up to `max`.
    ///
    /// A group's partitions come and go only inside this call.
    package func next(max: Int = 1_000, timeout: Duration = .milliseconds(100)) -> KafkaBatch {
        KafkaBatch(handle.take(max: max, timeout: timeout))
    }

    /// Goes on elsewhere in a partition that is assigned.
    package func seek(
        _ partition: KafkaPartition,
        to position: KafkaPosition,
        within limit: Duration = .seconds(5)
    ) throws(KafkaError) {
        try handle.seek(partition, to: position, within: limit)
    }

    package func pause(_ partitions: [KafkaPartition]) throws(KafkaError) {
        try handle.pause(partitions)
    }

    package func resume(_ partitions: [KafkaPartition]) throws(KafkaError) {
        try handle.resume(partitions)
    }

    /// The offset after the last record taken from each; one of which none was taken is left out.
    package func positions(
        _ partitions: [KafkaPartition]
    ) throws(KafkaError) -> [KafkaPartition: Int64] {
        try handle.positions(partitions)
    }

    /// The partitions that a topic has now.
    package func partitions(
        of topic: String,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> [KafkaPartition] {
        try handle.client.partitions(of: topic, within: limit)
    }

    /// The first offset that the broker still has and the one that it will give out next.
    package func watermarks(
        of partition: KafkaPartition,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> Range<Int64> {
        try handle.watermarks(of: partition, within: limit)
    }

    /// Stores for the group where each partition goes on, and waits for the broker's word.
    ///
    /// A timeout leaves open whether it was stored.
    package func commit(
        _ offsets: [KafkaPartition: Int64],
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) {
        try handle.commit(offsets, within: limit)
    }

    /// What the group has stored last; a partition with nothing stored is left out.
    package func committed(
        _ partitions: [KafkaPartition],
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> [KafkaPartition: Int64] {
        try handle.committed(partitions, within: limit)
    }

    /// Leaves the group, so that others take over at once; says whether that was done in time.
    @discardableResult
    package func close(within limit: Duration = .seconds(5)) -> Bool {
        handle.close(within: limit)
    }
}
