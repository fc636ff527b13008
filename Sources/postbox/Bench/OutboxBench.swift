import Threads

/// `postbox bench outbox`: how fast a full table is published, what it costs, and how long a
/// message takes when nothing is behind.
struct OutboxBench: Sendable {
    let options: BenchOptions
    /// Where progress goes.
    let show: @Sendable (String) -> Void
    let stop: StopRequest

    func run() throws -> BenchReport {
        let stage = try makeStage()
        defer { stage.remove() }
        var report = try BenchReport(
            machine: .here(postgres: BenchTable(stage.database.session()).serverVersion()),
            broker: stage.broker.name,
            settings: BenchOptions.serverSettings,
            payloadBytes: options.bytes
        )
        for _ in 0..<options.rounds {
            if let floor = options.floor { report.floor.append(try drain(.floor(floor), stage)) }
            report.ours.append(try drain(.daemon, stage))
        }
        if options.measuresHeldSnapshot {
            report.heldSnapshot = try drain(.daemon, stage, holdsSnapshot: true)
        }
        if options.latencyRate > 0 {
            show("Writing \(options.latencyRate) rows a second, then resting …")
            report.steady = try LatencyRun(stage: stage, options: options, stop: stop).measure()
        }
        return report
    }

    private func makeStage() throws -> Stage {
        show("Starting a private PostgreSQL and a broker …")
        let database = try StageDatabase(settings: BenchOptions.serverSettings)
        try stop.check()
        let stage = try Stage(database: database, broker: StageBroker(options.broker))
        try stop.check()
        return stage
    }

    private func drain(
        _ contender: Contender,
        _ stage: Stage,
        holdsSnapshot: Bool = false
    ) throws -> DrainFigures {
        let figures = try DrainRun(
            stage: stage,
            options: options,
            contender: contender,
            holdsSnapshot: holdsSnapshot,
            stop: stop
        ).measure()
        let suffix = holdsSnapshot ? " under a held snapshot" : ""
        show("\(contender.name): \(HumanUnits.rate(figures.rate))\(suffix)")
        return figures
    }
}
