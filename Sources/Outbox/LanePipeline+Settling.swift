import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

/// OutboxSettler: what Kafka reported is written into the database.
extension LanePipeline {
    /// How long a finished batch may wait for others to be settled with.
    static let settleDelay = Duration.milliseconds(5)

    /// Counts what Kafka has reported.
    func countReports() {
        let drained = producer.drain()
        // Order: what came together with the news of a broker does not prove that it is back.
        countAcknowledged(drained)
        if let event = drained.event { noteEvent(event) }
        noteReported()
        if drained.isFatal || drained.failedCount > 0 {
            startRecovery(because: producer.fatalError ?? firstFailure() ?? KafkaError(code: -185))
        }
        publishStatus()
    }

    func noteReported() {
        for batch in batches where !batch.isReported && batch.batch.pendingCount == 0 {
            batch.isReported = true
            batch.reportedAt = .now
            batch.producer.detach(batch.batch)
            meter.count(acked: batch.batch.ackedCount, visibleSince: batch.visibleSince)
        }
    }

    private func firstFailure() -> KafkaError? {
        for batch in batches where batch.batch.failedCount > 0 {
            for row in 0..<batch.batch.count where batch.batch.state(row) == .failed {
                return batch.batch.error(row)
            }
        }
        return nil
    }

    /// A broker went away or came back; nothing is lost by it, but people want to know.
    private func noteEvent(_ event: KafkaError) {
        if event.isWholeClusterDown {
            schedule.unreachableSince = schedule.unreachableSince ?? .now
        }
        if event.isUnreachable { schedule.acknowledgedBefore = acknowledged }
        link.update { status in
            status.lastError = event.description
            if event.isUnreachable, status.state == .publishing { status.state = .unreachable }
        }
    }

    /// Settles finished batches in the order they were read, several together where it pays.
    func settle() throws {
        let ready = batches.drop(while: \.isSettling).prefix(while: \.isReported)
        guard let oldest = ready.first, !isParking else { return }
        let rows = ready.reduce(0) { $0 + $1.batch.count }
        let isDue = .now - oldest.reportedAt >= Self.settleDelay
        guard isDue || rows >= ReadPace.largestBatch / 2 || link.isStopping || !canRead else {
            return
        }
        try settle(Array(ready))
    }

    /// Whether rows are on their way to the parked ones.
    ///
    /// Order: nothing is settled beside them. If that failed, later ones of their keys would be parked
    /// before them, with nobody to wait for.
    private var isParking: Bool {
        batches.contains { $0.isSettling && $0.batch.heldCount + $0.batch.refusedCount > 0 }
    }

    private func settle(_ ready: [InFlightBatch]) throws {
        var plan = SettlementPlan()
        for batch in ready {
            plan.add(
                batch.batch,
                retry: runtime.definition.retry,
                isArchived: isArchived,
                using: &random
            )
        }
        noteLeft(plan)
        try send(plan)
        try flow.sendSync()
        expected.append(.sync(ready))
        for batch in ready { batch.isSettling = true }
    }

    /// Rows that stay in the table are read again.
    private func noteLeft(_ plan: SettlementPlan) {
        var left = plan.left
        if runtime.definition.onFailure == .stop {
            left += plan.refused.map(\.id) + plan.held.map(\.id)
        }
        guard let lowest = left.min() else { return }
        var current = recovery ?? Recovery(reason: "some messages were not sent")
        current.rewind = min(current.rewind ?? .max, lowest - 1)
        if runtime.definition.onFailure == .stop, let reason = plan.refused.first?.reason {
            current.isStop = true
            current.reason = reason
        }
        recovery = current
    }

    private func send(_ plan: SettlementPlan) throws {
        try sendAcked(plan)
        guard runtime.definition.onFailure != .stop else { return }
        // Order: the refused ones first, so that those held behind them find them there.
        for parking in [plan.refused, plan.held] where !parking.isEmpty {
            try flow.send(statements.park, fence + Self.values(parking))
            expected.append(.settlement)
            schedule.nextParked = .now
        }
        for letter in plan.refused { noteRefused(letter) }
    }

    private func sendAcked(_ plan: SettlementPlan) throws {
        guard !plan.acked.isEmpty else { return }
        let runs = IDRuns(plan.acked)
        if isArchived {
            try sendSettlement(
                statements.settleArchive,
                [.int8Array(plan.acked), .int4Array(plan.partitions), .int8Array(plan.offsets)]
            )
        } else if runs.areFew(for: plan.acked.count) {
            for run in runs.runs {
                try sendSettlement(
                    statements.settleRun,
                    [.int8(run.lowerBound), .int8(run.upperBound)]
                )
            }
        } else {
            try sendSettlement(statements.settleIDs, [.int8Array(plan.acked)])
        }
    }

    private func sendSettlement(
        _ statement: PostgresStatement,
        _ values: [PostgresValue]
    ) throws {
        try flow.send(statement, fence + values)
        expected.append(.settlement)
    }

    /// What a settlement proves first: that the lane is still ours.
    var fence: [PostgresValue] {
        [.text(runtime.definition.name), .int4(Int32(link.lane)), .int8(epoch)]
    }

    static func values(_ parking: [SettlementPlan.Parking]) -> [PostgresValue] {
        [
            .int8Array(parking.map(\.id)), .textArray(parking.map(\.state.rawValue)),
            .textArray(parking.map(\.reason)),
            .int4Array(parking.map { Int32($0.attempts) }),
            .int8Array(parking.map(\.wait.milliseconds)),
        ]
    }

    /// The database has committed their settlement.
    func finish(_ settled: [InFlightBatch]) {
        batches.removeAll { batch in settled.contains { $0 === batch } }
    }

    func noteRefused(_ letter: SettlementPlan.Parking) {
        runtime.log.notice(
            letter.state == .dead ? "dead letter" : "refused, will be tried again",
            [
                "lane": link.lane, "id": Int(letter.id), "attempt": letter.attempts,
                "reason": letter.reason ?? "",
            ]
        )
        link.update { $0.lastError = letter.reason }
    }

    /// Whether a trouble is over: something was acknowledged since, or nothing is left to be sent.
    private var isWell: Bool {
        guard recovery == nil else { return false }
        return acknowledged > schedule.acknowledgedBefore || batches.isEmpty && schedule.isIdle
    }

    private func publishStatus() {
        guard schedule.nextStatus <= .now else { return }
        schedule.nextStatus = .now + .milliseconds(50)
        let inFlight = batches.reduce(0) { $0 + $1.batch.pendingCount }
        let percentiles = meter.percentiles()
        let rate = meter.ratePerSecond()
        let isStopping = link.isStopping
        let isWell = isWell
        link.update { status in
            status.inFlight = inFlight
            status.publishedTotal = meter.published
            status.rate = rate
            status.latencyP50Milliseconds = percentiles?.p50
            status.latencyP99Milliseconds = percentiles?.p99
            if status.state.isTrouble, isWell { status.state = .publishing }
            if isStopping { status.state = .draining }
        }
    }
}

extension LaneStatus.State {
    fileprivate var isTrouble: Bool { self == .unreachable || self == .stopped }
}
