import Postgres

/// What everybody but the contender has used up so far.
struct StageMeter {
    /// Bytes of PostgreSQL's log.
    let logBytes: Int64
    let postgres: Duration
    /// Nil where the broker is not ours.
    let broker: Duration?

    init(_ stage: Stage, _ session: PostgresSession) throws {
        logBytes = try session.query("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")
            .int64(0, 0)
        postgres = stage.database.serverPID.map(ProcessorTime.ofFamily) ?? .zero
        broker = stage.broker.processorTime
    }

    private init(logBytes: Int64, postgres: Duration, broker: Duration?) {
        self.logBytes = logBytes
        self.postgres = postgres
        self.broker = broker
    }

    static func - (after: StageMeter, before: StageMeter) -> StageMeter {
        var broker: Duration?
        if let now = after.broker, let then = before.broker { broker = now - then }
        return StageMeter(
            logBytes: after.logBytes - before.logBytes,
            postgres: after.postgres - before.postgres,
            broker: broker
        )
    }
}
