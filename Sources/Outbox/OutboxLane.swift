import Kafka
import Messaging
import Postgres
import Telemetry
import Threads

/// The life of one lane on its own thread: wait for the lease, work, and give it back.
actor OutboxLane {
    private static let shortestWait = Duration.milliseconds(50)

    private let runtime: OutboxRuntime
    private let link: LaneLink
    private nonisolated let keeperWake: WakeSignal
    private nonisolated let executor: ThreadExecutor

    init(_ runtime: OutboxRuntime, link: LaneLink, keeperWake: WakeSignal) {
        self.runtime = runtime
        self.link = link
        self.keeperWake = keeperWake
        executor = ThreadExecutor(name: "outbox-lane")
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Works whenever the lane is ours, until it was stopped.
    func run() {
        while !link.isStopping {
            guard let lease = link.lease else {
                pause(.seconds(1))
                continue
            }
            work(under: lease.epoch)
            link.release(lease.epoch)
            keeperWake.signal()
        }
        link.finish()
        keeperWake.signal()
    }

    /// Publishes under one epoch.
    ///
    /// What is in flight outlives a lost database session.
    private func work(under epoch: Int64) {
        runtime.log.info("owns the lane", ["lane": link.lane, "epoch": Int(epoch)])
        var pipeline: LanePipeline?
        var wait = Self.shortestWait
        while link.holds(epoch) {
            let startedAt = MonotonicTime.now
            do {
                let sessions = try LaneSessions(runtime, link: link)
                if let before = pipeline, try before.isOutdated(by: sessions) {
                    before.abandon()
                    pipeline = nil
                }
                if pipeline == nil {
                    pipeline = try LanePipeline(runtime, link: link, epoch: epoch, sessions)
                }
                try pipeline?.work(with: sessions)
                break
            } catch {
                report(error)
                guard !link.isStopping || pipeline?.canStillSettle ?? false else { break }
                // What fails soon again is tried ever less often; a database that is back is found soon.
                if .now - startedAt > wait * 10 { wait = Self.shortestWait }
                pause(wait)
                wait = min(wait * 2, isLoss(error) ? .milliseconds(250) : .seconds(1))
            }
        }
        pipeline?.abandon()
    }

    private func isLoss(_ error: any Error) -> Bool {
        (error as? PostgresError)?.isConnectionLoss ?? false
    }

    private func report(_ error: any Error) {
        runtime.log.warning(
            isLoss(error) ? "lost the database" : "the lane's work was interrupted",
            ["lane": link.lane, "error": "\(error)"]
        )
        link.turn()
        link.update { status in
            status.state = .connecting
            status.lastError = "\(error)"
        }
    }

    private func pause(_ time: Duration) {
        link.turn()
        var watched = [PollDescriptor(link.wake.descriptor, [.readable])]
        waitForReadiness(&watched, timeout: time)
        link.wake.clear()
    }
}

/// A lane's two sessions: one in pipeline mode for the flow, one for what is rare.
struct LaneSessions {
    let flow: PostgresSession
    let side: PostgresSession

    init(_ runtime: OutboxRuntime, link: LaneLink) throws {
        flow = try Self.connect(runtime, link)
        side = try Self.connect(runtime, link)
    }

    private static func connect(
        _ runtime: OutboxRuntime,
        _ link: LaneLink
    ) throws -> PostgresSession {
        let session = try PostgresSession(
            connectingTo: runtime.database,
            within: .seconds(5),
            interruptedBy: nil
        )
        session.requestTimeout = .seconds(30)
        try session.run(OutboxStatements.readerSettings)
        try session.run("SET postbox.lane = '\(link.lane)'")
        return session
    }
}
