import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

/// Between batches a lane tries parked messages again, each in a transaction of its own.
extension LaneApplier {
    private static let roundLimit: Int64 = 256
    private static let roundTime = Duration.milliseconds(100)

    var timeUntilTending: Duration { nextTending.remaining }

    func tend() {
        guard nextTending <= .now else { return }
        nextTending = .now + (blocked.isEmpty ? .seconds(1) : .milliseconds(100))
        guard link.failure == nil, !link.isStopping else { return }
        let wasConnected = isConnected
        do {
            try applyPassed()
            guard !link.assigned.isEmpty else { return }
            let session = try connection()
            try reloadBlockedIfAssigned(session)
            try retryParked(session)
            try reloadBlockedIfDue(session)
            link.clearTrouble(of: lane)
        } catch {
            if !mayGoOn(after: error) { link.finish(lane) }
            // A session that was just lost is made anew at once: the patience with us runs already.
            if wasConnected, !isConnected { nextTending = .now }
        }
    }

    /// Parked messages are tried again later anyway, and not at all by those who have lost them.
    private func mayGoOn(after error: any Error) -> Bool {
        shouldRepeat(after: error, tried: [])
    }

    /// Takes note of what passed without a record for this lane.
    private func applyPassed() throws {
        guard let batch = link.takePassed(lane) else { return }
        apply(batch)
        link.finish(lane)
    }

    /// A person may have discarded what a key waited for.
    private func reloadBlockedIfDue(_ session: LaneSession) throws {
        guard !blocked.isEmpty, nextReload <= .now else { return }
        nextReload = .now + .seconds(1)
        try reloadBlocked(session)
    }

    private func retryParked(_ session: LaneSession) throws {
        let ours = Array(link.assigned.keys)
        let rows = try session.session.query(
            statements.parked.takeDue,
            lanePlace + [
                .textArray(ours.map(\.topic)), .int4Array(ours.map(\.partition)),
                .int8(Self.roundLimit),
            ]
        )
        guard rows.count > 0 else { return }
        let deadline = MonotonicTime.now + Self.roundTime
        nextReload = .now
        for row in 0..<rows.count where deadline > .now && link.failure == nil {
            try retry(ParkedMessage(rows, row), session)
        }
        nextTending = .now
    }

    /// A parked message whose time has come.
    private struct ParkedMessage {
        let id: Int64
        let partition: KafkaPartition
        var attempts: Int
        let hash: Int64

        init(_ rows: borrowing PostgresRows, _ row: Int) {
            id = rows.int64(row, 0)
            partition = KafkaPartition(
                topic: rows.text(row, 1),
                partition: Int32(rows.int(row, 2))
            )
            attempts = rows.int(row, 3)
            hash = rows.int64(row, 4)
        }
    }

    /// Crash: the try is counted before it is made, so a message that ends the session or the daemon
    /// is given up after as many tries as any other.
    private func retry(_ message: ParkedMessage, _ session: LaneSession) throws {
        let policy = runtime.definition.retry
        var message = message
        guard try begin(&message, session) else { return }
        guard message.attempts <= policy.maxAttempts else {
            return try giveUp(message, session, nil, isDead: true)
        }
        guard let refusal = try refusal(of: message, session) else {
            return link.count(applied: 1, duplicates: 0, late: 0)
        }
        try giveUp(message, session, refusal, isDead: message.attempts >= policy.maxAttempts)
    }

    /// Counts the try; false when the message is no longer there to be tried.
    private func begin(_ message: inout ParkedMessage, _ session: LaneSession) throws -> Bool {
        let wait = runtime.definition.retry
            .delay(afterAttempt: message.attempts + 1, using: &random)
        let begun = try session.session.query(
            statements.parked.beginRetry,
            [.int8(message.id), .int8(wait.milliseconds)]
        )
        guard begun.count == 1 else { return false }
        message.attempts = begun.int(0, 0)
        return true
    }

    /// Applies it; why that was refused, if it was.
    private func refusal(
        of message: ParkedMessage,
        _ session: LaneSession
    ) throws -> PostgresError? {
        do {
            return try refusalOfHandler(of: message, session)
        } catch  where Self.isNoFault(error) {
            _ = try session.session.query(
                statements.parked.putBack,
                [.int8(message.id), .int4(Int32(message.attempts))]
            )
            throw error
        }
    }

    private func refusalOfHandler(
        of message: ParkedMessage,
        _ session: LaneSession
    ) throws -> PostgresError? {
        do {
            try applyParked(message, session)
            return nil
        } catch let error as PostgresError where error.isRefusal {
            try requireHandler(session)
            return error
        }
    }

    /// Neither the message nor a crash is to blame.
    private static func isNoFault(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return true }
        return (error.isTransient || error.isFenced) && !error.isConnectionLoss
    }

    private func applyParked(_ message: ParkedMessage, _ session: LaneSession) throws {
        try session.session.runTogether([
            PostgresRequest(
                statements.positions.advance,
                lanePlace + standing(of: message.partition)
            ),
            PostgresRequest(statements.applying.parked, [.int8(message.id)]),
            PostgresRequest(
                statements.parked.endRetry,
                [.text(runtime.definition.name), .int8(message.id), .int8(message.hash)]
            ),
        ])
    }

    /// Proves that the partition is still ours, without moving it.
    private func standing(of partition: KafkaPartition) -> [PostgresValue] {
        let ledger = link.assigned[partition]
        let next = ledger?.current.next[lane] ?? -1
        return [
            .textArray([partition.topic]), .int4Array([partition.partition]),
            .int8Array([ledger?.generation ?? -1]), .int8Array([next]), .int8Array([next]),
            .timestamptzArray([nil]), .optionalInt8Array([nil]),
        ]
    }

    private func giveUp(
        _ message: ParkedMessage,
        _ session: LaneSession,
        _ error: PostgresError?,
        isDead: Bool
    ) throws {
        let reason = error?.description ?? "its handler ended the session or the daemon"
        _ = try session.session.query(
            statements.parked.giveUp,
            [
                .int8(message.id), .text(reason), .bool(isDead),
                .int4(Int32(message.attempts)),
            ]
        )
        runtime.log.notice(
            isDead ? "dead letter" : "refused, will be tried again",
            [
                "lane": lane, "id": Int(message.id), "attempt": message.attempts,
                "reason": error?.publicReason ?? reason,
            ]
        )
    }
}
