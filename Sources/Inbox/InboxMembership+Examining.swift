import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

/// A partition that the group gave us and that is not read.
struct HaltedPartition {
    let reason: String
    /// Nil where it has no position yet.
    let ledger: PositionLedger?
    /// Whether Kafka may say more of it in a while.
    let isPassing: Bool

    var generation: Int64 { ledger?.generation ?? 0 }
}

/// Whether partitions of ours can be read, and are still ours.
extension InboxMembership {
    /// How long Kafka may take to say something of a partition.
    static let answerTime = Duration.seconds(5)
    /// The same where it has just said nothing of another one.
    private static let shortAnswerTime = Duration.milliseconds(500)

    /// Which of them can be read, and from where; `known` are those that have positions.
    ///
    /// What Kafka says nothing of is asked for again later: the others do not wait for it.
    func examine(
        _ partitions: [KafkaPartition],
        _ known: [KafkaPartition: PositionLedger],
        within limit: Duration = answerTime
    ) throws -> [KafkaPartition: PositionLedger] {
        let ends = ends(of: partitions, known, within: limit)
        let findings = try recordsBefore(known.filter { ends[$0.key] != nil })
        var ledgers: [KafkaPartition: PositionLedger] = [:]
        for (partition, ends) in ends {
            do {
                ledgers[partition] =
                    if let ledger = known[partition] {
                        try readable(partition, ledger, ends, findings[partition])
                    } else {
                        try begin(partition, ends)
                    }
            } catch  where Self.isPassing(error) {
                putOff(partition, known[partition], error)
            }
        }
        return ledgers
    }

    private func ends(
        of partitions: [KafkaPartition],
        _ known: [KafkaPartition: PositionLedger],
        within limit: Duration
    ) -> [KafkaPartition: Range<Int64>] {
        var limit = limit
        var ends: [KafkaPartition: Range<Int64>] = [:]
        for partition in partitions {
            do throws(KafkaError) {
                ends[partition] = try consumer.watermarks(of: partition, within: limit)
            } catch {
                putOff(partition, known[partition], error)
                limit = Self.shortAnswerTime
            }
        }
        return ends
    }

    /// Kafka's word is missing; it may come.
    private static func isPassing(_ error: any Error) -> Bool {
        if case .unrecognised = error as? InboxError { return true }
        return error is KafkaError
    }

    /// Nil when it must not be read on.
    private func readable(
        _ partition: KafkaPartition,
        _ ledger: PositionLedger,
        _ ends: Range<Int64>,
        _ recordBefore: KafkaPeek.Finding?
    ) throws -> PositionLedger? {
        guard let reason = try reasonToHalt(partition, ledger, ends, recordBefore) else {
            return ledger
        }
        halt(partition, ledger, reason)
        return nil
    }

    private func begin(_ partition: KafkaPartition, _ ends: Range<Int64>) throws -> PositionLedger {
        let ledger = try beginning(of: partition, ends)
        try make(partition, ledger)
        return ledger
    }

    /// A partition that we have never read begins where its group has been, or where configuration
    /// says.
    private func beginning(
        of partition: KafkaPartition,
        _ ends: Range<Int64>
    ) throws -> PositionLedger {
        let group = try consumer.committed([partition], within: Self.answerTime)
        if let stored = group[partition] {
            let start = min(max(stored, ends.lowerBound), ends.upperBound)
            if start != stored { warn(partition, hasNo: stored, readsFrom: start) }
            return PositionLedger(from: start, lanes: link.lanes)
        }
        let isEarliest = runtime.definition.start == .earliest
        let start = isEarliest ? ends.lowerBound : ends.upperBound
        return PositionLedger(from: start, lanes: link.lanes)
    }

    private func warn(_ partition: KafkaPartition, hasNo stored: Int64, readsFrom start: Int64) {
        runtime.log.warning(
            "a new partition does not have the offset that its group has stored",
            ["partition": "\(partition)", "stored": Int(stored), "reads_from": Int(start)]
        )
    }

    /// Fails when another reader has taken the partition since we did.
    func make(_ partition: KafkaPartition, _ ledger: PositionLedger) throws {
        let made = try session.query(
            statements.positions.make,
            [
                .text(runtime.definition.name), .int4(Int32(link.lanes)),
                .textArray([partition.topic]), .int4Array([partition.partition]),
                .int8Array([ledger.generation]), .int8Array([ledger.start]),
                .optionalInt8Array([ledger.recordTime]),
            ]
        )
        guard made.count == link.lanes else { throw InboxError.fenced }
    }

    /// What Kafka has now in the places of the records before our positions, where it is known what
    /// was there.
    private func recordsBefore(
        _ ledgers: [KafkaPartition: PositionLedger]
    ) throws -> [KafkaPartition: KafkaPeek.Finding] {
        let offsets = ledgers.filter { $0.value.recordTime != nil }.mapValues { $0.start - 1 }
        return try KafkaPeek.findings(
            at: offsets,
            in: runtime.kafka,
            as: runtime.definition.group,
            within: Self.answerTime
        )
    }

