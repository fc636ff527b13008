import Messaging
import Telemetry
import Threads

/// The life of an inbox's reader on its own thread: join the group, read, and begin anew whenever
/// something happened that only that mends.
actor InboxReader {
    private let runtime: InboxRuntime
    private let link: InboxLink
    private nonisolated let executor: ThreadExecutor

    init(_ runtime: InboxRuntime, link: InboxLink) {
        self.runtime = runtime
        self.link = link
        executor = ThreadExecutor(name: "inbox-reader")
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    func run() {
        var wait = Duration.milliseconds(100)
        while !link.isStopping {
            do {
                let membership = try InboxMembership(runtime, link: link)
                wait = .milliseconds(100)
                defer { membership.leave() }
                try membership.read()
            } catch {
                report(error)
                pause(wait)
                wait = min(wait * 2, .seconds(2))
            }
        }
        link.finish()
    }

    private func report(_ error: any Error) {
        runtime.log.warning("the inbox begins anew", ["reason": "\(error)"])
        link.turn()
        link.update { status in
            status.lastError = "\(error)"
            status.partitions = []
            if status.state != .unreachable { status.state = .connecting }
        }
    }

    private func pause(_ time: Duration) {
        _ = link.state.wait(timeout: time) { $0.stopDeadline != nil ? true : nil }
    }
}
