import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

/// What happens when Kafka refuses a record it was sent, cannot be reached, or a producer fails.
///
/// One way for all: nothing more is read, all reports are waited for, what was acknowledged is
/// settled, and reading begins again at the first row that was not.
extension LanePipeline {
    func startRecovery(because error: KafkaError) {
        if recovery == nil {
            recovery = Recovery(reason: error.description)
            schedule.acknowledgedBefore = acknowledged
            runtime.log.warning(
                "publishing is interrupted",
                ["lane": link.lane, "reason": error.description]
            )
        }
        if error.isUnreachable { recovery?.isUnreachable = true }
        let reason = error.description
        link.update { status in
            status.lastError = reason
            if error.isUnreachable { status.state = .unreachable }
        }
    }

    func recover() throws {
        guard var current = recovery else { return }
        suspectFailures(&current)
        giveUpWhatIsStuck(&current)
        recovery = current
        guard batches.isEmpty, expected.isEmpty, !link.isStopping else { return }
        guard try isReadyToResume(current) else { return }
        resume(current)
    }

    /// A broker refuses whole requests: which of its records is at fault is found out one by one.
    private func suspectFailures(_ recovery: inout Recovery) {
        for batch in batches where batch.batch.failedCount > 0 {
            for row in 0..<batch.batch.count where batch.batch.state(row) == .failed {
                guard batch.batch.error(row).isRejection else { continue }
                recovery.suspectUpTo = max(recovery.suspectUpTo ?? .min, batch.batch.id(row))
            }
        }
    }

    /// After a fatal error librdkafka gives up what is queued; what was sent may never be answered.
    private func giveUpWhatIsStuck(_ recovery: inout Recovery) {
        guard producer.fatalError != nil, !recovery.hasPurged,
            .now - recovery.since > .seconds(15)
        else { return }
        producer.purge(inFlight: true)
        recovery.hasPurged = true
    }

    private func isReadyToResume(_ recovery: Recovery) throws -> Bool {
        guard schedule.nextProbe <= .now else { return false }
        schedule.nextProbe = .now + .milliseconds(250)
        if producer.fatalError != nil { try replaceProducer() }
        if recovery.isStop { return try waitAtRefusal(recovery) }
        guard recovery.isUnreachable else { return true }
        guard producer.isReachable(within: .seconds(2)) else { return false }
        schedule.unreachableSince = nil
        return true
    }

    private func replaceProducer() throws {
        let fresh = try KafkaProducer(runtime.kafka, gapless: true)
        fresh.takeBlockedKeys(from: producer)
        producer = fresh
        schedule.failures += 1
        let wait = RetryPolicy(maxAttempts: .max, first: .milliseconds(20), max: .seconds(5))
            .delay(afterAttempt: schedule.failures, using: &random)
        if schedule.failures > 1 { schedule.nextProbe = .now + wait }
    }

    /// With the policy `stop` the lane waits at a refused message and tries it again.
    private func waitAtRefusal(_ recovery: Recovery) throws -> Bool {
        schedule.acknowledgedBefore = acknowledged
        link.update { status in
            status.state = .stopped
            status.lastError = recovery.reason
        }
        let wait = runtime.definition.retry.delay(
            afterAttempt: schedule.failures + 1,
            using: &random
        )
        guard .now - recovery.since >= wait else { return false }
        schedule.failures += 1
        producer.unblockAll()
        // Some may be left from another policy.
        try loadBlockedKeys()
        return true
    }

    private func resume(_ current: Recovery) {
        if let position = current.rewind { ledger.rewind(to: position) }
        if let suspect = current.suspectUpTo { carefulUpTo = max(carefulUpTo ?? .min, suspect) }
        recovery = nil
        schedule.isIdle = false
        schedule.freeingSince = nil
        schedule.nextRead = .now
        pace.wake()
        runtime.log.info("publishing goes on", ["lane": link.lane])
        // A message that stopped the lane may do so again.
        if !current.isStop { link.update { $0.state = .publishing } }
    }

    // MARK: One by one

    /// Publishes rows one at a time, each acknowledged before the next is sent, so that a refusal is
    /// known to be of that row and nothing can overtake it.
    func publishOneByOne(
        _ rows: borrowing PostgresRows,
        _ view: ReadView,
        _ read: PendingRead,
        _ visibleSince: MonotonicTime
    ) {
        let batch = KafkaPublishBatch(capacity: view.ids.count)
        do {
            let single = try carefulProducer()
            single.takeBlockedKeys(from: producer)
            defer { producer.takeBlockedKeys(from: single) }
            batches.append(
                InFlightBatch(
                    batch,
                    producer: single,
                    visibleSince: visibleSince,
                    readAt: read.sentAt
                )
            )
            for row in view.ids.indices {
                guard let error = send(row, of: rows, by: plan, into: batch, through: single)
                else { continue }
                startRecovery(because: error)
                break
            }
            if batch.count < view.ids.count, let last = view.ids[..<batch.count].last {
                ledger.rewind(to: last)
            }
        } catch {
            ledger.rewind(to: (view.ids.first ?? ledger.cursor) - 1)
            startRecovery(because: error)
        }
        noteReported()
        if let suspect = carefulUpTo, ledger.cursor >= suspect { carefulUpTo = nil }
    }

    /// Sends one row and waits for its report; the error when Kafka cannot be reached.
    func send(
        _ row: Int,
        of rows: borrowing PostgresRows,
        by plan: KafkaPlan,
        into batch: KafkaPublishBatch,
        through single: KafkaProducer
    ) -> KafkaError? {
        let limits = KafkaProducer.Limits(
            lent: runtime.largestPayload,
            largest: runtime.largestPayload
        )
        let outcome = rows.withCells { cells in
            single.publish(
                cells.table,
                rows: row..<(row + 1),
                by: plan,
                into: batch,
                limits: limits,
                blocks: blocks
            )
        }
        if let stopped = outcome.stopped { return stopped }
        return waitForReport(of: batch.count - 1, in: batch, through: single)
    }

    private func waitForReport(
        of row: Int,
        in batch: KafkaPublishBatch,
        through single: KafkaProducer
    ) -> KafkaError? {
        let deadline = MonotonicTime.now + .seconds(3)
        while batch.pendingCount > 0, deadline > .now, link.holds(epoch) {
            _ = single.drain(timeout: .milliseconds(100))
        }
        if batch.pendingCount > 0 {
            single.purge(inFlight: true)
            while batch.pendingCount > 0 { _ = single.drain(timeout: .milliseconds(100)) }
        }
        guard batch.state(row) == .failed else { return nil }
        let error = batch.error(row)
        guard error.isRejection else {
            careful = nil
            return error
        }
        single.confirmRefusal(of: row, in: batch, blocks: blocks)
        return nil
    }

    func carefulProducer() throws(KafkaError) -> KafkaProducer {
        if let careful, careful.fatalError == nil { return careful }
        let fresh = try KafkaProducer(runtime.kafka, gapless: false)
        careful = fresh
        return fresh
    }
}
