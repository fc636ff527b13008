import Kafka
import Messaging
import Telemetry
import Threads

/// What the reader of an inbox, its lanes and the outside tell each other.
///
/// Everyone may call it.
final class InboxLink: Sendable {
    struct State: Sendable {
        var queues: [[LaneBatch]]
        /// Positions of lanes that a batch held nothing for, to be moved with the next one.
        var passed: [[KafkaPartition: PositionMove]]
        var isWorking: [Bool]
        /// What the batches take that were handed out and are not finished.
        var bytes = 0
        var bytesAtWork: [Int]
        /// Since when a lane has not come forward, and why.
        var troubles: [(since: MonotonicTime, reason: String)?]
        /// Lanes that wait at a message until a person helps.
        var stopped: Set<Int> = []
        var assigned: [KafkaPartition: PositionLedger] = [:]
        /// Raised when partitions were assigned: lanes look with more care then.
        var assignments = 0
        /// A lane found that another reader has a position of what is ours.
        var isFenced = false
        var failure: InboxError?
        var stopDeadline: MonotonicTime?
        var isFinished = false
        var lastTurn = MonotonicTime.now
        var askedAt: MonotonicTime?
        var status: InboxStatus
        var rate = RateMeter(startedAt: .now)

        func hasRoom(within budget: Int) -> Bool {
            bytes < budget && queues.allSatisfy { $0.count < InboxLink.queueLimit }
        }

        var isIdle: Bool { queues.allSatisfy(\.isEmpty) && !isWorking.contains(true) }
    }

    /// Batches that may wait for a lane while it works on another.
    static let queueLimit = 2

    let lanes: Int
    let state: Monitor<State>

    init(_ definition: InboxDefinition) {
        lanes = definition.lanes
        state = Monitor(
            State(
                queues: Array(repeating: [], count: definition.lanes),
                passed: Array(repeating: [:], count: definition.lanes),
                isWorking: Array(repeating: false, count: definition.lanes),
                bytesAtWork: Array(repeating: 0, count: definition.lanes),
                troubles: Array(repeating: nil, count: definition.lanes),
                status: InboxStatus(inbox: definition.name, group: definition.group)
            )
        )
    }

    // MARK: Batches

    /// Whether more may be handed out when all of it may take so many bytes.
    func hasRoom(within budget: Int) -> Bool { state.withLock { $0.hasRoom(within: budget) } }

    /// Waits until there is room, a lane failed, or the time is over.
    func waitForRoom(within budget: Int, _ timeout: Duration) {
        _ = state.wait(timeout: timeout) { state -> Bool? in
            state.hasRoom(within: budget) || state.failure != nil || state.stopDeadline != nil
                ? true : nil
        }
    }

    func hand(_ batch: LaneBatch, to lane: Int) {
        state.withLock { state in
            guard !batch.rows.isEmpty else {
                state.passed[lane].append(batch.moves)
                return
            }
            state.bytes += batch.byteCount
            state.queues[lane].append(batch.joining(&state.passed[lane]))
        }
    }

    /// The next batch of a lane, which is at work from then on; nil when there is none in time.
    func take(_ lane: Int, within timeout: Duration) -> LaneBatch? {
        _ = state.wait(timeout: timeout) { state -> Bool? in
            !state.queues[lane].isEmpty || state.isFinished ? true : nil
        }
        return state.withLock { state in
            guard !state.queues[lane].isEmpty else { return nil }
            state.isWorking[lane] = true
            let batch = state.queues[lane].removeFirst()
            state.bytesAtWork[lane] = batch.byteCount
            return batch
        }
    }

    /// What a lane has to note though no record came for it.
    func takePassed(_ lane: Int) -> LaneBatch? {
        state.withLock { state in
            guard !state.passed[lane].isEmpty, state.queues[lane].isEmpty else { return nil }
            state.isWorking[lane] = true
            return LaneBatch(passing: []).joining(&state.passed[lane])
        }
    }

    /// A lane has applied its batch, or let it go.
    func finish(_ lane: Int) {
        state.withLock { state in
            state.isWorking[lane] = false
            state.bytes -= state.bytesAtWork[lane]
            state.bytesAtWork[lane] = 0
            state.troubles[lane] = nil
        }
    }

