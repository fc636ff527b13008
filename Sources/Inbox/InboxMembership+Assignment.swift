import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

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
        for (partition, ledger) in known where ledger.isNew { try make(partition, ledger) }
        return begin(try examine(partitions, known))
    }

    /// From here on the lanes may apply what comes of these partitions.
    func begin(
        _ ledgers: [KafkaPartition: PositionLedger]
    ) -> [KafkaPartition: KafkaPosition] {
        warnOfOtherOffsets(ledgers)
        for partition in ledgers.keys { handedOut[partition] = nil }
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

    /// The group's own offsets are for tools: where somebody has moved them, people should know that
    /// this had no effect.
    private func warnOfOtherOffsets(_ ledgers: [KafkaPartition: PositionLedger]) {
        guard !ledgers.isEmpty, let group = try? consumer.committedByOthers(Array(ledgers.keys))
        else { return }
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
