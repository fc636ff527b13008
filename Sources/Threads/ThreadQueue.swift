import Glibc

/// The queue and the thread behind a `ThreadExecutor`.
// Safety: `entries`, `isStopping` and `thread` are read and written under
// `mutex` only.
final class ThreadQueue: @unchecked Sendable {
    struct Entry {
        let job: UnownedJob
        let executor: ThreadExecutor
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var entries: [Entry] = []
    private var isStopping = false
    private var thread: pthread_t?

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    var isCurrentThread: Bool {
        locked { thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    func start(name: String) {
        startThread(named: name) { self.run() }
    }

    func append(_ entry: Entry) {
        locked {
            entries.append(entry)
            pthread_cond_signal(changed)
        }
    }

    func stop() {
        locked {
            isStopping = true
            pthread_cond_signal(changed)
        }
    }

    private func run() {
        locked { thread = pthread_self() }
        var running: [Entry] = []
        while takeEntries(into: &running) {
            for entry in running {
                entry.job.runSynchronously(on: entry.executor.asUnownedSerialExecutor())
            }
            // The last reference to the executor may go here, which stops this very queue.
            running.removeAll(keepingCapacity: true)
        }
    }

    private func takeEntries(into running: inout [Entry]) -> Bool {
        locked {
            while entries.isEmpty && !isStopping {
                pthread_cond_wait(changed, mutex)
            }
            swap(&entries, &running)
            return !running.isEmpty
        }
    }

    private func locked<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
