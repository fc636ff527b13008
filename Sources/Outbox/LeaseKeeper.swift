import Messaging
import Postgres
import Telemetry
import Threads

/// Wins, prolongs and gives back the leases of an outbox's lanes, beside their work, on a thread and
/// a session of its own. It also counts what waits while somebody looks.
actor LeaseKeeper {
    let runtime: OutboxRuntime
    let links: [LaneLink]
    private nonisolated let executor: ThreadExecutor
    private nonisolated let wake: WakeSignal
    private var session: PostgresSession?
    private var statements: OutboxStatements?
    private var renewedAt: [Int: MonotonicTime] = [:]
    var nextCount = MonotonicTime.now
    var nextTending = MonotonicTime.now
    private var lastComplaint: String?

    init(_ runtime: OutboxRuntime, links: [LaneLink], wake: WakeSignal) {
        self.runtime = runtime
        self.links = links
        self.wake = wake
        executor = ThreadExecutor(name: "lease-keeper")
    }

    isolated deinit {
        session = nil
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Keeps the leases until every lane has finished.
    func run() {
        while !links.allSatisfy(\.isFinished) {
            do {
                try turn(connected())
                lastComplaint = nil
                pause(
                    links.allSatisfy { $0.lease != nil } ? .milliseconds(400) : .milliseconds(100)
                )
            } catch {
                session = nil
                report(error)
                pause(.milliseconds(250))
            }
        }
        try? releaseAll()  // Whoever cannot be told waits until the lease runs out.
    }

    private func connected() throws -> (PostgresSession, OutboxStatements) {
        if let session, session.isAlive, let statements { return (session, statements) }
        let session = try PostgresSession(
            connectingTo: runtime.database,
            within: .seconds(5),
            interruptedBy: nil
        )
        session.requestTimeout = .seconds(5)
        // Whatever fails by it leaves time enough to prolong the leases.
        let limit = min(4_000, runtime.lease.milliseconds / 3)
        try session.run(
            """
            SET search_path = pg_catalog; SET statement_timeout = \(limit); SET jit = off;
            SET idle_in_transaction_session_timeout = \(limit);
            SET default_transaction_isolation = 'read committed'
            """
        )
        let table = try OutboxTable(runtime.definition, in: session)
        let statements = try runtime.statements(on: table, in: session)
        self.session = session
        self.statements = statements
        return (session, statements)
    }

    private func turn(_ connection: (session: PostgresSession, statements: OutboxStatements)) throws
    {
        // Order: before the first lease, so that what is delivered finds its day.
        try tendArchive(connection.session)
        try renewAll(connection)
        for link in links where link.lease == nil {
            try acquire(link, connection.session, connection.statements.state)
        }
        try count(connection)
    }

    /// Gives back what is to be given back, and prolongs what is ours; never behind what may wait.
    func renewAll(_ connection: (session: PostgresSession, statements: OutboxStatements)) throws {
        for link in links {
            try release(link, connection.session, connection.statements.state)
            try renew(link, connection.session, connection.statements.state)
        }
    }

    private func acquire(
        _ link: LaneLink,
        _ session: PostgresSession,
        _ statements: StateStatements
    ) throws {
        guard !link.isStopping, !link.isFinished else { return }
        let before = MonotonicTime.now
        guard let epoch = try take(link.lane, session, statements) else {
            return try standBy(link, session, statements)
        }
        renewedAt[link.lane] = before
        link.set(LaneLease(epoch: epoch, deadline: before + runtime.lease))
    }

    /// The epoch under which the lane is ours; nil when another has it, or lanes are counted otherwise.
    private func take(
        _ lane: Int,
        _ session: PostgresSession,
        _ statements: StateStatements
    ) throws -> Int64? {
        let name = PostgresValue.text(runtime.definition.name)
        let taking: [PostgresValue] = [
            name, .int4(Int32(lane)), .int4(Int32(runtime.definition.lanes)),
            .text(runtime.instance), .int8(runtime.lease.milliseconds),
        ]
        var epoch: Int64?
        // Order: in one round trip. Whoever freezes in between would hold the lock.
        try session.runTogether([
            PostgresRequest(statements.lockLanes, [name]),
            PostgresRequest(statements.acquireLane, taking),
        ]) { place, rows in
            if place == 1, rows.count == 1 { epoch = rows.int64(0, 0) }
        }
        return epoch
    }

    private func standBy(
        _ link: LaneLink,
        _ session: PostgresSession,
        _ statements: StateStatements
    ) throws {
        let rows = try session.query(
            statements.findOwner,
            [.text(runtime.definition.name), .int4(Int32(link.lane))]
        )
        let owner = rows.count == 1 ? rows.textOrNil(0, 0) : nil
        link.turn()
        link.update { status in
            status.state = .standby
            status.owner = owner
        }
    }

    private func renew(
        _ link: LaneLink,
        _ session: PostgresSession,
        _ statements: StateStatements
    ) throws {
        guard let lease = link.lease else { return }
        let before = MonotonicTime.now
        guard before - (renewedAt[link.lane] ?? before) >= runtime.lease / 3 else { return }
        let rows = try session.query(
            statements.renewLane,
            [
                .text(runtime.definition.name), .int4(Int32(link.lane)), .int8(lease.epoch),
                .int8(runtime.lease.milliseconds),
            ]
        )
        renewedAt[link.lane] = before
        guard rows.count == 1 else { return link.set(nil) }
        link.set(LaneLease(epoch: lease.epoch, deadline: before + runtime.lease))
    }

    private func release(
        _ link: LaneLink,
        _ session: PostgresSession,
        _ statements: StateStatements
    ) throws {
        guard let epoch = link.takeRelease() else { return }
        _ = try session.query(
            statements.releaseLane,
            [.text(runtime.definition.name), .int4(Int32(link.lane)), .int8(epoch)]
        )
    }

    private func releaseAll() throws {
        let connection = try connected()
        for link in links { try release(link, connection.0, connection.1.state) }
    }

    /// The wait, which a signal ends.
    private func pause(_ time: Duration) {
        var watched = [PollDescriptor(wake.descriptor, [.readable])]
        waitForReadiness(&watched, timeout: time)
        wake.clear()
    }

    /// Says the same thing once, for it is tried again at once.
    private func report(_ error: any Error) {
        if lastComplaint != "\(error)" {
            lastComplaint = "\(error)"
            runtime.log.warning("leases are not kept", ["error": "\(error)"])
        }
        for link in links where link.lease == nil {
            link.turn()
            link.update { status in
                status.state = .connecting
                status.lastError = "\(error)"
            }
        }
    }
}

extension Duration {
    var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
