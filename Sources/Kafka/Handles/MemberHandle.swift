import CKafkaShim
import CLibrdkafka

/// A place in a group, without reading: what the group gives is told, and librdkafka fetches nothing.
///
/// Before librdkafka 2.0.2 divides a group anew, it wants all partitions back from all members. It
/// gets them at once, which is only a word between the members: what is read stays as it is until
/// the new division says what goes. Not Sendable: events come on the thread that polls.
final class MemberHandle {
    /// What became of partitions.
    enum Change {
        /// These are ours now, and no others.
        case given(Set<KafkaPartition>)
        /// None is ours any more; another member may have them already if they are lost.
        case revoked(areLost: Bool)
    }

    let consumer: ConsumerHandle
    /// Whether the group is being divided anew: what was ours may be another's any moment.
    private(set) var isBeingDivided = false
    private(set) var commitProblem: KafkaError?
    private var isClosing = false
    private let commits: ReplyQueueHandle
    private var isCommitting = false
    /// What the group said that concerns no partition.
    private var problems: [KafkaBatch.Problem] = []

    init(_ configuration: consuming ConfigurationHandle) throws(KafkaError) {
        configuration.withPointer {
            rd_kafka_conf_set_events($0, RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR)
        }
        consumer = try ConsumerHandle(configuration)
        commits = ReplyQueueHandle(consumer.client)
    }

    /// Takes note of what has happened since the last call, without waiting.
    func poll(_ told: (Change) -> Void) {
        while let event = rd_kafka_queue_poll(consumer.queue, 0) { heed(ReplyHandle(event), told) }
    }

    /// The problems since the last call.
    func takeProblems() -> [KafkaBatch.Problem] {
        defer { problems = [] }
        return problems
    }

    /// Leaves the group, for at most `limit`; says whether that was done.
    func close(within limit: Duration, _ told: (Change) -> Void) -> Bool {
        let client = consumer.client.pointer
        let replies = ReplyQueueHandle(consumer.client)
        isClosing = true
        if let error = rd_kafka_consumer_close_queue(client, replies.pointer) {
            // Closed before: there is nothing left to leave.
            _ = KafkaError(consuming: error)
            return rd_kafka_consumer_closed(client) == 1
        }
        let deadline = ContinuousClock.now + limit
        while rd_kafka_consumer_closed(client) == 0, ContinuousClock.now < deadline {
            if let event = rd_kafka_queue_poll(replies.pointer, 10) {
                heed(ReplyHandle(event), told)
            }
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

extension MemberHandle {
    private func heed(_ reply: consuming ReplyHandle, _ told: (Change) -> Void) {
        switch rd_kafka_event_type(reply.event) {
        case RD_KAFKA_EVENT_REBALANCE: rebalance(reply.event, told)
        case RD_KAFKA_EVENT_ERROR: problems.append(reply.problem)
        default: break
        }
    }

    private func rebalance(_ event: OpaquePointer, _ told: (Change) -> Void) {
        if rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            let list = rd_kafka_event_topic_partition_list(event)
            return beGiven(list.map { PartitionListHandle.partitions(of: $0) } ?? [], told)
        }
        revoke(areLost: rd_kafka_assignment_lost(consumer.client.pointer) == 1, told)
    }

    private func beGiven(_ partitions: [KafkaPartition], _ told: (Change) -> Void) {
        // Librdkafka waits for this call, even though there is nothing that it shall read.
        let nothing = PartitionListHandle([KafkaPartition]())
        note(rd_kafka_assign(consumer.client.pointer, nothing.pointer))
        isBeingDivided = false
        told(.given(Set(partitions)))
    }

    private func revoke(areLost: Bool, _ told: (Change) -> Void) {
        isBeingDivided = !areLost && !isClosing
        if !isBeingDivided { told(.revoked(areLost: areLost)) }
        // A commit of the old generation that arrives in the next one would cost the assignment.
        finishCommit(until: .now + .seconds(areLost ? 0 : 1))
        note(rd_kafka_assign(consumer.client.pointer, nil))
    }

    private func note(_ code: rd_kafka_resp_err_t) {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        problems.append(KafkaBatch.Problem(error: KafkaError(code)))
    }
}

extension MemberHandle {
    /// Stores positions with the group, unless the one before is still under way; says whether.
    func commitLater(_ offsets: [KafkaPartition: Int64], note: String) -> Bool {
        finishCommit(until: .now)
        // While the group is divided anew a commit would cost the assignment.
        guard !isCommitting, !isBeingDivided, !offsets.isEmpty else { return false }
        let list = PartitionListHandle(offsets, note: note)
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

extension ReplyHandle {
    /// An error that came as an event.
    fileprivate var problem: KafkaBatch.Problem {
        let reason = rd_kafka_event_error_string(event).map { String(cString: $0) }
        return KafkaBatch.Problem(
            error: KafkaError(rd_kafka_event_error(event), reason: reason)
        )
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
