import CLibpq

/// One connection of libpq, always non-blocking, closed with its owner.
///
/// The calls are libpq's; what they return is turned into Swift's words here.
struct ConnectionHandle: ~Copyable {
    enum ConnectStep {
        case wantsReading
        case wantsWriting
        case connected
        case failed
    }

    enum Flush {
        case done
        case wouldBlock
        case failed
    }

    let pointer: OpaquePointer

    /// Begins to connect; nil when there is no memory for it.
    init?(starting parameters: [ConnectionParameter]) {
        let started = withCStrings(parameters.map(\.keyword)) { keywords in
            withCStrings(parameters.map(\.value)) { values in
                // Safety: both lists end with a null pointer and libpq copies what it needs.
                PQconnectStartParams(keywords, values, 0)
            }
        }
        guard let started else { return nil }
        pointer = started
        // Notices would go to standard error, and values with them.
        PQsetNoticeReceiver(started, { _, _ in }, nil)
        // Only the verbose text of a refused connection holds its SQLSTATE.
        PQsetErrorVerbosity(started, PQERRORS_VERBOSE)
    }

    deinit {
        PQfinish(pointer)
    }

    func connectStep() -> ConnectStep {
        switch PQconnectPoll(pointer) {
        case PGRES_POLLING_READING: .wantsReading
        case PGRES_POLLING_WRITING: .wantsWriting
        case PGRES_POLLING_OK: .connected
        default: .failed
        }
    }

    /// From here on no call blocks.
    func finishConnecting() -> Bool {
        PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
        return PQsetnonblocking(pointer, 1) == 0
    }

    var socket: Int32 { PQsocket(pointer) }
    var isAlive: Bool { PQstatus(pointer) == CONNECTION_OK }
    var hasFailed: Bool { PQstatus(pointer) == CONNECTION_BAD }
    var backendPID: Int32 { PQbackendPID(pointer) }
    var serverVersion: Int32 { PQserverVersion(pointer) }
    var errorText: String { PQerrorMessage(pointer).map { String(cString: $0) } ?? "" }
    var isInPipeline: Bool { PQpipelineStatus(pointer) != PQ_PIPELINE_OFF }

    /// Within a transaction block, a failed one included.
    var isInTransaction: Bool {
        let state = PQtransactionStatus(pointer)
        return state == PQTRANS_INTRANS || state == PQTRANS_INERROR
    }

    func parameterStatus(_ name: String) -> String? {
        PQparameterStatus(pointer, name).map { String(cString: $0) }
    }

    func flush() -> Flush {
        switch PQflush(pointer) {
        case 0: .done
        case 1: .wouldBlock
        default: .failed
        }
    }

    /// Reads what has arrived; false when the connection is lost.
    func consumeInput() -> Bool { PQconsumeInput(pointer) == 1 }

    /// The next result would have to be waited for.
    var isBusy: Bool { PQisBusy(pointer) == 1 }

    func nextResult() -> ResultHandle? {
        guard let result = PQgetResult(pointer) else { return nil }
        return ResultHandle(result)
    }

    func nextNotification() -> PostgresNotification? {
        guard let notification = PQnotifies(pointer) else { return nil }
        // Safety: libpq gave us this memory, and both strings in it end with a NUL.
        defer { PQfreemem(notification) }
        return PostgresNotification(
            channel: String(cString: notification.pointee.relname),
            payload: String(cString: notification.pointee.extra),
            backendPID: notification.pointee.be_pid
        )
    }
}

/// Lends C strings in a list that ends with a null pointer.
private func withCStrings<R>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R
) -> R {
    let copies = strings.map { $0.utf8CString }
    // Safety: `copies` owns the bytes and outlives the call.
    return withExtendedLifetime(copies) {
        var pointers: [UnsafePointer<CChar>?] = copies.map { copy in
            copy.withUnsafeBufferPointer { $0.baseAddress }
        }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
