import Postgres
import Threads

/// One measured run: start, wait until the whole topic is applied, check it, count the cost.
struct ApplyRun {
    let stage: Stage
    let options: InboxBenchOptions
    let contender: InboxContender
    let backlog: Backlog
    let repeats: RepeatShare
    let stop: StopRequest

    /// How long nothing may be applied before the run counts as failed.
    private static let patience = Duration.seconds(30)
    /// A look at the progress costs the server something too.
    private static let pause = Duration.milliseconds(10)

    /// Works on from where the tables stand; a run with an account that is wrong has no figures.
    func measure() throws -> ApplyFigures {
        let table = AccountTable(try stage.database.session())
        let before = try StageMeter(stage, table.session)
        let running = try contender.start(backlog, lanes: options.lanes, on: stage)
        let rate: Double
        let cost: RunningContender.Cost
        let after: StageMeter
        do {
            rate = try waitUntilApplied(table, running)
            after = try StageMeter(stage, table.session)
            cost = try running.finish()
        } catch {
            running.abandon()
            throw error
        }
        try check(table)
        return figures(rate: rate, cost: cost, used: after - before)
    }

    /// Returns the rate between the first commit that was seen and the last one.
    private func waitUntilApplied(
        _ table: AccountTable,
        _ running: RunningContender
    ) throws -> Double {
        var first: (time: MonotonicTime, count: Int)?
        var reached = 0
        var deadline = MonotonicTime.now + Self.patience
        while true {
            let count = try contender.progress(by: table)
            let now = MonotonicTime.now
            if let first, count >= backlog.messages {
                return Double(count - first.count) / ((now - first.time) / .seconds(1))
            }
            if count > reached {
                first = first ?? (now, count)
                reached = count
                deadline = now + Self.patience
            }
            try running.check()
            guard deadline.remaining > .zero else {
                throw BenchError.stuck(contender.name, at: reached, of: backlog.messages)
            }
            stop.wait(Self.pause)
            try stop.check()
        }
    }

    private func check(_ table: AccountTable) throws {
        let wrong = try table.countWrongAccounts(
            distinct: repeats.distinct(among: backlog.messages),
            bytes: options.bytes
        )
        guard wrong == 0 else { throw BenchError.wrongAccounts(contender.name, wrong) }
    }

    private func figures(
        rate: Double,
        cost: RunningContender.Cost,
        used: StageMeter
    ) -> ApplyFigures {
        let messages = Double(backlog.messages)
        return ApplyFigures(
            contender: contender.name,
            repeats: repeats,
            messages: backlog.messages,
            rate: rate,
            ownMicroseconds: cost.processorTime / .microseconds(1) / messages,
            postgresMicroseconds: used.postgres / .microseconds(1) / messages,
            brokerMicroseconds: used.broker.map { $0 / .microseconds(1) / messages },
            logBytes: Double(used.logBytes) / messages,
            peakBytes: cost.peakBytes
        )
    }
}
