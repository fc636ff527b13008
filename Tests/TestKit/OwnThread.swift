package import Testing
import Threads

/// Keeps a test that blocks off the few threads of concurrent Swift, which other tests wait for.
package struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    package let isRecursive = true

    @concurrent package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadEach(), operation: function)
    }
}

extension Trait where Self == OwnThread {
    /// The bodies of these tests may block.
    package static var mayBlock: Self { OwnThread() }
}

/// Runs each job on a thread of its own.
private final class ThreadEach: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        startThread(named: "test-body") {
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}
