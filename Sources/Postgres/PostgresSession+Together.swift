import Threads

/// A statement and its values.
package struct PostgresRequest: Sendable {
    package let statement: PostgresStatement
    package let values: [PostgresValue]

    package init(_ statement: PostgresStatement, _ values: [PostgresValue] = []) {
        self.statement = statement
        self.values = values
    }
}

extension PostgresSession {
    /// Runs statements as one transaction, in one round trip or two.
    ///
    /// `body` gets each result of `first` with the place of its statement. `second` is asked then for
    /// the rest, whose statements are among `prepared`. Nothing is committed when a statement fails.
    /// A connection that is lost throws `.outcomeUnknown`: the transaction may have been committed.
    package func runTogether(
        _ first: [PostgresRequest],
        _ body: (Int, borrowing PostgresRows) -> Void = { _, _ in },
        preparing prepared: [PostgresStatement] = [],
        then second: (() -> [PostgresRequest])? = nil
    ) throws(PostgresError) {
        try prepare(first.map(\.statement) + prepared)
        try beginPipeline()
        do {
            try send(first)
            if let second {
                try sendFlush()
                let failure = try results(first.count, body)
                if failure == nil { try send(second()) }
                try sendSync()
                try end(failure)
            } else {
                try sendSync()
                try end(try results(first.count, body))
            }
        } catch  where error.isConnectionLoss {
            // Crash: the server may have committed and its answer been lost on the way.
            throw .outcomeUnknown(during: "a transaction")
        }
    }

    private func send(_ requests: [PostgresRequest]) throws(PostgresError) {
        for request in requests {
            do {
                try send(request.statement, request.values)
            } catch  where !error.isConnectionLoss {
                // Half of a transaction must never reach its sync.
                throw abandon("\(error)")
            }
        }
    }

    /// Takes the results of so many statements, and gives the error of one that failed.
    private func results(
        _ count: Int,
        _ body: (Int, borrowing PostgresRows) -> Void
    ) throws(PostgresError) -> PostgresError? {
        renewDeadline()
        for place in 0..<count {
            guard let event = try waitForEvent() else { return nil }
            switch consume event {
            case .rows(let rows): body(place, rows)
            case .failed(let error): return error
            case .aborted: return nil
            case .synced: return nil
            }
        }
        return nil
    }

    /// Takes what is left up to the sync; throws the first error.
    private func end(_ earlier: PostgresError?) throws(PostgresError) {
        renewDeadline()
        var failure = earlier
        while let event = try waitForEvent() {
            if case .failed(let error) = consume event { failure = failure ?? error }
        }
        try endPipeline()
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

    /// Asks the server for the answers so far, without ending the transaction.
    private func sendFlush() throws(PostgresError) {
        guard isAlive, handle.sendFlush() else { throw loss(during: "a flush") }
    }
}
