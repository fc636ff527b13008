import Threads

/// Whether somebody wants a run to end before its time; asked from any thread.
final class StopRequest: Sendable {
    enum Urgency: Int, Sendable {
        case none
        /// Finish what is under way and sum up.
        case soon
        /// Clean up, and nothing else.
        case now
    }

    private let urgency = Monitor(Urgency.none)

    /// A request that Ctrl-C and SIGTERM make: once to finish early, twice to wait for nothing.
    static func bySignals() -> StopRequest {
        let request = StopRequest()
        TerminationSignals.receive { request.ask($0.isRepeated ? .now : .soon) }
        return request
    }

    var isAsked: Bool { urgency.withLock { $0 != .none } }
    var isPressing: Bool { urgency.withLock { $0 == .now } }

    func ask(_ wanted: Urgency) {
        urgency.withLock { if wanted.rawValue > $0.rawValue { $0 = wanted } }
    }

    /// Waits; true when the time has passed and nobody has asked that urgently.
    @discardableResult
    func wait(_ span: Duration, unless wanted: Urgency = .soon) -> Bool {
        urgency.wait(timeout: span) { $0.rawValue >= wanted.rawValue ? true : nil } == nil
    }

    func wait(until time: MonotonicTime) -> Bool { wait(time.remaining) }

    /// Throws when somebody has asked, between two steps that cannot be cut short.
    func check() throws {
        if isAsked { throw StageError.interrupted }
    }
}
