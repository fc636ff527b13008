package import Threads

/// One connection to PostgreSQL, used by one thread at a time.
///
/// Every call waits for its answer, but for those of the pipeline. After a loss each call throws
/// `.connectionLost`; nothing is repaired in place: drop the session and make another.
package final class PostgresSession {
    let handle: ConnectionHandle
    var parameters = ParameterBuffer()
    var statements = PreparedStatements()
    var pipeline = PipelineLedger()

    /// The server said goodbye, or did not answer in time, before libpq noticed a thing.
    private var isGivenUp = false
    private var deadline: MonotonicTime?

    /// How long one request may take before the session is given up; nil waits for ever.
    package var requestTimeout: Duration? = .seconds(60)

    /// Connects, with `timeout` for each host of the target; name resolution is not covered by it.
    package init(
        connectingTo target: PostgresTarget,
        within timeout: Duration,
        interruptedBy interrupt: WakeSignal? = nil
    ) throws(PostgresError) {
        handle = try PostgresConnector(target: target, timeout: timeout, interrupt: interrupt)
            .connect()
    }

    package var isAlive: Bool { !isGivenUp && handle.isAlive }
    package var socket: Int32 { handle.socket }
    package var backendPID: Int32 { handle.backendPID }
    package var serverVersion: Int32 { handle.serverVersion }

    /// Within a transaction block, a failed one included.
    package var isInTransaction: Bool { handle.isInTransaction }

    package func parameterStatus(_ name: String) -> String? { handle.parameterStatus(name) }

    /// For use from other threads while this one waits.
    package func makeCancelHandle() throws(PostgresError) -> PostgresCancelHandle {
        guard let cancel = PostgresCancelHandle(handle) else {
            throw .connectionLost(during: "making a cancel handle")
        }
        return cancel
    }

    /// The notifications that have arrived, without waiting.
    package func takeNotifications() throws(PostgresError) -> [PostgresNotification] {
        try consumeInput()
        var notifications: [PostgresNotification] = []
        while let notification = handle.nextNotification() {
            notifications.append(notification)
        }
        return notifications
    }

    /// Reads what has arrived at `socket`, without waiting.
    package func consumeInput() throws(PostgresError) {
        guard isAlive, handle.consumeInput() else { throw loss(during: "reading") }
    }
}

/// Requests, and the waiting for their answers.
extension PostgresSession {
    /// Sends one request and returns its last result.
    func request(
        _ activity: String,
        _ send: (borrowing ConnectionHandle) -> Bool
    ) throws(PostgresError) -> PostgresRows {
        try begin(activity, send)
        return PostgresRows(try lastResult(of: activity))
    }

    /// Sends one request, and leaves its results to the caller.
    func begin(
        _ activity: String,
        _ send: (borrowing ConnectionHandle) -> Bool
    ) throws(PostgresError) {
        precondition(!handle.isInPipeline, "\(activity) is not possible within a pipeline")
        guard isAlive else { throw .connectionLost(during: activity) }
        deadline = requestTimeout.map { .now + $0 }
        guard send(handle) else { throw loss(during: activity) }
        try writeOut(activity)
    }

    /// The last of a request's results, or the first of its errors.
    func lastResult(of activity: String) throws(PostgresError) -> ResultHandle {
        var last: ResultHandle?
        var failure: PostgresError?
        while let result = try nextResult(of: activity) {
            switch result.status {
            case .failed: failure = failure ?? error(of: result, during: activity)
            case .copy: failure = abandon("\(activity) began a COPY, which `copyIn` is for")
            case .rows, .aborted, .synced: last = consume result
            }
            guard isAlive else { break }
        }
        if let failure { throw failure }
        guard let last else { throw .unexpectedResult("no result of \(activity)") }
        return last
    }

    /// Waits for the next result; nil when the request has no more.
    func nextResult(of activity: String) throws(PostgresError) -> ResultHandle? {
        while handle.isBusy {
            try wait(for: .readable, activity)
            guard handle.consumeInput() else { throw loss(during: activity) }
        }
        return handle.nextResult()
    }

    /// Writes all that is queued.
    ///
    /// It reads too: a server that cannot send stops reading.
    func writeOut(_ activity: String) throws(PostgresError) {
        while true {
            switch handle.flush() {
            case .done: return
            case .failed: throw loss(during: activity)
            case .wouldBlock: try waitToWrite(activity)
            }
        }
    }

    func waitToWrite(_ activity: String) throws(PostgresError) {
        let ready = try wait(for: [.readable, .writable], activity)
        guard ready.contains(.readable) else { return }
        guard handle.consumeInput() else { throw loss(during: activity) }
    }

    @discardableResult
    func wait(
        for wanted: PollDescriptor.Events,
        _ activity: String
    ) throws(PostgresError) -> PollDescriptor.Events {
        var watched = [PollDescriptor(handle.socket, wanted)]
        waitForReadiness(&watched, timeout: deadline?.remaining)
        guard watched[0].isReady else {
            isGivenUp = true
            throw .deadlinePassed(during: activity)
        }
        return watched[0].ready
    }

    /// A step of a long request was made: its time begins anew.
    func renewDeadline() {
        deadline = requestTimeout.map { .now + $0 }
    }
}

/// What went wrong, in the words of the module.
extension PostgresSession {
    /// What a failed result means, and whether the session ends with it.
    func error(of result: borrowing ResultHandle, during activity: String) -> PostgresError {
        guard let rejection = result.rejection(of: activity) else {
            guard isAlive else { return .connectionLost(during: activity) }
            return .unexpectedResult("\(result.errorText) (in \(activity))")
        }
        guard !result.isFatal else {
            isGivenUp = true
            return .connectionLost(
                during: "\(activity): \(rejection.sqlState) \(rejection.message)"
            )
        }
        return .rejected(rejection)
    }

    /// libpq refused a call: because the connection is gone, or the call was wrong.
    func loss(during activity: String) -> PostgresError {
        let text = firstLine(of: handle.errorText)
        guard isAlive else {
            return .connectionLost(during: text.isEmpty ? activity : "\(activity): \(text)")
        }
        return .unexpectedResult("\(text) (in \(activity))")
    }

    /// Gives the session up because it is in a state that nobody can lead it out of.
    func abandon(_ reason: String) -> PostgresError {
        isGivenUp = true
        return .unexpectedResult(reason)
    }
}
