import Kafka
import Postgres
import Threads

/// `postbox demo`: an outbox is written, published and read before one's eyes, and checked.
struct Demo: Sendable {
    let options: DemoOptions
    /// Where progress goes.
    let show: @Sendable (String) -> Void
    let stop: StopRequest

    /// How long nothing may arrive before the rest is given up.
    private static let patience = Duration.seconds(20)

    /// The whole story; whatever happens, nothing is left behind.
    func run() throws -> DemoSummary {
        let stage = try makeStage()
        defer { stage.remove() }
        let daemon = try stage.startDaemon()
        defer { daemon.stop() }
        try daemon.waitUntilPublishing(stop)
        let witness = DeliveryWitness(
            reading: options.topic,
            of: stage.broker.readingCluster,
            into: DeliveryLedger()
        )
        defer { witness.stop() }
        return try perform(DemoCast(stage: stage, daemon: daemon, witness: witness))
    }

    private func makeStage() throws -> Stage {
        show("Starting \(options.database == nil ? "a private PostgreSQL" : "a new database") …")
        let database = try options.database.map(StageDatabase.init(on:)) ?? StageDatabase()
        try stop.check()
        let broker = try StageBroker(options.kafka.map(StageBroker.Choice.at) ?? .builtIn)
        try broker.createTopic(options.topic, partitions: 4)
        let stage = try Stage(database: database, broker: broker)
        try database.session().run(DemoShop.tables)
        try stop.check()
        show("Publishing its outbox to \(broker.name), \(options.rate) rows a second.\n")
        return stage
    }

    private func perform(_ cast: DemoCast) throws -> DemoSummary {
        let end = StopRequest()
        let tally = Monitor(DemoTally())
        let writer = DemoWriter(
            database: cast.stage.database,
            witness: cast.witness,
            tally: tally,
            end: end,
            topic: options.topic
        )
        let start = MonotonicTime.now
        let rate = Double(options.rate) / Double(DemoShop.busyProducts.count)
        let busy = DemoShop.busyProducts.map { products in
            Worker(named: "writer") { try writer.write(products, rate: rate) }
        }
        let workers = busy + [Worker(named: "late-writer") { try writer.writeLate() }]
        defer { end.ask(.now) }
        try watch(cast, workers)
        end.ask(.now)
        for worker in workers { worker.join() }
        let seconds = (MonotonicTime.now - start) / .seconds(1)
        try settle(cast)
        return try sumUp(cast, seconds: seconds, tally: tally.withLock { $0 })
    }

    /// Shows each second until the time is over or somebody wants to stop.
    private func watch(_ cast: DemoCast, _ workers: [Worker]) throws {
        show(DemoScreen.header)
        let start = MonotonicTime.now
        var arrived = 0
        for second in 1...max(1, options.seconds) {
            guard stop.wait(until: start + .seconds(second)) else { return }
            let (verdict, latencies) = cast.witness.withLedger {
                ($0.verdict, $0.takeRecentLatencies())
            }
            show(
                DemoScreen.second(
                    second,
                    verdict: verdict,
                    arrivedBefore: arrived,
                    latencies: latencies
                )
            )
            arrived = verdict.arrived
            try cast.daemon.check()
            try cast.witness.check()
            for worker in workers { try worker.check() }
        }
    }

    /// Waits until all has arrived and Postbox has settled it.
    private func settle(_ cast: DemoCast) throws {
        _ = try cast.witness.waitUntilComplete(patience: Self.patience) {
            try cast.daemon.check()
            return stop.isPressing
        }
        let session = try cast.stage.database.session()
        let deadline = MonotonicTime.now + Self.patience
        while try waiting(session).outbox > 0, !stop.isPressing, deadline.remaining > .zero {
            try cast.daemon.check()
            stop.wait(.milliseconds(20), unless: .now)
        }
    }

    private func sumUp(
        _ cast: DemoCast,
        seconds: Double,
        tally: DemoTally
    ) throws -> DemoSummary {
        let peak = ProcessFigures(ofProcess: cast.daemon.pid)?.peakResidentBytes
        let status = cast.daemon.stop()
        cast.witness.stop(after: .milliseconds(200))
        let left = try waiting(cast.stage.database.session())
        var summary = cast.witness.withLedger { ledger in
            var summary = DemoSummary(verdict: ledger.verdict, seconds: seconds)
            summary.latencies = ledger.latencies
            return summary
        }
        summary.tally = tally
        summary.peakBytes = peak.map(Int64.init)
        summary.daemonEndedWell = status?.isSuccess ?? false
        (summary.leftInOutbox, summary.deadLetters) = left
        return summary
    }

    private func waiting(_ session: PostgresSession) throws -> (outbox: Int, deadLetters: Int) {
        let rows = try session.query(DemoShop.countWaiting)
        return (rows.int(0, 0), rows.int(0, 1))
    }
}

/// Who is on stage.
private struct DemoCast {
    let stage: Stage
    let daemon: StageDaemon
    let witness: DeliveryWitness
}
