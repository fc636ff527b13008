/// The pipeline: many requests under way at once. Nothing here waits; the owner polls `socket`.
///
/// Each stretch up to a sync is one transaction of its own, unless its statements say otherwise.
extension PostgresSession {
    package func beginPipeline() throws(PostgresError) {
        guard isAlive, handle.enterPipeline() else { throw loss(during: "entering a pipeline") }
        pipeline.removeAll()
    }

    /// Possible once every event was taken.
    package func endPipeline() throws(PostgresError) {
        guard isAlive, pipeline.isEmpty, handle.exitPipeline() else {
            throw loss(during: "leaving a pipeline")
        }
    }

    /// Queues a statement, which was prepared before the pipeline began.
    package func send(
        _ statement: PostgresStatement,
        _ values: [PostgresValue] = []
    ) throws(PostgresError) {
        precondition(statements.contains(statement.name), "\(statement.name) is not prepared")
        guard isAlive else { throw .connectionLost(during: statement.name) }
        try parameters.encode(values, as: statement.parameters, for: statement.name)
        defer { parameters.clear() }
        guard handle.send(prepared: statement.name, parameters) else {
            throw loss(during: statement.name)
        }
        pipeline.append(.statement(name: statement.name))
    }

    /// Queues the end of a stretch: the server commits it, answers, and forgets an error before it.
    package func sendSync() throws(PostgresError) {
        guard isAlive, handle.sendSync() else { throw loss(during: "a sync") }
        pipeline.append(.sync)
    }

    /// Writes what is queued; false when the socket must first become writable.
    package func flush() throws(PostgresError) -> Bool {
        guard isAlive else { throw .connectionLost(during: "sending") }
        switch handle.flush() {
        case .done: return true
        case .wouldBlock: return false
        case .failed: throw loss(during: "sending")
        }
    }

    /// The next event that has arrived; nil when one has to be waited for, or none is to come.
    package func nextEvent() throws(PostgresError) -> PostgresPipelineEvent? {
        while let entry = pipeline.first {
            guard isAlive else { throw .connectionLost(during: "a pipeline") }
            guard !handle.isBusy else { return nil }
            if let result = handle.nextResult() { return try event(result, for: entry) }
            guard pipeline.hasResultOfFirst else { return nil }
            pipeline.removeFirst()
        }
        return nil
    }

    private func event(
        _ result: consuming ResultHandle,
        for entry: PipelineLedger.Entry
    ) throws(PostgresError) -> PostgresPipelineEvent {
        switch (result.status, entry) {
        case (.synced, .sync):
            pipeline.removeFirst()
            return .synced
        case (.rows, .statement):
            pipeline.hasResultOfFirst = true
            return .rows(PostgresRows(result))
        case (.aborted, .statement):
            takeEndOfFirst()
            return .aborted
        case (.failed, .statement(let name)):
            takeEndOfFirst()
            return .failed(try refusal(result, of: name))
        case (.failed, .sync):
            // The end of the refusal. What ends the sync may have been read with it, and would not be
            // seen before this is taken.
            _ = handle.nextResult()
            return .failed(try refusal(result, of: "a sync"))
        default:
            throw abandon("a pipeline's answer stands in the wrong place")
        }
    }

    /// Takes the null result that ends a statement which failed, or was passed over.
    ///
    /// Order: before anything more is sent. Of a stretch that has failed, libpq 15 leaves that end
    /// out when a request is queued before it was taken.
    private func takeEndOfFirst() {
        pipeline.removeFirst()
        _ = handle.nextResult()
    }

    /// The error to hand out; a loss is thrown, for nothing more will come.
    private func refusal(
        _ result: borrowing ResultHandle,
        of name: String
    ) throws(PostgresError) -> PostgresError {
        let failure = error(of: result, during: name)
        guard !failure.isConnectionLoss else { throw failure }
        if let state = failure.sqlState { statements.forget(name, because: state) }
        return failure
    }
}
