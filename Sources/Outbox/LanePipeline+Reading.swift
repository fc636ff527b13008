import Kafka
import Messaging
import Postgres
import Threads

/// OutboxReader: which rows are read when, and how they reach Kafka.
extension LanePipeline {
    private static let batchLimit = 32

    var canRead: Bool {
        guard recovery == nil, !link.isStopping, batches.count < Self.batchLimit else {
            return false
        }
        guard !isReading, !isFreeing else { return false }
        let inFlight = batches.reduce(into: (rows: 0, bytes: 0)) { sum, batch in
            sum.rows += batch.batch.count
            sum.bytes += batch.batch.byteCount
        }
        return inFlight.rows < ReadPace.inFlightLimit && inFlight.bytes < runtime.bytesPerLane
    }

    private var isReading: Bool {
        expected.contains { if case .rows = $0 { true } else { false } }
    }

    /// Sends the next read if there is room and it is time.
    func read() throws {
        guard canRead, schedule.nextRead <= .now else { return }
        try send(nextKind)
    }

    private var nextKind: PendingRead.Kind {
        switch largeRead?.kind {
        case .sweep: return .sweep
        case .due: return .due
        case .ahead, .gaps: break
        case nil:
            if schedule.nextSweep <= .now { return .sweep }
            if statements.readDue != nil, schedule.nextDue <= .now { return .due }
        }
        return ledger.gaps.isEmpty ? .ahead : .gaps
    }

    /// `present`: the ids of a batch that is about to be sent.
    private func send(_ kind: PendingRead.Kind, beside present: [Int64] = []) throws {
        let limit = largeRead?.limit ?? pace.limit(budget: runtime.bytesPerLane)
        let read = PendingRead(
            kind: kind,
            limit: carefulUpTo == nil ? limit : min(limit, 64),
            lent: largeRead?.lent ?? pace.lent(limit: limit, budget: runtime.bytesPerLane),
            cursor: ledger.cursor,
            look: ledger.looks,
            sentAt: .now
        )
        largeRead = nil
        if kind != .due { try sendIntakeIfDue() }
        let first: [PostgresValue] = [
            .int8(ledger.cursor), .int8(Int64(read.limit)), .int8(Int64(read.lent)),
        ]
        switch kind {
        case .ahead: try flow.send(statements.readAhead, first)
        case .gaps:
            let seen = ledger.isCoarse ? idsInFlight() + present : []
            try flow.send(statements.readGaps, first + Self.values(ledger.gaps, without: seen))
        case .sweep:
            let whole = GapLedger.Gap(first: .min, last: ledger.cursor)
            let seen = idsInFlight() + present
            try flow.send(statements.readGaps, first + Self.values([whole], without: seen))
        case .due:
            guard let due = statements.readDue else { return }
            try flow.send(due, first + [.int8Array(idsInFlight() + present)])
        }
        try flow.sendSync()
        expected += [.rows(read), .sync([])]
        schedule.nextRead = .now
    }

    /// Numbers messages of a table without an order, for the read behind it.
    ///
    /// One lane does it for all.
    private func sendIntakeIfDue() throws {
        guard let statement = statements.intake, intake.isDue, link.lane == 0 else { return }
        intake.isDue = false
        try flow.send(
            statement,
            fence + [.int8(Int64(IntakePace.limit)), .text(intake.place)]
        )
        try flow.sendSync()
        expected += [.intake, .sync([])]
    }

    private static func values(_ gaps: [GapLedger.Gap], without seen: [Int64]) -> [PostgresValue] {
        [.int8Array(gaps.map(\.first)), .int8Array(gaps.map(\.last)), .int8Array(seen)]
    }

    private func idsInFlight() -> [Int64] {
        batches.flatMap { batch in
            (0..<batch.batch.count).lazy.filter { batch.batch.state($0) != .delayed }
                .map { batch.batch.id($0) }
        }
    }

    // MARK: Answers

    /// Takes what the database has answered.
    func takeAnswers() throws {
        try flow.consumeInput()
        while let event = try flow.nextEvent() {
            guard !expected.isEmpty else { continue }
            let answer = expected.removeFirst()
            switch consume event {
            case .rows(let rows): try take(rows, for: answer)
            case .synced: if case .sync(let settled) = answer { finish(settled) }
            case .failed(let error): throw error
            case .aborted: continue
            }
        }
        if runtime.definition.poll.notify, try !flow.takeNotifications().isEmpty {
            schedule.nextRead = .now
        }
    }

    private func take(_ rows: consuming PostgresRows, for answer: ExpectedAnswer) throws {
        switch answer {
        case .rows(let read): try publish(rows, of: read)
        case .intake:
            try requireOwned(rows)
            intake.note(last: rows.text(0, 2), hasMore: rows.bool(0, 1))
        case .settlement: try requireOwned(rows)
        case .sync: break
        }
    }

    /// What a fenced statement answers first is whether the lane is still ours.
    func requireOwned(_ rows: borrowing PostgresRows) throws {
        guard rows.count == 1, rows.int64(0, 0) == 1 else {
            link.lose(epoch)
            throw OutboxError.fenced(epoch: epoch)
        }
    }

    // MARK: Publishing