    /// A lane cannot come forward for now.
    func note(trouble: String, of lane: Int) {
        state.withLock { state in
            state.troubles[lane] = (state.troubles[lane]?.since ?? .now, trouble)
            state.status.lastError = trouble
            state.lastTurn = .now
        }
    }

    /// A lane came forward.
    func clearTrouble(of lane: Int) {
        state.withLock { state in
            state.troubles[lane] = nil
            guard state.stopped.remove(lane) != nil, state.stopped.isEmpty else { return }
            if state.status.state == .stopped { state.status.state = .consuming }
        }
    }

    /// A lane waits at a message.
    func noteStopped(_ lane: Int, because reason: String) {
        state.withLock { state in
            state.stopped.insert(lane)
            state.status.state = .stopped
            state.status.lastError = reason
        }
    }

    /// By the reader: records come in.
    func noteConsuming() {
        state.withLock { $0.status.state = $0.stopped.isEmpty ? .consuming : .stopped }
    }

    /// Why lanes have not come forward for longer than `limit`.
    func trouble(longerThan limit: Duration) -> String? {
        state.withLock { state in
            state.troubles.compactMap { $0 }.first { .now - $0.since > limit }?.reason
        }
    }

    /// Waits until every lane has applied what it was handed; false when time is over.
    func waitUntilIdle(_ timeout: Duration) -> Bool {
        state.wait(timeout: timeout) { $0.isIdle || $0.failure != nil ? true : nil } ?? false
    }

    /// Lets go of everything that was handed out: it is read again by whoever reads next.
    ///
    /// Waits for the lanes up to `timeout`; what one still works on then counts until it is finished.
    func discardAll(within timeout: Duration = .seconds(60)) {
        state.withLock { state in
            state.assigned = [:]
            state.queues = Array(repeating: [], count: lanes)
            state.passed = Array(repeating: [:], count: lanes)
        }
        _ = state.wait(timeout: timeout) { $0.isWorking.contains(true) ? nil : true }
        state.withLock { state in
            state.failure = nil
            state.isFenced = false
            state.bytes = state.bytesAtWork.reduce(0, +)
            state.troubles = Array(repeating: nil, count: lanes)
            state.stopped = []
        }
    }

    // MARK: Stopping

    func stop(by deadline: MonotonicTime) {
        state.withLock { state in
            state.stopDeadline = min(state.stopDeadline ?? deadline, deadline)
        }
    }

    var stopDeadline: MonotonicTime? { state.withLock { $0.stopDeadline } }
    var isStopping: Bool { stopDeadline != nil }

    /// By the reader: nothing more will be handed out.
    func finish() { state.withLock { $0.isFinished = true } }

    var isFinished: Bool { state.withLock { $0.isFinished } }
}

/// Status, asked from outside.
extension InboxLink {
    var status: InboxStatus {
        state.withLock { state in
            state.askedAt = .now
            state.status.rate = state.rate.rate(at: .now)
            return state.status
        }
    }

    func count(applied: Int, duplicates: Int, late: Int) {
        state.withLock { state in
            state.status.appliedTotal += Int64(applied)
            state.status.duplicatesTotal += Int64(duplicates)
            state.status.lateTotal += Int64(late)
            state.rate.record(applied, at: .now)
        }
    }

    func update(_ change: (inout InboxStatus) -> Void) { state.withLock { change(&$0.status) } }

    var isUnreachable: Bool { state.withLock { $0.status.state == .unreachable } }

    func turn() { state.withLock { $0.lastTurn = .now } }

    /// Whether the reader's loop has turned lately.
    var isMoving: Bool {
        state.withLock { $0.isFinished || .now - $0.lastTurn < .seconds(60) }
    }

    /// Whether somebody looks at the status.
    var isWatched: Bool {
        state.withLock { $0.askedAt.map { .now - $0 < .seconds(10) } ?? false }
    }
}

extension LaneBatch {
    /// Takes along what the lane had to note before.
    fileprivate func joining(_ passed: inout [KafkaPartition: PositionMove]) -> LaneBatch {
        var joined = self
        passed.append(moves)
        joined.moves = Array(passed.values)
        passed = [:]
        return joined
    }
}

extension [KafkaPartition: PositionMove] {
    /// Moves on from where it is.
    fileprivate mutating func append(_ moves: [PositionMove]) {
        for var move in moves {
            if let before = self[move.partition], before.generation == move.generation {
                move.from = before.from
            }
            self[move.partition] = move
        }
    }
}
