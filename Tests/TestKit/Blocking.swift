import Threads

/// Runs a body that blocks on a thread of its own, so that the few threads of concurrent Swift stay
/// free for the code under test.
package func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
) async -> Result {
    await withCheckedContinuation { continuation in
        startThread(named: "test-wait") { continuation.resume(returning: body()) }
    }
}

extension TopicReader {
    /// Waits until so many different messages have arrived; false when time is over.
    package func has(
        distinct count: Int,
        within timeout: Duration = .seconds(20)
    ) async -> Bool {
        await blocking { self.wait(forDistinct: count, timeout: timeout) }
    }
}
