import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

/// The path of one lane's messages under one epoch: read, publish, settle, several batches at once.
///
/// It outlives a lost session: what Kafka acknowledged meanwhile is settled through the next one.
/// Crash: whatever was not settled is still in the table, and is read and published again.
final class LanePipeline {
    let runtime: OutboxRuntime
    private let table: OutboxTable
    let link: LaneLink
    let epoch: Int64
    let statements: OutboxStatements
    let plan, parkedPlan: KafkaPlan

    var flow: PostgresSession
    var side: PostgresSession
    var producer: KafkaProducer
    /// For messages that were refused before: it sends one at a time, and survives a refusal.
    var careful: KafkaProducer?

    var ledger = GapLedger()
    var pace: ReadPace
    /// In the order they were read, which is the order they are settled in.
    var batches: [InFlightBatch] = []
    /// What the database has still to answer, in order.
    var expected: [ExpectedAnswer] = []
    var recovery: Recovery?
    /// Rows up to this id are published one at a time, until it is known which one is refused.
    var carefulUpTo: Int64?
    var largeRead: LargeRead?
    var intake = IntakePace()
    var schedule = LaneSchedule()
    var meter = LaneMeter()
    /// Records that Kafka acknowledged, and how many of them while the lease was surely ours.
    private(set) var acknowledged = 0
    private var acknowledgedInTime = 0
    /// Keys of parked messages that were published, to be freed once nobody of theirs waits.
    var keysToFree: Set<String> = []
    /// The hash of the key up to which held messages were looked through.
    var heldSeenUpTo = Int64.min
    var random = SystemRandomNumberGenerator()

    init(
        _ runtime: OutboxRuntime,
        link: LaneLink,
        epoch: Int64,
        _ sessions: LaneSessions
    ) throws {
        let table = try OutboxTable(runtime.definition, in: sessions.side)
        guard table.exists else { throw OutboxError.noTable("\(runtime.definition.table)") }
        try Self.requireUsableID(runtime.definition, in: sessions.side)
        self.runtime = runtime
        self.table = table
        self.link = link
        self.epoch = epoch
        statements = try runtime.statements(on: table, in: sessions.side)
        let records = RecordPlan(runtime.definition)
        plan = KafkaPlan(records.layout(of: table))
        parkedPlan = KafkaPlan(records.parkedLayout())
        flow = sessions.flow
        side = sessions.side
        producer = try KafkaProducer(runtime.kafka, gapless: true)
        pace = ReadPace(runtime.definition.poll)
        if blocks { try loadBlockedKeys() }
    }

    /// Whether the table's columns have other types by now than the records are made for.
    func isOutdated(by sessions: LaneSessions) throws -> Bool {
        let now = try OutboxTable(runtime.definition, in: sessions.side)
        let texts = try runtime.statements(on: now, in: sessions.side).texts
        let payload = runtime.definition.columns.payload
        return texts != statements.texts || now.types[payload] != table.types[payload]
    }

    private static func requireUsableID(
        _ definition: OutboxDefinition,
        in session: PostgresSession
    ) throws {
        let problem = try OutboxCheck.idProblems(of: definition, in: session).first
        guard let problem else { return }
        throw OutboxError.unusableID(table: "\(definition.table)", problem: problem.message)
    }

    /// Publishes until the lane was stopped and is empty, or the lease has run out.
    func work(with sessions: LaneSessions) throws {
        try begin(sessions)
        while link.holds(epoch), !isFinished {
            acknowledgedInTime = acknowledged
            try takeAnswers()
            countReports()
            try recover()
            try settle()
            try read()
            try tend()
            try wait()
        }
    }

    private func begin(_ sessions: LaneSessions) throws {
        flow = sessions.flow
        side = sessions.side
        // Crash: a settlement whose answer was lost may have happened; it is repeated, harmlessly.
        expected = []
        for batch in batches { batch.isSettling = false }
        // All is looked at anew: prepared transactions have new names after a restart, and a server
        // that has lost its last commits draws their ids again, for other rows.
        if ledger.cursor > .min { readAgain(after: .min, because: "the database is back") }
        schedule.nextRead = .now
        pace.wake()
        try flow.prepare(statements.pipelined(archives: isArchived))
        if runtime.definition.poll.notify { try flow.run("LISTEN postbox_outbox") }
        try flow.beginPipeline()
        let state = recovery?.state ?? .publishing
        link.update { status in
            status.state = state
            status.owner = runtime.instance
            status.epoch = epoch
        }
    }

