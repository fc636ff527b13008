import Messaging
import Synchronization
import Threads

/// The right to work on a lane until `deadline`, by our own monotonic clock.
struct LaneLease: Sendable, Equatable {
    var epoch: Int64
    /// Counted from before the database was asked, so that it ends before the database's does.
    var deadline: MonotonicTime
}

/// What a lane, its lease keeper and the outside tell each other.
///
/// Everyone may call it.
final class LaneLink: Sendable {
    private struct State {
        var status: LaneStatus
        var lease: LaneLease?
        var epochToRelease: Int64?
        var stopDeadline: MonotonicTime?
        var isFinished = false
        var lastTurn = MonotonicTime.now
        var askedAt: MonotonicTime?
        var countedAt: MonotonicTime?
        var position: Int64 = .min
    }

    let lane: Int
    /// Raised when something changed that the lane must look at.
    let wake: WakeSignal
    private let state: Mutex<State>

    init(outbox: String, lane: Int) {
        self.lane = lane
        wake = WakeSignal()
        state = Mutex(State(status: LaneStatus(outbox: outbox, lane: lane)))
    }

    // MARK: The lease

    /// The lease of now; nil when there is none, or it has run out.
    var lease: LaneLease? {
        state.withLock { $0.lease.flatMap { $0.deadline > .now ? $0 : nil } }
    }

    func holds(_ epoch: Int64) -> Bool { lease?.epoch == epoch }

    /// By the keeper: a lease was won, prolonged, or lost (nil).
    func set(_ lease: LaneLease?) {
        state.withLock { $0.lease = lease }
        wake.signal()
    }

    /// By the lane: somebody else has taken it over from this epoch.
    func lose(_ epoch: Int64) {
        state.withLock { if $0.lease?.epoch == epoch { $0.lease = nil } }
        wake.signal()
    }

    /// By the lane: it has ended its work under this epoch.
    func release(_ epoch: Int64) {
        state.withLock { state in
            if state.lease?.epoch == epoch { state.lease = nil }
            state.epochToRelease = epoch
        }
    }

    /// By the keeper: the epoch to give back, once.
    func takeRelease() -> Int64? {
        state.withLock { state in
            defer { state.epochToRelease = nil }
            return state.epochToRelease
        }
    }

    // MARK: Stopping

    func stop(by deadline: MonotonicTime) {
        state.withLock { $0.stopDeadline = deadline }
        wake.signal()
    }

    var stopDeadline: MonotonicTime? { state.withLock { $0.stopDeadline } }
    var isStopping: Bool { stopDeadline != nil }

    /// By the lane: it will not do anything any more.
    func finish() {
        state.withLock { $0.isFinished = true }
    }

    var isFinished: Bool { state.withLock { $0.isFinished } }

    // MARK: Status

    var status: LaneStatus {
        state.withLock { state in
            state.askedAt = .now
            var status = state.status
            status.countedSecondsAgo = state.countedAt.map { (.now - $0) / .seconds(1) }
            return status
        }
    }

    func update(_ change: (inout LaneStatus) -> Void) {
        state.withLock { change(&$0.status) }
    }

    /// By the keeper: what waits was counted, at that time or after it.
    func noteCounted(at time: MonotonicTime, _ change: (inout LaneStatus) -> Void) {
        state.withLock { state in
            state.countedAt = time
            change(&state.status)
        }
    }

    /// The lane's loop has turned; everything that waits lies after `position`.
    func turn(position: Int64? = nil) {
        state.withLock { state in
            state.lastTurn = .now
            if let position { state.position = position }
        }
    }

    var position: Int64 { state.withLock { $0.position } }

    /// Whether the loop has turned lately.
    var isMoving: Bool {
        state.withLock { $0.isFinished || .now - $0.lastTurn < .seconds(20) }
    }

    /// Whether somebody looks at the status.
    var isWatched: Bool {
        state.withLock { $0.askedAt.map { .now - $0 < .seconds(10) } ?? false }
    }
}
