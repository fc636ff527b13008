import CLinux
import Glibc

/// Starts a detached thread that runs the body and ends; for the few loops that are no actor's.
package func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    let start = ThreadStart(name: name, body: body)
    var created = pthread_t()
    // Safety: the retain is taken back by `runThread`, once.
    let result = pthread_create(
        &created,
        nil,
        runThread,
        Unmanaged.passRetained(start).toOpaque()
    )
    precondition(result == 0, "no thread could be started, error \(result)")
    pthread_detach(created)
}

/// The kernel's number of the calling thread, as `top -H` shows it.
package func currentThreadID() -> Int32 {
    linux_thread_id()
}

/// What a new thread is given.
private final class ThreadStart {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    // Safety: takes back the one retain of `startThread`.
    let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    linux_name_this_thread(start.name)
    start.body()
    return nil
}
