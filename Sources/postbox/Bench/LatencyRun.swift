import Postgres
import Telemetry
import Threads

/// Latency from commit to consumer at a steady rate, and what the daemon takes when nothing comes.
struct LatencyRun {
    let stage: Stage
    let options: BenchOptions
    let stop: StopRequest

    /// Enough connections that a slow commit holds up no other row.
    private static let writers = 4
    private static let insert = PostgresStatement(
        name: "insert_message",
        sql: """
            INSERT INTO postbox.outbox (topic, key, type, payload, headers)
            VALUES ($1, $2, 'OrderPlaced', $3, '{"tenant": "acme", "trace": "0123456789abcdef"}')
            RETURNING id
            """,
        parameters: [.text, .text, .bytea]
    )

    func measure() throws -> SteadyFigures {
        let daemon = try stage.startDaemon()
        defer { daemon.stop() }
        try daemon.waitUntilPublishing(stop)
        let topic = "bench.\(UInt32.random(in: 0 ... .max))"
        try stage.broker.createTopic(topic, partitions: options.partitions)
        try stage.database.session().run("TRUNCATE postbox.outbox; CHECKPOINT")
        let witness = DeliveryWitness(
            reading: topic,
            of: stage.broker.readingCluster,
            into: DeliveryLedger()
        )
        defer { witness.stop() }
        let seconds = try write(to: topic, witness)
        let isComplete = try witness.waitUntilComplete(patience: .seconds(10)) {
            try daemon.check()
            return stop.isAsked
        }
        try stop.check()
        let ledger = witness.withLedger { $0 }
        guard isComplete, ledger.verdict.isClean else {
            throw BenchError.incorrect("latency", ledger.verdict, leftInTable: ledger.backlog)
        }
        return try idle(daemon, after: ledger, seconds: seconds)
    }

    /// Writes from all connections, and returns how long it took.
    private func write(to topic: String, _ witness: DeliveryWitness) throws -> Double {
        let seconds = BenchOptions.latencyWarmUpSeconds + BenchOptions.latencySeconds
        let count = options.latencyRate * seconds
        let start = MonotonicTime.now + .milliseconds(500)
        let workers = (0..<Self.writers).map { writer in
            Worker(named: "writer") {
                let turns = stride(from: writer, to: count, by: Self.writers)
                try write(turns, from: start, to: topic, witness)
            }
        }
        for worker in workers { worker.join() }
        for worker in workers { try worker.check() }
        return (MonotonicTime.now - start) / .seconds(1)
    }

    /// Each row at its own moment, whatever became of those before it.
    private func write(
        _ turns: StrideTo<Int>,
        from start: MonotonicTime,
        to topic: String,
        _ witness: DeliveryWitness
    ) throws {
        let session = try stage.database.session()
        let payload = [UInt8](repeating: UInt8(ascii: "x"), count: options.bytes)
        let first = options.latencyRate * BenchOptions.latencyWarmUpSeconds
        for turn in turns {
            let moment = Duration.seconds(Double(turn) / Double(options.latencyRate))
            guard stop.wait(until: start + moment) else { return }
            // A key stays with one connection, which writes one row after the other.
            let key = PostgresValue.text("order-\(turn % 400)")
            let id = try session.query(Self.insert, [.text(topic), key, .bytea(payload)])
                .int64(0, 0)
            let now = MonotonicTime.now
            witness.withLedger { $0.commit([id], at: turn < first ? nil : now) }
        }
    }

    private func idle(
        _ daemon: StageDaemon,
        after ledger: DeliveryLedger,
        seconds: Double
    ) throws -> SteadyFigures {
        _ = stop.wait(.seconds(2))
        let before = ProcessFigures(ofProcess: daemon.pid)
        _ = stop.wait(.seconds(BenchOptions.idleSeconds))
        let after = ProcessFigures(ofProcess: daemon.pid)
        try stop.check()
        try daemon.check()
        let used = (after?.processorTime ?? .zero) - (before?.processorTime ?? .zero)
        let latencies = ledger.latencies
        return SteadyFigures(
            rate: Double(ledger.committedCount) / seconds,
            p50Milliseconds: latencies.percentile(0.5) / .milliseconds(1),
            p99Milliseconds: latencies.percentile(0.99) / .milliseconds(1),
            maxMilliseconds: latencies.max / .milliseconds(1),
            idleBytes: Int64(after?.residentBytes ?? 0),
            idlePercent: used / .seconds(BenchOptions.idleSeconds) * 100,
            verdict: ledger.verdict
        )
    }
}
