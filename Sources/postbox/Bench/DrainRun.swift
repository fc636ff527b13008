import Postgres
import Threads

/// One measured drain: fill, start, wait until all has arrived and is settled, count the cost.
struct DrainRun {
    let stage: Stage
    let options: BenchOptions
    let contender: Contender
    var holdsSnapshot = false
    let stop: StopRequest

    /// How long nothing may arrive before the run counts as failed.
    private static let patience = Duration.seconds(20)

    func measure() throws -> DrainFigures {
        let table = BenchTable(try stage.database.session())
        let topic = "bench.\(UInt32.random(in: 0 ... .max))"
        try stage.broker.createTopic(topic, partitions: options.partitions)
        let empty = try StageMeter(stage, table.session)
        let ids = try table.fill(rows: options.rows, bytes: options.bytes, topic: topic)
        try stop.check()
        let witness = DeliveryWitness(
            reading: topic,
            of: stage.broker.readingCluster,
            into: DeliveryLedger(expecting: ids)
        )
        defer { witness.stop() }
        // Held by its session until the end of this function.
        let snapshot = holdsSnapshot ? try heldSnapshot() : nil
        let course = try course(since: empty, of: ids, table, witness)
        try snapshot?.run("COMMIT")
        return try figures(
            course,
            ledger: witness.withLedger { $0 },
            left: table.countRows(),
            recordsPerRequest: stage.broker.recordsPerRequest(in: topic)
        )
    }

    private func course(
        since empty: StageMeter,
        of ids: ClosedRange<Int64>,
        _ table: BenchTable,
        _ witness: DeliveryWitness
    ) throws -> Course {
        let full = try StageMeter(stage, table.session)
        table.countStatements()
        let (settledAt, cost) = try drain(ids, table, witness)
        let rowsPerBatch = table.rowsPerBatch()
        // What arrives now is a repetition, or should not exist.
        witness.stop(after: .milliseconds(100))
        return try Course(
            empty: empty,
            full: full,
            drained: StageMeter(stage, table.session),
            settledAt: settledAt,
            cost: cost,
            rowsPerBatch: rowsPerBatch
        )
    }

    /// Lets the contender work, and says when the last row was settled and what it took.
    private func drain(
        _ ids: ClosedRange<Int64>,
        _ table: BenchTable,
        _ witness: DeliveryWitness
    ) throws -> (settledAt: MonotonicTime, cost: RunningContender.Cost) {
        let running = try contender.start(on: stage)
        do {
            let isComplete = try witness.waitUntilComplete(patience: Self.patience) {
                try running.check()
                return stop.isAsked
            }
            try stop.check()
            let isGone = try isComplete && table.waitUntilGone(ids.upperBound, within: .seconds(20))
            let now = MonotonicTime.now
            guard isGone else { throw try incorrect(witness, table) }
            return (now, try running.finish())
        } catch {
            running.abandon()
            throw error
        }
    }

    private func incorrect(_ witness: DeliveryWitness, _ table: BenchTable) throws -> BenchError {
        let verdict = witness.withLedger { $0.verdict }
        return .incorrect(contender.name, verdict, leftInTable: try table.countRows())
    }

    /// A stranger's transaction that sees the rows as they are now, for as long as it lives.
    private func heldSnapshot() throws -> PostgresSession {
        let session = try stage.database.session()
        try session.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_class LIMIT 1")
        return session
    }

    private func figures(
        _ course: Course,
        ledger: DeliveryLedger,
        left: Int,
        recordsPerRequest: Double?
    ) throws -> DrainFigures {
        guard ledger.verdict.isClean, left == 0, let first = ledger.firstArrival,
            let last = ledger.lastArrival
        else { throw BenchError.incorrect(contender.name, ledger.verdict, leftInTable: left) }
        let rows = Double(options.rows)
        return DrainFigures(
            contender: contender.name,
            rows: options.rows,
            consumedSeconds: (last - first) / .seconds(1),
            settledSeconds: (course.settledAt - first) / .seconds(1),
            ownMicroseconds: course.cost.processorTime / .microseconds(1) / rows,
            postgresMicroseconds: course.drain.postgres / .microseconds(1) / rows,
            brokerMicroseconds: course.drain.broker.map { $0 / .microseconds(1) / rows },
            insertLogBytes: Double(course.insertion.logBytes) / rows,
            drainLogBytes: Double(course.drain.logBytes) / rows,
            peakBytes: course.cost.peakBytes,
            rowsPerBatch: course.rowsPerBatch,
            recordsPerRequest: recordsPerRequest,
            verdict: ledger.verdict
        )
    }
}

/// What stood on the meters when the table was empty, full, and empty again.
private struct Course {
    let empty: StageMeter
    let full: StageMeter
    let drained: StageMeter
    let settledAt: MonotonicTime
    let cost: RunningContender.Cost
    let rowsPerBatch: Double?

    var drain: StageMeter { drained - full }
    var insertion: StageMeter { full - empty }
}
