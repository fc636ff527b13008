import Threads

/// Makes one session: the hosts in their order, each with its own deadline.
struct PostgresConnector {
    let target: PostgresTarget
    let timeout: Duration
    let interrupt: WakeSignal?

    func connect() throws(PostgresError) -> ConnectionHandle {
        var failures: [String] = []
        var sqlState: SQLState?
        for parameters in try target.candidates() {
            do {
                return try connect(to: parameters)
            } catch {
                guard case .connectFailed(let text, let state) = error else { throw error }
                failures.append(text)
                sqlState = state
            }
        }
        throw .connectFailed(failures.joined(separator: "; "), sqlState: sqlState)
    }

    private func connect(
        to parameters: [ConnectionParameter]
    ) throws(PostgresError) -> ConnectionHandle {
        guard let handle = ConnectionHandle(starting: parameters) else {
            throw .connectFailed("out of memory", sqlState: nil)
        }
        let deadline = MonotonicTime.now + timeout
        var wanted = PollDescriptor.Events.writable
        while !handle.hasFailed {
            try wait(for: handle.socket, wanted, until: deadline)
            switch handle.connectStep() {
            case .wantsReading: wanted = .readable
            case .wantsWriting: wanted = .writable
            case .connected where handle.finishConnecting(): return handle
            case .connected, .failed: throw refusal(handle.errorText, of: parameters)
            }
        }
        throw refusal(handle.errorText, of: parameters)
    }

    private func wait(
        for socket: Int32,
        _ wanted: PollDescriptor.Events,
        until deadline: MonotonicTime
    ) throws(PostgresError) {
        var watched = [
            PollDescriptor(socket, wanted),
            PollDescriptor(interrupt?.descriptor ?? -1, .readable),
        ]
        waitForReadiness(&watched, timeout: deadline.remaining)
        if watched[1].isReady { throw .interrupted }
        guard watched[0].isReady else {
            throw .connectFailed("no answer within \(timeout)", sqlState: nil)
        }
    }

    private func refusal(_ text: String, of parameters: [ConnectionParameter]) -> PostgresError {
        let lines = text.split(whereSeparator: \.isNewline).filter { line in
            !line.hasPrefix("\t") && !line.hasPrefix("LOCATION:")
        }
        let password = parameters.first { $0.keyword == "password" }?.value
        let complaint = ConnectComplaint(lines.joined(separator: "; "), hiding: password)
        return .connectFailed(complaint.text, sqlState: complaint.sqlState)
    }
}

/// What libpq says of a refused connection, without what may be a secret.
struct ConnectComplaint {
    let text: String
    let sqlState: SQLState?

    init(_ verbose: String, hiding password: String?) {
        (text, sqlState) = Self.withoutState(Self.scrubbed(verbose, hiding: password))
    }

    /// libpq quotes a setting that it cannot read, which may be a password in the wrong place.
    private static func scrubbed(_ text: String, hiding password: String?) -> String {
        var text = text
        if let password, !password.isEmpty {
            text = text.replacing(password, with: "•••")
        }
        guard text.hasPrefix("invalid "), let first = text.firstIndex(of: "\""),
            let last = text.lastIndex(of: "\""), first < last
        else { return text }
        return text[..<first] + "•••" + text[text.index(after: last)...]
    }

    /// Takes the SQLSTATE out of `FATAL:  28P01: password authentication failed`.
    private static func withoutState(_ text: String) -> (String, SQLState?) {
        for marker in ["FATAL:  ", "PANIC:  ", "ERROR:  "] {
            guard let found = text.firstRange(of: marker) else { continue }
            let rest = text[found.upperBound...]
            guard let state = SQLState(String(rest.prefix(5))),
                rest.dropFirst(5).hasPrefix(": ")
            else { continue }
            return (String(text[..<found.upperBound]) + rest.dropFirst(7), state)
        }
        return (text, nil)
    }
}
