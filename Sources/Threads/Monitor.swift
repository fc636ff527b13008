import Glibc

/// A value behind a lock whose changes threads can wait for.
///
/// For the few places where a plain thread blocks until a fact is true; tasks wait elsewhere.
package final class Monitor<Value: Sendable>: @unchecked Sendable {
    // Safety: `value` is read and written only by the holder of `mutex`.
    private var value: Value
    // Safety: allocated once, freed in `deinit`, when nobody can hold or wait for them any more.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Reads or changes the value and wakes everybody who waits for a fact about it.
    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        return try body(&value)
    }

    /// Blocks until `fact` gives a result, or the time is over (`nil`).
    package func wait<Fact>(timeout: Duration, for fact: (Value) -> Fact?) -> Fact? {
        var deadline = timespec.monotonic(after: timeout)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let found = fact(value) { return found }
            guard pthread_cond_timedwait(changed, mutex, &deadline) == 0 else { return fact(value) }
        }
    }
}

extension timespec {
    fileprivate static func monotonic(after span: Duration) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let nanoseconds = time.tv_nsec + Int(span.components.attoseconds / 1_000_000_000)
        time.tv_sec += Int(span.components.seconds) + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }
}
