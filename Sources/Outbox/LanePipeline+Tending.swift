import Kafka
import Messaging
import Postgres
import Threads

/// What a lane does rarely: tries parked messages again, frees keys, and closes gaps.
extension LanePipeline {
    private static let roundLimit = 256
    private static let roundTime = Duration.milliseconds(50)
    private static let heldKeysAtOnce: Int64 = 500

    func tend() throws {
        guard schedule.nextTending <= .now else { return }
        schedule.nextTending = .now + (hasParked ? .milliseconds(100) : .milliseconds(250))
        if schedule.nextWriters <= .now { try closeGaps() }
        guard recovery == nil, carefulUpTo == nil, !link.isStopping else { return }
        if schedule.nextParked <= .now, schedule.parkedPause <= .now { try tryParked() }
        try freeKeys()
        if schedule.nextHeld <= .now { try freeHeld() }
    }

    /// Asks who is writing to the table: a read after this one closes gaps whose writers have all ended.
    private func closeGaps() throws {
        schedule.nextWriters = .now + .seconds(1)
        guard !ledger.gaps.isEmpty else { return }
        let rows = try side.query(
            statements.state.listWriters,
            [.text(try quotedName(runtime.definition.table))]
        )
        ledger.update(writers: Set((0..<rows.count).map { rows.text($0, 0) }))
    }

    // MARK: Parked messages

    /// Tries parked messages whose time has come, within a quota that leaves new rows their turn.
    private func tryParked() throws {
        let rows = try side.query(
            statements.takeParked,
            [
                .text(runtime.definition.name), .int8(Int64(Self.roundLimit)),
                .int8(Int64(runtime.largestPayload)),
                .bool(runtime.definition.onFailure == .hold),
                .int8(Int64(runtime.bytesPerLane / 4)),
            ]
        )
        schedule.nextParked =
            .now
            + (rows.count > 0 ? .milliseconds(100) : hasParked ? .milliseconds(250) : .seconds(2))
        guard rows.count > 0 else { return }
        let batch = KafkaPublishBatch(capacity: rows.count)
        let single = try carefulProducer()
        // Somebody asked for a retry, and may have mended the topic a moment ago.
        if (0..<rows.count).contains(where: { Self.attempts(rows, $0) == 0 }) {
            single.retryTopics()
        }
        publishParked(rows, into: batch, through: single)
        single.unblockAll()
        single.detach(batch)
        guard link.holds(epoch) else { return }
        try settleParked(rows, batch)
    }

    private var hasParked: Bool { producer.blockedCount > 0 || !keysToFree.isEmpty }

    private func publishParked(
        _ rows: borrowing PostgresRows,
        into batch: KafkaPublishBatch,
        through single: KafkaProducer
    ) {
        let deadline = MonotonicTime.now + Self.roundTime
        for row in 0..<rows.count where deadline > .now && link.holds(epoch) {
            guard let error = send(row, of: rows, by: parkedPlan, into: batch, through: single)
            else { continue }
            return waitWithParked(because: error)
        }
        schedule.parkedFailures = 0
    }

    /// What keeps a parked message from being sent is no matter of the others, whose way may be free.
    private func waitWithParked(because error: KafkaError) {
        schedule.parkedFailures += 1
        let wait = RetryPolicy(maxAttempts: .max, first: .seconds(1), max: .seconds(15))
            .delay(afterAttempt: schedule.parkedFailures, using: &random)
        schedule.parkedPause = .now + wait
        link.update { $0.lastError = error.description }
    }

    private func settleParked(_ rows: borrowing PostgresRows, _ batch: KafkaPublishBatch) throws {
        var done: [Int] = []
        var deferred: [SettlementPlan.Parking] = []
        for row in 0..<batch.count {
            switch batch.state(row) {
            case .acked: done.append(row)
            case .refused:
                let attempts = Self.attempts(rows, row) + 1
                deferred.append(
                    SettlementPlan.parking(
                        batch.id(row),
                        because: batch.error(row),
                        attempts: attempts,
                        retry: runtime.definition.retry,
                        using: &random
                    )
                )
            default: break
            }
        }
        try writeDown(done, of: batch, rows)
        try writeDown(deferred)
    }

    private static func attempts(_ rows: borrowing PostgresRows, _ row: Int) -> Int {
        rows.int(row, RecordPlan.Column.attempts.rawValue)
    }

    private func writeDown(
        _ done: [Int],
        of batch: KafkaPublishBatch,
        _ rows: borrowing PostgresRows
    ) throws {
        guard !done.isEmpty else { return }
        let ids = done.map { batch.id($0) }
        let keys = Set(
            done.compactMap { rows.textOrNil($0, RecordPlan.Column.key.rawValue) }
        )
        meter.count(acked: done.count, visibleSince: .now)
        let values = fence + [.int8Array(ids), .textArray(Array(keys))]
        let archive: [PostgresValue] = [
            .text(runtime.definition.name), .int8Array(ids),
            .int4Array(done.map { batch.partition($0) }),
            .int8Array(done.map { batch.offset($0) }),
        ]
        try side.transaction { transaction in
            if isArchived { _ = try transaction.query(statements.archiveParked, archive) }
            try requireOwned(transaction.query(statements.settleParked, values))
        }
        keysToFree.formUnion(keys)
        schedule.nextParked = .now
    }

    private func writeDown(_ deferred: [SettlementPlan.Parking]) throws {
        guard !deferred.isEmpty else { return }
        let values = fence + Self.values(deferred)
        let followersWait = PostgresValue.bool(runtime.definition.onFailure == .hold)
        try requireOwned(side.query(statements.deferParked, values + [followersWait]))
        for letter in deferred { noteRefused(letter) }
    }

    /// Looks for messages that are held behind nobody: a message may have been parked as a follower
    /// while the one before it was published, or discarded.
    private func freeHeld() throws {
        let start = MonotonicTime.now
        schedule.nextHeld = start + .seconds(2)
        guard runtime.definition.onFailure == .hold, hasParked else { return }
        let place: [PostgresValue] = [.int8(heldSeenUpTo), .int8(Self.heldKeysAtOnce)]
        let rows = try side.query(statements.freeHeld, fence + place)
        heldSeenUpTo = rows.int64OrNil(0, 1) ?? .min
        try requireOwned(rows)
        schedule.nextHeld = max(schedule.nextHeld, .now + (.now - start) * 20)
    }

    // MARK: Keys

    /// Whether reading pauses so that nothing is held in flight while keys are freed.
    ///
    /// Not while a refused row is sought among others: that needs reading, and keys wait for it.
    var isFreeing: Bool {
        guard carefulUpTo == nil else { return false }
        return schedule.freeingSince.map { .now - $0 > .milliseconds(500) } ?? false
    }

    /// Lets keys pass again of whom nobody waits any more.
    ///
    /// Order: only while no row in flight is held. Such a row is on its way to the parked ones, and a
    /// later row of its key must not be sent before it.
    private func freeKeys() throws {
        guard !keysToFree.isEmpty else { return schedule.freeingSince = nil }
        if schedule.freeingSince == nil { schedule.freeingSince = .now }
        guard !batches.contains(where: { $0.batch.heldCount > 0 }) else { return }
        let rows = try side.query(
            statements.state.listFreeKeys,
            [.text(runtime.definition.name), .textArray(Array(keysToFree))]
        )
        for row in 0..<rows.count { producer.unblock(key: rows.text(row, 0)) }
        keysToFree = []
        schedule.freeingSince = nil
    }
}
