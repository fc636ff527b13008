/// Runs an actor's jobs on one thread of its own, so that they may block.
///
/// The thread ends when the last reference to the executor goes: it is told to, and nobody waits
/// for it, because the last reference may go on that very thread.
package final class ThreadExecutor: SerialExecutor {
    private let queue: ThreadQueue

    /// Starts the thread; the kernel shows the first 15 bytes of its name.
    package init(name: String) {
        queue = ThreadQueue()
        queue.start(name: name)
    }

    deinit {
        queue.stop()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        // The queue holds the executor until the job has run, so none runs on a dead executor.
        queue.append(ThreadQueue.Entry(job: UnownedJob(job), executor: self))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    package func checkIsolated() {
        precondition(queue.isCurrentThread, "not on the thread of this executor")
    }
}
