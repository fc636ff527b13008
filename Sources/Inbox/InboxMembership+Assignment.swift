import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

/// A partition that the group gave us and that is not read.
struct HaltedPartition {
    let reason: String
    let generation: Int64
}

/// What happens when the group gives us partitions, or takes them away.
extension InboxMembership {
    /// Where to read each partition that comes from; those that cannot be read are left out.
    ///
    /// Order: the database first. From here on whoever had the partitions can commit nothing more.
    func take(_ partitions: [KafkaPartition]) throws -> [KafkaPartition: KafkaPosition] {
        guard !partitions.isEmpty else {
            noteNothingToRead()
            return [:]
        }
        let known = try takenPositions(partitions).compactMapValues {
            PositionLedger($0, lanes: link.lanes)
        }
        let findings = try recordsBefore(known)
        var ledgers: [KafkaPartition: PositionLedger] = [:]
        for partition in partitions {
            let ledger = try known[partition] ?? beginning(of: partition)
            if ledger.isNew { try make(partition, ledger) }
            if known[partition] != nil,
                let reason = try reasonToHalt(partition, ledger, findings[partition])
            {
                halt(partition, ledger, reason)
            } else {
                ledgers[partition] = ledger
            }
        }
        try warnOfOtherOffsets(ledgers)
        for partition in partitions { handedOut[partition] = nil }
        link.assign(ledgers)
        noteAssigned(ledgers)
        return ledgers.mapValues { .offset($0.start) }
    }

    /// Lets partitions go; what was taken from them is applied first, if they are still ours.
    ///
    /// Otherwise lanes let go of it: another reader has it, or will.
    func giveBack(_ partitions: [KafkaPartition], areLost: Bool) {
        if !areLost {
            _ = link.waitUntilIdle(.seconds(10))
            tellGroup()
        }
        link.revoke(partitions)
        for partition in partitions {
            halted[partition] = nil
            committed[partition] = nil
        }
        runtime.log.info(
            "gave partitions up",
            ["partitions": partitions.map(\.description).joined(separator: " ")]
        )
        link.update { status in
            status.partitions.removeAll { line in
                partitions.contains(KafkaPartition(topic: line.topic, partition: line.partition))
            }
        }
        noteNothingToRead()
    }

    private func takenPositions(
        _ partitions: [KafkaPartition]
    ) throws -> [KafkaPartition: [PositionRow]] {
        let values: [PostgresValue] = [
            .text(runtime.definition.name), .textArray(partitions.map(\.topic)),
            .int4Array(partitions.map(\.partition)),
        ]
        return PositionRow.byPartition(try takeRows(values))
    }

    private func takeRows(_ values: [PostgresValue]) throws -> PostgresRows {
        do {
            return try takeLocked(values)
        } catch let error as PostgresError where error.sqlState?.code == "55P03" {
            // Whoever had the partitions stands still in the middle of a transaction.
            _ = try session.query(statements.positions.free, values)
            return try takeLocked(values)
        }
    }

    private func takeLocked(_ values: [PostgresValue]) throws -> PostgresRows {
        try session.transaction { transaction in
            _ = try transaction.query(statements.positions.lock, values)
            return try transaction.query(statements.positions.take, values)
        }
    }

    /// A partition that we have never read begins where its group has been, or where configuration
    /// says.
    private func beginning(of partition: KafkaPartition) throws -> PositionLedger {
        let group = try consumer.committed([partition])
        let ends = try consumer.watermarks(of: partition)
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
    private func make(_ partition: KafkaPartition, _ ledger: PositionLedger) throws {
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
            as: runtime.definition.group
        )
    }

    /// Why a partition must not be read on: its topic is another one by now, or messages are gone.
    private func reasonToHalt(
        _ partition: KafkaPartition,
        _ ledger: PositionLedger,
        _ recordBefore: KafkaPeek.Finding?
    ) throws -> String? {
        let ends = try consumer.watermarks(of: partition)
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

    /// The group's own offsets are for tools: where somebody has moved them, people should know that
    /// this had no effect.
    private func warnOfOtherOffsets(_ ledgers: [KafkaPartition: PositionLedger]) throws {
        guard !ledgers.isEmpty else { return }
        let group = try consumer.committedByOthers(Array(ledgers.keys))
        let others = ledgers.compactMap { partition, ledger -> String? in
            guard let offset = group[partition], offset != ledger.start else { return nil }
            return "\(partition):\(offset)/\(ledger.start)"
        }
        guard !others.isEmpty else { return }
        runtime.log.warning(
            "the group's offsets in Kafka differ from our positions, which count",
            ["offsets_and_positions": others.sorted().joined(separator: " ")]
        )
    }

    private func halt(_ partition: KafkaPartition, _ ledger: PositionLedger, _ reason: String) {
        halted[partition] = HaltedPartition(reason: reason, generation: ledger.generation)
        runtime.log.error(
            "a partition stands still",
            ["partition": "\(partition)", "reason": reason]
        )
        let line = InboxPartitionStatus(partition, position: ledger.start, problem: reason)
        link.update { status in
            status.lastError = "\(partition): \(reason)"
            status.partitions.removeAll {
                $0.topic == line.topic && $0.partition == line.partition
            }
            status.partitions.append(line)
        }
    }

    /// Others have all partitions, or those of ours stand still.
    func noteNothingToRead() {
        guard link.assigned.isEmpty else { return }
        let state: InboxStatus.State = halted.isEmpty ? .standby : .stopped
        link.update { $0.state = state }
    }

    private func noteAssigned(_ ledgers: [KafkaPartition: PositionLedger]) {
        guard !ledgers.isEmpty else { return noteNothingToRead() }
        runtime.log.info(
            "reads partitions",
            [
                "partitions": ledgers.keys.map(\.description).sorted().joined(separator: " ")
            ]
        )
        link.update { status in
            status.state = .consuming
            for (partition, ledger) in ledgers {
                status.partitions.removeAll {
                    $0.topic == partition.topic && $0.partition == partition.partition
                }
                status.partitions.append(
                    InboxPartitionStatus(partition, position: ledger.start, problem: nil)
                )
            }
        }
    }
}
