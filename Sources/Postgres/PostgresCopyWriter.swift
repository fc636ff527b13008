/// Takes the bytes of a `COPY … FROM STDIN`, in the format that its SQL names.
package struct PostgresCopyWriter: ~Copyable {
    private let session: PostgresSession

    fileprivate init(_ session: PostgresSession) {
        self.session = session
    }

    package mutating func write(_ bytes: [UInt8]) throws(PostgresError) {
        try bytes.withUnsafeBufferPointer { bytes throws(PostgresError) in
            try session.putCopy(bytes)
        }
    }

    package mutating func write(_ text: String) throws(PostgresError) {
        try write(Array(text.utf8))
    }
}

extension PostgresSession {
    /// Runs a `COPY … FROM STDIN` and returns how many rows it took; a body that throws undoes it.
    @discardableResult
    package func copyIn(
        _ sql: String,
        _ body: (inout PostgresCopyWriter) throws -> Void
    ) throws -> Int {
        try beginCopy(sql)
        var writer = PostgresCopyWriter(self)
        do {
            try body(&writer)
        } catch {
            // The body's error is the one to report; the server's about the abandoned COPY is not.
            _ = try? endCopy(abandonedBecause: "abandoned by the sender")
            throw error
        }
        return try endCopy(abandonedBecause: nil)
    }

    private func beginCopy(_ sql: String) throws(PostgresError) {
        try begin("COPY") { $0.send(script: sql) }
        guard let first = try nextResult(of: "COPY") else {
            throw .unexpectedResult("no result of COPY")
        }
        if first.isCopyIn { return }
        guard first.status == .failed else { throw abandon("this is no COPY FROM STDIN") }
        let failure = error(of: first, during: "COPY")
        while isAlive, try nextResult(of: "COPY") != nil {}
        throw failure
    }

    fileprivate func putCopy(_ bytes: UnsafeBufferPointer<UInt8>) throws(PostgresError) {
        renewDeadline()
        try repeatUntilTaken { $0.putCopy(bytes) }
    }

    private func endCopy(abandonedBecause reason: String?) throws(PostgresError) -> Int {
        try repeatUntilTaken { $0.endCopy(abandonedBecause: reason) }
        try writeOut("COPY")
        return PostgresRows(try lastResult(of: "COPY")).affectedCount
    }

    private func repeatUntilTaken(
        _ step: (borrowing ConnectionHandle) -> ConnectionHandle.CopyStep
    ) throws(PostgresError) {
        while true {
            guard isAlive else { throw .connectionLost(during: "COPY") }
            switch step(handle) {
            case .taken: return
            case .failed: throw loss(during: "COPY")
            case .wouldBlock: try waitToWrite("COPY")
            }
        }
    }
}
