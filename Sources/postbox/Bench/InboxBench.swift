import Postgres
import Threads

/// `postbox bench inbox`: how fast a full topic is applied, what it costs, and how much of that the
/// recognising of repeats takes.
struct InboxBench: Sendable {
    let options: InboxBenchOptions
    /// Where progress goes.
    let show: @Sendable (String) -> Void
    let stop: StopRequest

    func run() throws -> InboxBenchReport {
        let load = BenchMachine.load()
        show("Starting a private PostgreSQL and a broker …")
        let database = try StageDatabase(settings: BenchOptions.serverSettings)
        try stop.check()
        let stage = try makeStage(database)
        defer { stage.remove() }
        show("Filling two topics with \(HumanUnits.messages(options.messageCount)) each …")
        let topics = try Topics(
            fresh: Backlog(options, repeats: false, on: stage, stop: stop),
            halfRepeats: Backlog(options, repeats: true, on: stage, stop: stop)
        )
        var report = try InboxBenchReport(
            machine: .here(on: stage, loadBefore: load),
            broker: stage.broker.name,
            settings: BenchOptions.serverSettings,
            payloadBytes: options.bytes,
            lanes: options.lanes
        )
        for round in 1...options.rounds {
            for contender in contenders(in: round) {
                try measure(contender, topics, on: stage, &report)
            }
        }
        return report
    }

    private func makeStage(_ database: StageDatabase) throws -> Stage {
        let stage = try Stage(
            database: database,
            broker: StageBroker(options.broker),
            hasOutbox: false,
            inbox: StageInbox(topic: "bench", apply: "batch_function: bench.on_accounts")
        )
        try database.session().run(AccountTable.schema)
        try database.session().run(AccountTable.handlers)
        try stop.check()
        return stage
    }

    /// The slow way is measured once.
    private func contenders(in round: Int) -> [InboxContender] {
        let once: InboxContender? = round == 1 ? .function : nil
        return [options.floor.map(InboxContender.floor), .batchFunction, once].compactMap(\.self)
    }

    /// All cases of one contender; for the last one it has seen everything before.
    private func measure(
        _ contender: InboxContender,
        _ topics: Topics,
        on stage: Stage,
        _ report: inout InboxBenchReport
    ) throws {
        let table = AccountTable(try stage.database.session())
        if contender != .function {
            try table.empty()
            try measure(contender, topics.halfRepeats, .half, on: stage, &report)
        }
        try table.empty()
        try measure(contender, topics.fresh, .none, on: stage, &report)
        guard contender != .function else { return }
        try table.rewind()
        try measure(contender, topics.fresh, .all, on: stage, &report)
    }

    private func measure(
        _ contender: InboxContender,
        _ backlog: Backlog,
        _ repeats: RepeatShare,
        on stage: Stage,
        _ report: inout InboxBenchReport
    ) throws {
        let figures = try ApplyRun(
            stage: stage,
            options: options,
            contender: contender,
            backlog: backlog,
            repeats: repeats,
            stop: stop
        ).measure()
        report.runs.append(figures)
        show("\(contender.name), \(repeats.rawValue) % repeats: \(HumanUnits.rate(figures.rate))")
    }
}

/// What there is to be applied.
private struct Topics {
    let fresh: Backlog
    let halfRepeats: Backlog
}
