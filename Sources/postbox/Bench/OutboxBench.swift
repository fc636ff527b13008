import Threads

/// `postbox bench outbox`: how fast a full table is published, what it costs, and how long a
/// message takes when nothing is behind.
struct OutboxBench: Sendable {
    let options: BenchOptions
    /// Where progress goes.
    let show: @Sendable (String) -> Void
    let stop: StopRequest

    private static let warmUpRows = 200_000

    func run() throws -> BenchReport {
        let load = BenchMachine.load()
        let stage = try makeStage()
        defer { stage.remove() }
        var report = try BenchReport(
            machine: .here(on: stage, loadBefore: load),
            broker: stage.broker.name,
            settings: BenchOptions.serverSettings,
            payloadBytes: options.bytes
        )
        try warmUp(stage)
        for _ in 0..<options.rounds { try measureRound(on: stage, &report) }
        if options.latencyRate > 0 {
            show("Writing \(options.latencyRate) rows a second, then resting …")
            report.steady = try LatencyRun(stage: stage, options: options, stop: stop).measure()
        }
        return report
    }

    /// Lets caches fill and Java compile, with drains that are not counted.
    private func warmUp(_ stage: Stage) throws {
        show("Warming up …")
        var small = options
        small.rows = min(options.rows, Self.warmUpRows)
        for contender in contenders {
            let run = DrainRun(stage: stage, options: small, contender: contender, stop: stop)
            _ = try run.measure()
        }
    }

    /// One drain of each kind, so that what else the machine does meets all of them.
    private func measureRound(on stage: Stage, _ report: inout BenchReport) throws {
        if let floor = options.floor { report.floor.append(try drain(.floor(floor), stage)) }
        report.ours.append(try drain(.daemon, stage))
        guard options.measuresHeldSnapshot else { return }
        report.heldSnapshot.append(try drain(.daemon, stage, holdsSnapshot: true))
    }

    private var contenders: [Contender] {
        [options.floor.map(Contender.floor), .daemon].compactMap(\.self)
    }

    private func makeStage() throws -> Stage {
        show("Starting a private PostgreSQL and a broker …")
        let database = try startDatabase()
        try stop.check()
        let stage = try Stage(database: database, broker: StageBroker(options.broker))
        try stop.check()
        return stage
    }

    private func startDatabase() throws -> StageDatabase {
        let plain = BenchOptions.serverSettings
        let counting = plain.merging(BenchOptions.countingSettings) { _, new in new }
        do {
            return try StageDatabase(settings: counting)
        } catch {
            return try StageDatabase(settings: plain)
        }
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
