import Threads

extension PostgresSession {
    /// Runs statements as one transaction in one round trip.
    ///
    /// `body` gets each result with the place of its statement. Nothing is committed when one of
    /// them fails, or when this throws `.rejected`. A connection that is lost throws
    /// `.outcomeUnknown`: the transaction may have been committed.
    package func runTogether(
        _ requests: [(statement: PostgresStatement, values: [PostgresValue])],
        _ body: (Int, borrowing PostgresRows) -> Void = { _, _ in }
    ) throws(PostgresError) {
        try prepare(requests.map(\.statement))
        try beginPipeline()
        for request in requests { try send(request.statement, request.values) }
        try sendSync()
        renewDeadline()
        var failure: PostgresError?
        var place = 0
        do {
            while let event = try waitForEvent() {
                switch consume event {
                case .rows(let rows): body(place, rows)
                case .failed(let error): failure = failure ?? error
                case .aborted: break
                case .synced: break
                }
                place += 1
            }
            try endPipeline()
        } catch {
            // Crash: the server may have committed and its answer been lost on the way.
            throw error.isConnectionLoss ? .outcomeUnknown(during: "a transaction") : error
        }
        if let failure { throw failure }
    }

    /// The pipeline's next event; nil when nothing more is to come.
    private func waitForEvent() throws(PostgresError) -> PostgresPipelineEvent? {
        while !pipeline.isEmpty {
            if let event = try nextEvent() { return event }
            guard !pipeline.isEmpty else { return nil }
            let isWritten = try flush()
            try wait(for: isWritten ? .readable : [.readable, .writable], "a transaction")
            try consumeInput()
        }
        return nil
    }
}
