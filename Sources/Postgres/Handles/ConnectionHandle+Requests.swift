import CLibpq

extension ConnectionHandle {
    enum CopyStep {
        case taken
        case wouldBlock
        case failed
    }

    /// Each of these queues one request, and is false when libpq does not take it.
    func send(script: String) -> Bool {
        PQsendQuery(pointer, script) == 1
    }

    func sendPrepare(_ statement: PostgresStatement) -> Bool {
        let types = statement.parameters.map(\.rawValue)
        return PQsendPrepare(pointer, statement.name, statement.sql, Int32(types.count), types) == 1
    }

    func send(prepared name: String, _ parameters: borrowing ParameterBuffer) -> Bool {
        parameters.withList { list in
            PQsendQueryPrepared(
                pointer,
                name,
                list.count,
                list.values,
                list.lengths,
                list.formats,
                1
            ) == 1
        }
    }

    func send(sql: String, _ parameters: borrowing ParameterBuffer) -> Bool {
        parameters.withList { list in
            PQsendQueryParams(
                pointer,
                sql,
                list.count,
                list.types,
                list.values,
                list.lengths,
                list.formats,
                1
            )
                == 1
        }
    }

    func sendSync() -> Bool { PQpipelineSync(pointer) == 1 }
    func sendFlush() -> Bool { PQsendFlushRequest(pointer) == 1 }
    func enterPipeline() -> Bool { PQenterPipelineMode(pointer) == 1 }
    func exitPipeline() -> Bool { PQexitPipelineMode(pointer) == 1 }

    func putCopy(_ bytes: UnsafeBufferPointer<UInt8>) -> CopyStep {
        guard let start = bytes.baseAddress else { return .taken }
        // Safety: libpq copies the bytes before it returns; a byte is a CChar to it.
        return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
            step(PQputCopyData(pointer, $0, Int32(bytes.count)))
        }
    }

    /// Ends the COPY, or with a reason makes the server undo it.
    func endCopy(abandonedBecause reason: String?) -> CopyStep {
        step(PQputCopyEnd(pointer, reason))
    }

    private func step(_ result: Int32) -> CopyStep {
        switch result {
        case 1: .taken
        case 0: .wouldBlock
        default: .failed
        }
    }
}
