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

/// How long a test waits for a fact: far longer than it takes, for machines that are busy.
package let patience = Duration.seconds(90)

/// Asks until the answer is yes, with a short pause after each no; false when time is over.
package func soon(
    within timeout: Duration = patience,
    _ fact: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = MonotonicTime.now + timeout
    while true {
        if try await fact() { return true }
        guard deadline > .now else { return false }
        await blocking { pass(.milliseconds(10)) }
    }
}

/// Lets time go by.
package func pass(_ time: Duration) {
    var nothing: [PollDescriptor] = []
    waitForReadiness(&nothing, timeout: time)
}

extension TopicReader {
    /// Waits until so many different messages have arrived; false when time is over.
    package func has(
        distinct count: Int,
        within timeout: Duration = patience
    ) async -> Bool {
        await blocking { self.wait(forDistinct: count, timeout: timeout) }
    }
}
