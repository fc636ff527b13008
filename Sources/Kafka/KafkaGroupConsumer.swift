/// A member of a group: Kafka tells it which partitions are its own, its owner where each begins.
///
/// When the group is divided anew, all members give up all partitions first, and get their new ones
/// then. (The cooperative protocol moves less, but in librdkafka 2.0.2 it hangs a group that has
/// more members than partitions, and aborts the process when certain members end.)
///
/// Partitions come and go only inside `next` and `close`, on the thread that calls them. Every call
/// may block up to its time limit, so it belongs on a thread of its own; it is not Sendable. Without
/// `close` it leaves its group by silence, like a consumer that crashed.
package final class KafkaGroupConsumer {
    private let handle: GroupHandle

    /// Connects in the background; an unreachable broker shows in the calls, not here.
    ///
    /// About `memory` bytes of records are fetched ahead. A record larger than that is still read.
    package init(
        _ cluster: KafkaCluster,
        group: String,
        memory: Int,
        log: KafkaLog? = nil
    ) throws(KafkaError) {
        let configuration = KafkaConfiguration(cluster, log: log)
        handle = try GroupHandle(
            configuration.makeGroupConfiguration(group: group, memory: memory),
            queuedBytes: KafkaConfiguration.queuedBytes(of: memory)
        )
    }

    /// Joins the group to read these topics; `^…` is a regular expression, which also finds topics
    /// that are made later.
    ///
    /// `onAssigned` says where each partition begins; one that it leaves out is ours, but not read.
    /// What it throws, `next` throws. `onRevoked` is told of all partitions that go, and in its
    /// second argument whether another member may have them already. When it returns, the partitions
    /// are free.
    package func subscribe(
        _ topics: [String],
        onAssigned: @escaping ([KafkaPartition]) throws -> [KafkaPartition: KafkaPosition],
        onRevoked: @escaping ([KafkaPartition], _ areLost: Bool) -> Void
    ) throws(KafkaError) {
        handle.listen(onAssigned: onAssigned, onRevoked: onRevoked)
        try handle.consumer.subscribe(topics)
    }

    /// Waits for a first record, up to `timeout`, and takes what else is there, up to `max`.
    ///
    /// Of each partition records come in order and none twice from `onAssigned` to `onRevoked`. A
    /// position that Kafka does not have is a problem of the batch, with its partition. After an
    /// error there is nothing left to do but `close`.
    package func next(
        max: Int = 1_000,
        timeout: Duration = .milliseconds(100)
    ) throws -> KafkaBatch {
        KafkaBatch(try handle.take(max: max, timeout: timeout))
    }

    /// The partitions that are ours and read.
    package var partitions: Set<KafkaPartition> { handle.partitions }

    /// Leaves the group, so that others take over at once; says whether that was done in time.
    ///
    /// `onRevoked` is called for what is still ours.
    @discardableResult
    package func close(within limit: Duration = .seconds(5)) -> Bool {
        handle.close(within: limit)
    }
}

extension KafkaGroupConsumer {
    /// Stores for the group where each partition goes on, and waits for the broker's word.
    ///
    /// Partitions that are not ours are left out. A timeout leaves open whether it was stored.
    package func commit(
        _ offsets: [KafkaPartition: Int64],
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) {
        try handle.commit(offsets, within: limit)
    }

    /// Stores the same without waiting, unless the one before is still under way; says whether.
    ///
    /// What went wrong stands in `commitProblem` some time later.
    @discardableResult
    package func commitLater(_ offsets: [KafkaPartition: Int64]) -> Bool {
        handle.commitLater(offsets)
    }

    /// Why the latest finished `commitLater` failed, other than by a rebalance.
    package var commitProblem: KafkaError? { handle.commitProblem }

    /// What the group has stored last; a partition with nothing stored is left out.
    package func committed(
        _ partitions: [KafkaPartition],
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> [KafkaPartition: Int64] {
        try handle.consumer.committed(partitions, within: limit)
    }

    /// The first offset that the broker still has and the one that it will give out next.
    package func watermarks(
        of partition: KafkaPartition,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> Range<Int64> {
        try handle.consumer.watermarks(of: partition, within: limit)
    }

    /// The same as far as fetching has told, without asking; nil where it has told nothing.
    package func knownWatermarks(of partition: KafkaPartition) -> Range<Int64>? {
        handle.consumer.knownWatermarks(of: partition)
    }

    /// The brokers and all topics, or one.
    package func metadata(
        of topic: String? = nil,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> KafkaMetadata {
        try handle.consumer.client.metadata(topic: topic, within: limit)
    }

    /// The name that the group gave to this member, once it has joined.
    package var memberID: String? { handle.memberID }

    /// The error that ended this consumer for good, if one did.
    package var fatalError: KafkaError? { handle.consumer.client.fatalError }
}
