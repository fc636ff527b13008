import CKafkaShim
import CLibrdkafka

/// A consumer that is told by its group what to read, and by its owner from where.
///
/// Not Sendable: librdkafka calls back on the thread that calls `take` or `close`.
final class GroupHandle {
    let consumer: ConsumerHandle
    private let group: OpaquePointer
    private let commits: ReplyQueueHandle
    private var isCommitting = false
    private(set) var commitProblem: KafkaError?
    /// What librdkafka reads for us.
    private(set) var partitions: Set<KafkaPartition> = []
    private var onAssigned: ([KafkaPartition]) throws -> [KafkaPartition: KafkaPosition] = { _ in
        [:]
    }
    private var onRevoked: ([KafkaPartition], Bool) -> Void = { _, _ in }
    private let queuedBytes: Int
    /// What had been taken when the brokers' threads were last woken.
    private var atWaking = (bytes: 0, records: 0)
    /// What was thrown inside librdkafka's call, where nothing can be thrown.
    private var failure: (any Error)?

    init(
        _ configuration: consuming ConfigurationHandle,
        queuedBytes: Int
    ) throws(KafkaError) {
        self.queuedBytes = queuedBytes
        configuration.withPointer { kafka_group_prepare($0) }
        consumer = try ConsumerHandle(configuration)
        commits = ReplyQueueHandle(consumer.client)
        guard let group = kafka_group_new() else { preconditionFailure("no memory") }
        self.group = group
        // Safety: the shim calls back only within calls of this object, which is alive then.
        kafka_group_listen(group, Self.rebalance, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        kafka_group_destroy(group)
    }

    func listen(
        onAssigned: @escaping ([KafkaPartition]) throws -> [KafkaPartition: KafkaPosition],
        onRevoked: @escaping ([KafkaPartition], Bool) -> Void
    ) {
        self.onAssigned = onAssigned
        self.onRevoked = onRevoked
    }

    func take(max: Int, timeout: Duration) throws -> MessagesHandle {
        if let failure { throw failure }
        let messages = MessagesHandle(
            from: consumer.queue,
            of: consumer.client,
            group: group,
            max: max,
            timeout: timeout
        )
        if let failure { throw failure }
        wakeFetchingIfDue()
        return messages
    }

    /// Lets fetching go on as soon as half of a full queue is taken.
    ///
    /// librdkafka 2.0.2 stops fetching at a full queue, and then sleeps for a second even if that
    /// is emptied meanwhile (its issue 2879). Any request wakes the thread of a broker, which then
    /// looks at the queue again.
    private func wakeFetchingIfDue() {
        var (bytes, records) = (0, 0)
        kafka_group_measure(group, &bytes, &records)
        guard
            bytes - atWaking.bytes > queuedBytes / 2
                || records - atWaking.records > KafkaConfiguration.queuedRecords / 2
        else { return }
        atWaking = (bytes, records)
        let latest = Int64(RD_KAFKA_OFFSET_END)
        let list = PartitionListHandle(
            Dictionary(uniqueKeysWithValues: partitions.map { ($0, latest) })
        )
        // The answer is of no interest: the thread is awake when it has the request.
        rd_kafka_offsets_for_times(consumer.client.pointer, list.pointer, 50)
    }

    /// Leaves the group, for at most `limit`; says whether that was done.
    func close(within limit: Duration) -> Bool {
        let client = consumer.client.pointer
        let replies = ReplyQueueHandle(consumer.client)
        if let error = rd_kafka_consumer_close_queue(client, replies.pointer) {
            // Closed before: there is nothing left to leave.
            _ = KafkaError(consuming: error)
            return rd_kafka_consumer_closed(client) == 1
        }
        let deadline = ContinuousClock.now + limit
        while rd_kafka_consumer_closed(client) == 0, ContinuousClock.now < deadline {
            kafka_group_serve(group, replies.pointer, 10)
        }
        return rd_kafka_consumer_closed(client) == 1
    }

    var memberID: String? {
        guard let text = rd_kafka_memberid(consumer.client.pointer) else { return nil }
        defer { rd_kafka_mem_free(consumer.client.pointer, text) }
        let id = String(cString: text)
        return id.isEmpty ? nil : id
    }
}

extension GroupHandle {
    private static let rebalance: kafka_group_listener = { opaque, assigned, list in
        guard let opaque, let list else { return }
        // Safety: see `init`.
        let handle = Unmanaged<GroupHandle>.fromOpaque(opaque).takeUnretainedValue()
        let partitions = PartitionListHandle.partitions(of: list)
        if assigned { handle.assign(partitions) } else { handle.revoke(partitions) }
    }

    private func assign(_ given: [KafkaPartition]) {
        var positions: [KafkaPartition: KafkaPosition] = [:]
        do {
            let wanted = try onAssigned(given)
            positions = wanted.filter { given.contains($0.key) }
        } catch {
            failure = failure ?? error
        }
        for (partition, position) in positions {
            kafka_group_start(group, partition.topic, partition.partition, position.offset)
        }
        partitions.formUnion(positions.keys)
        // Librdkafka waits for this call even where there is nothing to read.
        let list = PartitionListHandle(positions.mapValues(\.offset))
        note(rd_kafka_assign(consumer.client.pointer, list.pointer))
    }

    private func revoke(_ gone: [KafkaPartition]) {
        let areLost = rd_kafka_assignment_lost(consumer.client.pointer) == 1
        if !gone.isEmpty { onRevoked(gone, areLost) }
        // A commit of the old generation that arrives in the next one would cost the assignment.
        finishCommit(until: .now + .seconds(areLost ? 0 : 1))
        for partition in gone { kafka_group_stop(group, partition.topic, partition.partition) }
        partitions.subtract(gone)
        note(rd_kafka_assign(consumer.client.pointer, nil))
    }

    private func note(_ code: rd_kafka_resp_err_t) {
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { failure = failure ?? KafkaError(code) }
    }
}

extension GroupHandle {
    func commit(
        _ offsets: [KafkaPartition: Int64],
        within limit: Duration
    ) throws(KafkaError) {
        let owned = offsets.filter { partitions.contains($0.key) }
        if !owned.isEmpty { try consumer.commit(owned, within: limit) }
    }

    func commitLater(_ offsets: [KafkaPartition: Int64]) -> Bool {
        finishCommit(until: .now)
        // While the group is divided anew nothing is ours, and a commit would cost the assignment.
        let owned = offsets.filter { partitions.contains($0.key) }
        guard !isCommitting, !owned.isEmpty else { return false }
        let list = PartitionListHandle(owned)
        let code = rd_kafka_commit_queue(
            consumer.client.pointer,
            list.pointer,
            commits.pointer,
            nil,
            nil
        )
        isCommitting = code == RD_KAFKA_RESP_ERR_NO_ERROR
        if !isCommitting { commitProblem = KafkaError(code) }
        return isCommitting
    }

    /// Takes the answer to the commit under way, if it comes in time.
    private func finishCommit(until deadline: ContinuousClock.Instant) {
        guard isCommitting, let reply = commits.next(until: deadline) else { return }
        isCommitting = false
        do throws(KafkaError) {
            try reply.check()
            commitProblem = nil
        } catch {
            commitProblem = error.isOfRebalance ? nil : error
        }
    }
}

extension KafkaError {
    /// Whether it only says that the group is being divided anew.
    fileprivate var isOfRebalance: Bool {
        [
            RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
            RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
        ].contains { $0.rawValue == code }
    }
}
