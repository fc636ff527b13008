import Synchronization
package import Threads

/// A session on a thread of its own, for callers that must not block.
///
/// It connects at the first request, and again at the first one after a loss.
package actor PostgresConnection {
    private let target: PostgresTarget
    private let connectTimeout: Duration
    private let interrupt: WakeSignal?
    private nonisolated let executor: ThreadExecutor
    private nonisolated let currentCancelHandle = Mutex<PostgresCancelHandle?>(nil)
    private var session: PostgresSession?

    /// Connects nothing yet, and starts a thread.
    ///
    /// The kernel shows the first 15 bytes of its name.
    package init(
        to target: PostgresTarget,
        name: String = "postgres",
        connectTimeout: Duration = .seconds(10),
        interruptedBy interrupt: WakeSignal? = nil
    ) {
        self.target = target
        self.connectTimeout = connectTimeout
        self.interrupt = interrupt
        executor = ThreadExecutor(name: name)
    }

    isolated deinit {
        session = nil
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Connects, unless a living session is there.
    package func connect() throws(PostgresError) {
        _ = try livingSession()
    }

    /// Closes the session; the next request makes another.
    package func disconnect() {
        currentCancelHandle.withLock { $0 = nil }
        session = nil
    }

    /// Lends the session to a body that runs on this connection's thread and may take its time.
    package func withSession<R: Sendable>(
        _ body: @Sendable (PostgresSession) throws -> R
    ) throws -> R {
        try body(livingSession())
    }

    package func run(_ script: String) throws(PostgresError) {
        try livingSession().run(script)
    }

    package func query(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) throws(PostgresError) -> PostgresRows {
        try livingSession().query(statement, values)
    }

    package func query(
        _ sql: String,
        _ values: [PostgresValue] = [],
        types: [PostgresType] = []
    ) throws(PostgresError) -> PostgresRows {
        try livingSession().query(sql, values, types: types)
    }

    package func transaction<R: Sendable>(
        _ body: @Sendable (borrowing PostgresTransaction) throws -> R
    ) throws -> R {
        try livingSession().transaction(body)
    }

    /// Asks the server to end what is running; it blocks for as long as that takes to say.
    package nonisolated func cancel() {
        let handle = currentCancelHandle.withLock { $0 }
        handle?.cancel()
    }

    private func livingSession() throws(PostgresError) -> PostgresSession {
        if let session, session.isAlive { return session }
        disconnect()
        let fresh = try PostgresSession(
            connectingTo: target,
            within: connectTimeout,
            interruptedBy: interrupt
        )
        let cancelHandle = try fresh.makeCancelHandle()
        currentCancelHandle.withLock { $0 = cancelHandle }
        session = fresh
        return fresh
    }
}
