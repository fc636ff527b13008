/// A member of a group: Kafka tells it which partitions are its own, its owner where each begins.
///
/// Rebalances are cooperative: when the group is divided anew, partitions that stay with a member
/// are read on without a pause, and its owner hears only of those that come and go. It takes two
/// clients. One is the member: the group's protocol gives all partitions up before each division,
/// and as it reads none, nothing comes of that. The other reads, and knows no group. (librdkafka's
/// own cooperative protocol hangs a group that has more members than partitions in 2.0.2, and aborts
/// the process when certain members end.) Two members may read a partition for a moment, and one that
/// missed a division keeps what another one had in between: its owner must see to it that only the later
/// one's work counts, and join anew when it finds that its own does not.
///
/// Partitions come and go only inside `poll`, `next` and `close`, on the thread that calls them.
/// Every call may block up to its time limit, so it belongs on a thread of its own; it is not
/// Sendable. Without `close` it leaves its group by silence, like a consumer that crashed.
package final class KafkaGroupConsumer {
    private let member: MemberHandle
    private let reading: ReadingHandle
    /// What the group gave us, read or not.
    private var given: Set<KafkaPartition> = []
    private var onAssigned: ([KafkaPartition]) throws -> [KafkaPartition: KafkaPosition] = { _ in
        [:]
    }
    private var onRevoked: ([KafkaPartition], Bool) -> Void = { _, _ in }
    /// What its owner, or the reading client, threw: then all is over.
    private var failure: (any Error)?

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
        member = try MemberHandle(configuration.makeMemberConfiguration(group: group))
        reading = try ReadingHandle(
            configuration.makeReadingConfiguration(group: group, memory: memory),
            queuedBytes: KafkaConfiguration.queuedBytes(of: memory)
        )
    }

    /// Joins the group to read these topics; `^…` is a regular expression, which also finds topics
    /// that are made later.
    ///
    /// `onAssigned` is told of partitions that come, or of none where the group has none for us, and
    /// says where each begins; one that it leaves out is ours, but not read. What it throws, `next` throws. `onRevoked` is told of partitions
    /// that go, and in its second argument whether another member may have them already.
    package func subscribe(
        _ topics: [String],
        onAssigned: @escaping ([KafkaPartition]) throws -> [KafkaPartition: KafkaPosition],
        onRevoked: @escaping ([KafkaPartition], _ areLost: Bool) -> Void
    ) throws(KafkaError) {
        self.onAssigned = onAssigned
        self.onRevoked = onRevoked
        try member.consumer.subscribe(topics)
    }

    /// Takes note of what the group says, without waiting and without reading.
    package func poll() throws {
        if let failure { throw failure }
        member.poll { self.heed($0) }
        if let failure { throw failure }
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
        try poll()
        let messages = reading.take(max: max, timeout: timeout)
        return KafkaBatch(messages, and: member.takeProblems())
    }

    /// Begins to read partitions that are ours, and were left out when they came.
    package func start(_ positions: [KafkaPartition: KafkaPosition]) throws(KafkaError) {
        try reading.start(positions.filter { given.contains($0.key) })
    }

    /// The partitions that are ours and read.
    package var partitions: Set<KafkaPartition> { reading.partitions }

    /// Whether the group is being divided anew: what is ours may be another member's any moment.
    package var isBeingDivided: Bool { member.isBeingDivided }

    /// Leaves the group, so that others take over at once; says whether that was done in time.
    ///
    /// `onRevoked` is called for what is still ours.
    @discardableResult
    package func close(within limit: Duration = .seconds(5)) -> Bool {
        let isDone = member.close(within: limit) { self.heed($0) }
        // Left over where the group was being divided: others may have it by now.
        lose(given, areLost: true)
        return isDone
    }

    private func heed(_ change: MemberHandle.Change) {
        switch change {
        case .given(let partitions):
            lose(given.subtracting(partitions), areLost: true)
            gain(partitions.subtracting(given))
        case .revoked(let areLost):
            lose(given, areLost: areLost)
        }
    }

    private func gain(_ partitions: Set<KafkaPartition>) {
        guard !partitions.isEmpty || given.isEmpty, failure == nil else { return }
        given.formUnion(partitions)
        do {
            let positions = try onAssigned(partitions.sorted())
            try reading.start(positions.filter { partitions.contains($0.key) })
        } catch {
            failure = error
        }
    }

    private func lose(_ partitions: Set<KafkaPartition>, areLost: Bool) {
        guard !partitions.isEmpty else { return }
        given.subtract(partitions)
        onRevoked(partitions.sorted(), areLost)
        do {
            try reading.stop(partitions)
        } catch {
            failure = failure ?? error
        }
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
        let owned = owned(offsets)
        if !owned.isEmpty {
            try member.consumer.commit(owned, note: Self.note, within: limit)
        }
    }

    /// Stores the same without waiting, unless the one before is still under way; says whether.
    ///
    /// What went wrong stands in `commitProblem` some time later.
    @discardableResult
    package func commitLater(_ offsets: [KafkaPartition: Int64]) -> Bool {
        member.commitLater(owned(offsets), note: Self.note)
    }

    /// Stands beside what we commit, and not beside what an operator's tool does.
    private static let note = "postbox"

    private func owned(_ offsets: [KafkaPartition: Int64]) -> [KafkaPartition: Int64] {
        offsets.filter { reading.partitions.contains($0.key) }
    }

    /// Why the latest finished `commitLater` failed, other than by a rebalance.
    package var commitProblem: KafkaError? { member.commitProblem }

    /// What the group has stored last; a partition with nothing stored is left out.
    package func committed(
        _ partitions: [KafkaPartition],
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> [KafkaPartition: Int64] {
        try member.consumer.committed(partitions, within: limit)
    }

    /// The same, but only what somebody other than a `KafkaGroupConsumer` has stored.
    package func committedByOthers(
        _ partitions: [KafkaPartition],
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> [KafkaPartition: Int64] {
        let list = try member.consumer.committedList(partitions, within: limit)
        let ours = list.noted(Self.note)
        return try list.offsets().filter { !ours.contains($0.key) }
    }

    /// The first offset that the broker still has and the one that it will give out next.
    package func watermarks(
        of partition: KafkaPartition,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> Range<Int64> {
        try reading.consumer.watermarks(of: partition, within: limit)
    }

    /// Asks anew what a topic is and who leads it: otherwise that is believed for minutes.
    package func refreshMetadata(
        of topic: String,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) {
        _ = try reading.consumer.client.metadata(topic: topic, within: limit)
    }

    /// The same as far as fetching has told, without asking; nil where it has told nothing.
    package func knownWatermarks(of partition: KafkaPartition) -> Range<Int64>? {
        reading.consumer.knownWatermarks(of: partition)
    }

    /// The brokers and all topics, or one.
    package func metadata(
        of topic: String? = nil,
        within limit: Duration = .seconds(10)
    ) throws(KafkaError) -> KafkaMetadata {
        try member.consumer.client.metadata(topic: topic, within: limit)
    }

    /// The name that the group gave to this member, once it has joined.
    package var memberID: String? { member.memberID }

    /// The error that ended this consumer for good, if one did.
    package var fatalError: KafkaError? { member.consumer.client.fatalError }
}
