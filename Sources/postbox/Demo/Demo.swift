import Threads

/// `postbox demo`: one service changes products, another one sees its own copy of them change, and
/// the two are held against each other.
struct Demo: Sendable {
    let options: DemoOptions
    /// Where progress goes.
    let show: @Sendable (String) -> Void
    let stop: StopRequest

    /// How long nothing may be applied before the rest is given up.
    private static let patience = Duration.seconds(20)

    /// The whole story; whatever happens, nothing is left behind.
    func run() throws -> DemoSummary {
        let stage = try makeStage()
        defer { stage.stage.remove() }
        let daemon = try stage.stage.startDaemon()
        defer { daemon.stop() }
        try daemon.waitUntilFlowing(stop)
        let ledger = Monitor(DemoLedger())
        let reader = DemoReader(stage.delivery, into: ledger)
        defer { reader.stop() }
        return try perform(
            DemoCast(stage: stage, daemon: daemon, ledger: ledger, reader: reader)
        )
    }

    private func makeStage() throws -> DemoStage {
        show("Starting \(options.database == nil ? "a private PostgreSQL" : "new databases") …")
        let stage = try DemoStage(options, stop)
        show(
            """
            Two services, each with its own database: products writes \(options.rate) changes a \
            second,
            Postbox moves them over \(stage.stage.broker.name) into delivery's own
            table of products, which its query joins with the deliveries.

            """
        )
        return stage
    }

    private func perform(_ cast: DemoCast) throws -> DemoSummary {
        let end = StopRequest()
        let tally = Monitor(DemoTally())
        let writer = DemoWriter(
            database: cast.stage.products,
            ledger: cast.ledger,
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
        let written = tally.withLock { $0 }
        try settle(cast, written)
        return try sumUp(cast, seconds: seconds, tally: written)
    }

    /// Shows each second until the time is over or somebody wants to stop.
    private func watch(_ cast: DemoCast, _ workers: [Worker]) throws {
        show(DemoScreen.header)
        let start = MonotonicTime.now
        var appliedBefore = 0
        for second in 1...max(1, options.seconds) {
            guard stop.wait(until: start + .seconds(second)) else { return }
            let (committed, applied, staleness) = cast.ledger.withLock {
                ($0.committedCount, $0.visibleCount, $0.takeRecentStaleness())
            }
            show(
                DemoScreen.second(
                    second,
                    committed: committed,
                    applied: applied,
                    appliedBefore: appliedBefore,
                    staleness: staleness
                )
            )
            appliedBefore = applied
            try cast.check()
            for worker in workers { try worker.check() }
        }
    }

    /// Waits until all can be seen, and Postbox has nothing left to do; not for ever.
    private func settle(_ cast: DemoCast, _ tally: DemoTally) throws {
        let books = try DemoBooks(cast.stage)
        var applied = -1
        var deadline = MonotonicTime.now + Self.patience
        while !stop.isPressing, deadline.remaining > .zero {
            try cast.check()
            let (committed, visible) = cast.ledger.withLock { ($0.committedCount, $0.visibleCount) }
            if visible == committed, try books.leftovers(committed + tally.repeated).isNothing {
                return
            }
            if visible != applied { deadline = .now + Self.patience }
            applied = visible
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
        cast.reader.stop()
        let books = try DemoBooks(cast.stage)
        var summary = try DemoSummary(verdict: books.verdict(), seconds: seconds)
        let left = try books.leftovers(summary.verdict.committed + tally.repeated)
        summary.staleness = cast.ledger.withLock { $0.staleness }
        summary.sample = try books.sample()
        summary.tally = tally
        summary.peakBytes = peak.map(Int64.init)
        summary.daemonEndedWell = status?.isSuccess ?? false
        summary.leftInOutbox = left.inOutbox
        summary.leftInTopic = left.inTopic
        summary.deadLetters = left.deadLetters
        return summary
    }
}

/// Who is on stage.
private struct DemoCast {
    let stage: DemoStage
    let daemon: StageDaemon
    let ledger: Monitor<DemoLedger>
    let reader: DemoReader

    /// Throws when somebody has ended before the play.
    func check() throws {
        try daemon.check()
        try reader.check()
    }
}
