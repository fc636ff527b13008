import Threads

/// A thread of its own whose end can be waited for, and which keeps what it failed with.
final class Worker: Sendable {
    private let outcome: Monitor<Result<Void, any Error>?>

    init(named name: String, _ body: @escaping @Sendable () throws -> Void) {
        let outcome = Monitor<Result<Void, any Error>?>(nil)
        self.outcome = outcome
        startThread(named: name) {
            let result = Result { try body() }
            outcome.withLock { $0 = result }
        }
    }

    /// Throws what the thread has failed with, if it has.
    func check() throws {
        try outcome.withLock { $0 }?.get()
    }

    func join() {
        while outcome.wait(timeout: .seconds(60), for: { $0 != nil ? true : nil }) == nil {}
    }
}

/// Runs a body that blocks on a thread of its own, so that no thread of the pool has to wait.
func onOwnThread<Value: Sendable>(
    named name: String,
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        startThread(named: name) { continuation.resume(with: Result { try body() }) }
    }
}