    /// Why a partition must not be read on: its topic is another one by now, or messages are gone.
    private func reasonToHalt(
        _ partition: KafkaPartition,
        _ ledger: PositionLedger,
        _ ends: Range<Int64>,
        _ recordBefore: KafkaPeek.Finding?
    ) throws -> String? {
        if ledger.start > ends.upperBound {
            return "its topic ends at \(ends.upperBound), before our position \(ledger.start): "
                + "it was made anew, or lost records. Say where to go on with `postbox seek`"
        }
        if ledger.start < ends.lowerBound {
            return "its topic begins at \(ends.lowerBound), after our position \(ledger.start): "
                + "\(ends.lowerBound - ledger.start) records are gone for good. "
                + "Say where to go on with `postbox seek`"
        }
        if try isAnother(recordBefore, than: ledger, partition) {
            return "its topic was made anew: the record before our position \(ledger.start) is "
                + "another one than it was. Say where to go on with `postbox seek`"
        }
        return nil
    }

    /// Whether the record before our position proves that the topic is another one by now.
    ///
    /// One that has gone proves nothing. Where Kafka does not say, we must not go on, and ask anew.
    private func isAnother(
        _ recordBefore: KafkaPeek.Finding?,
        than ledger: PositionLedger,
        _ partition: KafkaPartition
    ) throws(InboxError) -> Bool {
        switch recordBefore {
        case nil, .gone: return false
        case .record(let time): return time != ledger.recordTime
        case .ahead:
            throw .unrecognised(partition, reason: "it ended before our position a moment ago")
        case .unknown(let error):
            let reason = error.map { "\($0)" } ?? "Kafka did not answer in time"
            throw .unrecognised(partition, reason: reason)
        }
    }

    // MARK: What is not read

    private func halt(_ partition: KafkaPartition, _ ledger: PositionLedger, _ reason: String) {
        halted[partition] = HaltedPartition(reason: reason, ledger: ledger, isPassing: false)
        runtime.log.error(
            "a partition stands still",
            ["partition": "\(partition)", "reason": reason]
        )
        show(partition, ledger, reason)
    }

    private func putOff(
        _ partition: KafkaPartition,
        _ ledger: PositionLedger?,
        _ error: any Error
    ) {
        let reason = "\(error)"
        let isNews = halted[partition]?.reason != reason
        halted[partition] = HaltedPartition(reason: reason, ledger: ledger, isPassing: true)
        nextAsking = .now + Self.answerTime
        guard isNews else { return }
        runtime.log.warning(
            "a partition is not read yet",
            ["partition": "\(partition)", "reason": reason]
        )
        show(partition, ledger, reason)
    }

    private func show(_ partition: KafkaPartition, _ ledger: PositionLedger?, _ reason: String) {
        let line = InboxPartitionStatus(
            partition,
            position: ledger?.start ?? 0,
            problem: reason
        )
        link.update { status in
            status.lastError = "\(partition): \(reason)"
            status.partitions.removeAll {
                $0.topic == line.topic && $0.partition == line.partition
            }
            status.partitions.append(line)
        }
    }

    /// Asks Kafka again for some of those that it said nothing of, and reads what it knows by now.
    ///
    /// Nothing else is read meanwhile: so few at a time, and not for long.
    func askAgainIfDue() throws {
        guard nextAsking <= .now, !consumer.isBeingDivided else { return }
        let open = halted.filter(\.value.isPassing).keys.shuffled().prefix(4)
        guard !open.isEmpty else { return }
        for topic in Set(open.map(\.topic)) {
            try? consumer.refreshMetadata(of: topic, within: Self.shortAnswerTime)
        }
        let known = halted.compactMapValues(\.ledger)
        let ledgers = try examine(Array(open), known, within: Self.shortAnswerTime)
        guard !ledgers.isEmpty else { return }
        for partition in ledgers.keys { halted[partition] = nil }
        try consumer.start(begin(ledgers))
    }

    // MARK: Whose they are

    /// Somebody else may have moved a position, or taken it: then everything begins anew.
    func lookForChanges() throws {
        let assigned = link.assigned
        let known = assigned.mapValues(\.generation)
            .merging(halted.mapValues(\.generation)) { $1 }
        guard !known.isEmpty, !consumer.isBeingDivided else { return }
        for (partition, generation) in try generations(of: Array(known.keys))
        where known[partition] != generation {
            try giveUp(.fenced)
        }
        for (partition, ledger) in assigned where !ledger.earlier.isEmpty {
            _ = try session.query(
                statements.positions.forget,
                [
                    .text(runtime.definition.name), .int4(Int32(link.lanes)),
                    .text(partition.topic), .int4(partition.partition),
                ]
            )
        }
    }

    private func generations(
        of partitions: [KafkaPartition]
    ) throws -> [KafkaPartition: Int64] {
        let rows = try session.query(
            statements.positions.read,
            [
                .text(runtime.definition.name), .int4(Int32(link.lanes)), .int4(0),
                .textArray(partitions.map(\.topic)), .int4Array(partitions.map(\.partition)),
            ]
        )
        var generations: [KafkaPartition: Int64] = [:]
        for row in 0..<rows.count {
            generations[KafkaPartition(rows, row)] = rows.int64(row, 2)
        }
        return generations
    }
}