    /// Whether followers of a refused message wait.
    var blocks: Bool { runtime.definition.onFailure != .skip }

    var isArchived: Bool {
        if case .archive = runtime.definition.settle { true } else { false }
    }

    private var isFinished: Bool {
        guard let deadline = link.stopDeadline else { return false }
        let isEmpty = batches.isEmpty && expected.isEmpty
        return isEmpty || deadline < .now || hasNobodyToWaitFor
    }

    /// Whether a stop has time left for what was published and is not settled.
    var canStillSettle: Bool { !batches.isEmpty && !isFinished }

    /// Whether Kafka has been away so long that a drain would wait in vain.
    ///
    /// Crash: what was on its way is still in the table, and is published again.
    private var hasNobodyToWaitFor: Bool {
        schedule.unreachableSince.map { .now - $0 > .seconds(2) } ?? false
    }

    func countAcknowledged(_ drained: KafkaProducer.Drained) {
        let count = drained.reportCount - drained.failedCount
        guard count > 0 else { return }
        acknowledged += count
        schedule.failures = 0
        schedule.unreachableSince = nil
    }

    func loadBlockedKeys() throws {
        let rows = try side.query(
            statements.state.listBlockedKeys,
            [.text(runtime.definition.name), .int8(Int64(runtime.largestPayload))]
        )
        for row in 0..<rows.count { producer.block(key: rows.text(row, 0)) }
    }

    /// Ends the work under this epoch: nothing more is sent.
    ///
    /// What was on its way when the lease ran out may still have been published. It is counted, so
    /// that people know how many repeats to expect at most.
    func abandon() {
        producer.purge(inFlight: false)
        if !link.isStopping { awaitAnswers() }
        producer.purge(inFlight: true)
        countAcknowledged(producer.drain(timeout: .milliseconds(200)))
        guard !link.holds(epoch), !link.isStopping else { return }
        let sent = acknowledged - acknowledgedInTime + givenUpInFlight
        link.update { $0.publishedAfterLeaseTotal += Int64(sent) }
        runtime.log.notice(
            "the lease ran out; nothing more is sent or settled",
            ["lane": link.lane, "epoch": Int(epoch), "still_sent": sent]
        )
    }

    private func awaitAnswers() {
        let deadline = MonotonicTime.now + .seconds(1)
        while deadline > .now, batches.contains(where: { $0.batch.pendingCount > 0 }) {
            countAcknowledged(producer.drain(timeout: .milliseconds(100)))
        }
    }

    private var givenUpInFlight: Int {
        batches.reduce(0) { sum, batch in
            sum
                + (0..<batch.batch.count).count { row in
                    batch.batch.state(row) == .failed && batch.batch.error(row).isGivenUpInFlight
                }
        }
    }

    // MARK: Waiting

    private func wait() throws {
        let written = try flow.flush()
        var watched = [
            PollDescriptor(flow.socket, written ? [.readable] : [.readable, .writable]),
            PollDescriptor(producer.descriptor, [.readable]),
            PollDescriptor(link.wake.descriptor, [.readable]),
        ]
        waitForReadiness(&watched, timeout: timeUntilNextStep())
        if watched[2].isReady { link.wake.clear() }
        link.turn(position: lowestPosition)
    }

    private func timeUntilNextStep() -> Duration {
        var next = schedule.nextTending
        if canRead { next = min(next, schedule.nextRead) }
        if let oldest = batches.first, oldest.isReported, !oldest.isSettling {
            next = min(next, oldest.reportedAt + Self.settleDelay)
        }
        return max(next.remaining, .zero)
    }

    /// Everything that waits in the table lies after it, late rows apart.
    var lowestPosition: Int64 {
        let inFlight = batches.lazy.compactMap { $0.batch.count > 0 ? $0.batch.id(0) : nil }.min()
        let gap = ledger.gaps.first.map { max($0.first, 1) }
        let again = recovery?.rewind.map { $0 &+ 1 }
        return min(inFlight ?? .max, gap ?? .max, again ?? .max, ledger.cursor &+ 1) &- 1
    }
}