    private func publish(_ rows: consuming PostgresRows, of read: PendingRead) throws {
        let view = ReadView(rows, lent: read.lent, largest: runtime.largestPayload)
        note(view, of: read)
        // Order: the lease is looked at between reading and sending. A lane that was frozen in
        // between sends nothing of what it had read.
        guard let first = view.ids.first else { return }
        guard recovery == nil, link.holds(epoch) else {
            return readAgain(after: first - 1, because: "the lease had run out")
        }
        let visibleSince = schedule.caughtUpAt
        if view.rowCount < read.limit { schedule.caughtUpAt = read.sentAt }
        if carefulUpTo == nil {
            // Order: these rows count as read, and are sent whatever becomes of the session. Later
            // rows of their keys would overtake them else.
            let next = Result { try readOn(beside: view, read) }
            publishTogether(rows, view, read, visibleSince)
            try next.get()
        } else {
            publishOneByOne(rows, view, read, visibleSince)
        }
    }

    /// The database reads on while records are made.
    private func readOn(beside view: ReadView, _ read: PendingRead) throws {
        guard view.isFull(for: read), canRead(beside: view) else { return }
        try send(nextKind, beside: view.ids)
        _ = try flow.flush()
    }

    /// Once nothing is on its way any more, reads again what comes after that id.
    func readAgain(after position: Int64, because reason: String) {
        var current = recovery ?? Recovery(reason: reason)
        current.rewind = min(current.rewind ?? .max, position)
        recovery = current
    }

    private func canRead(beside view: ReadView) -> Bool {
        let rows = batches.reduce(view.ids.count) { $0 + $1.batch.count }
        return canRead && rows < ReadPace.inFlightLimit && largeRead == nil
    }

    /// Takes note of what a read brought, before it is published.
    private func note(_ view: ReadView, of read: PendingRead) {
        ledger.observe(view.ids)
        let reach = view.reach(of: read)
        if [.gaps, .sweep].contains(read.kind) { ledger.close(upTo: reach, seenAfter: read.look) }
        intake.isDue = !view.isFull(for: read)
        pace.note(
            view.isFull(for: read) ? .full : view.ids.isEmpty ? .nothing : .some,
            rows: view.ids.count,
            bytes: view.byteCount,
            largest: view.largest
        )
        schedule.nextRead = .now + pace.pause
        switch read.kind {
        case .sweep:
            let took = MonotonicTime.now - read.sentAt
            let isWhole = reach >= read.cursor
            let pause = min(max(.seconds(10), took * 100), .seconds(300))
            schedule.nextSweep = isWhole ? .now + pause : .now
            schedule.nextRead = .now
        case .due:
            schedule.nextDue = .now + .milliseconds(100)
            schedule.nextRead = .now
        case .ahead, .gaps:
            schedule.isIdle = view.rowCount == 0
            // Whatever was suspected has gone.
            if schedule.isIdle { carefulUpTo = nil }
        }
        guard let size = view.stubSizes.first else { return }
        // Due rows come in the order of their times: any of them may be the next ones.
        let sizes = read.kind == .due ? view.stubSizes.sorted(by: >) : view.stubSizes
        largeRead = LargeRead(of: read.kind, sizes, budget: runtime.bytesPerLane / 4)
        pace.note(.full, rows: 1, bytes: size, largest: size)
        schedule.nextRead = .now
    }

    private func publishTogether(
        _ rows: borrowing PostgresRows,
        _ view: ReadView,
        _ read: PendingRead,
        _ visibleSince: MonotonicTime
    ) {
        let batch = KafkaPublishBatch(capacity: view.ids.count)
        batches.append(
            InFlightBatch(
                batch,
                producer: producer,
                visibleSince: visibleSince,
                readAt: read.sentAt
            )
        )
        let limits = KafkaProducer.Limits(
            lent: runtime.largestPayload,
            largest: runtime.largestPayload
        )
        let outcome = rows.withCells { cells in
            producer.publish(
                cells.table,
                rows: 0..<view.ids.count,
                by: plan,
                into: batch,
                limits: limits,
                blocks: blocks
            )
        }
        if let stopped = outcome.stopped { startRecovery(because: stopped) }
    }
}

/// What a read brought, looked through once before anything is sent.
struct ReadView {
    /// The rows to be published, up to the first that was not lent.
    private(set) var ids: [Int64] = []
    private(set) var byteCount = 0
    /// The size of the largest of them.
    private(set) var largest = 0
    let rowCount: Int
    /// Sizes from the first row on that was not lent.
    private(set) var stubSizes: [Int] = []

    init(_ rows: borrowing PostgresRows, lent: Int, largest limit: Int) {
        rowCount = rows.count
        ids.reserveCapacity(rowCount)
        for row in 0..<rowCount {
            let size = Int(rows.int64OrNil(row, RecordPlan.Column.size.rawValue) ?? 0)
            let isStub = size > lent && size <= limit
            if isStub || !stubSizes.isEmpty {
                stubSizes.append(min(size, limit))
            } else {
                ids.append(rows.int64(row, RecordPlan.Column.id.rawValue))
                byteCount += min(size, lent) + 128
                largest = max(largest, min(size, lent))
            }
        }
    }

    func isFull(for read: PendingRead) -> Bool { rowCount >= read.limit }

    /// Up to which id it has all there was, where rows come in the order of ids.
    func reach(of read: PendingRead) -> Int64 {
        isFull(for: read) || !stubSizes.isEmpty ? ids.last ?? .min : .max
    }
}
