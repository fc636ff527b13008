/// What `postbox bench outbox` was asked for.
struct BenchOptions: Sendable {
    var rows = 1_000_000
    /// Of each payload.
    var bytes = 200
    /// The program that keeps no promise, to be measured against.
    var floor: String?
    var broker = StageBroker.Choice.builtIn
    var measuresHeldSnapshot = false
    /// Rows a second of the latency run.
    var latencyRate = 1_000
    /// How often floor and daemon are measured, in turns.
    var rounds = 2

    static let latencySeconds = 20
    /// Before that, a new topic is found, and everybody's connections are made.
    static let latencyWarmUpSeconds = 3
    static let idleSeconds = 5
    static let keys = 10_000

    /// What PostgreSQL is started with: room for one run between two checkpoints, everything else
    /// as it comes, `fsync` and `synchronous_commit` on.
    static let serverSettings = [
        "shared_buffers": "512MB", "max_wal_size": "16GB", "checkpoint_timeout": "1h",
    ]
    /// Counts the rows of each statement; it comes with most PostgreSQLs, not with all.
    static let countingSettings = ["shared_preload_libraries": "pg_stat_statements"]

    /// The built-in broker keeps 5 MB of each partition: more of them give the consumer more time.
    var partitions: Int {
        if case .builtIn = broker { 12 } else { 4 }
    }
}
