import CLibpq

/// Asks the server to end what a session is running, from any thread.
///
/// It opens a connection of its own, without TLS, and blocks for that long. Asking is no guarantee:
/// what is nearly done may still succeed.
///
/// Safety of `@unchecked Sendable`: libpq documents PQcancel as safe to call from any thread, on an
/// object that nobody changes.
package final class PostgresCancelHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    init?(_ connection: borrowing ConnectionHandle) {
        guard let cancel = PQgetCancel(connection.pointer) else { return nil }
        pointer = cancel
    }

    deinit {
        PQfreeCancel(pointer)
    }

    /// Returns whether the request was dispatched.
    @discardableResult
    package func cancel() -> Bool {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            // Safety: libpq writes an error text of at most the capacity it is told.
            PQcancel(pointer, text.baseAddress, Int32(text.count)) == 1
        }
    }
}
