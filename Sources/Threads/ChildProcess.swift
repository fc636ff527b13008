import Glibc
import Synchronization

/// A program started by this one, in a process group of its own.
///
/// The thread that starts it also waits for it, and lives as long as the child: Linux ties "die
/// with the parent" to the parent's *thread*, and threads of Swift's pool come and go.
package final class ChildProcess: Sendable {
    private enum Life: Sendable {
        case starting
        case refused(ChildProcessError)
        case running(pid: Int32)
        case ended(pid: Int32, ExitStatus)
    }

    package let pid: Int32
    /// What it wrote, where `Options` asked to collect it.
    package let output: ChildOutput?
    package let errors: ChildOutput?
    private let life: Monitor<Life>

    /// Starts `arguments[0]`, looked up in `PATH`, with the rest as its arguments.
    package init(
        _ arguments: [String],
        options: ChildProcessOptions = ChildProcessOptions()
    ) throws(ChildProcessError) {
        let command = try options.command(for: arguments)
        let output = options.output == .collected ? ChildOutput() : nil
        let errors = options.errors == .collected ? ChildOutput() : nil
        let life = Monitor(Life.starting)
        startThread(named: "child") {
            let spawned = ChildSpawn(options: options, output: output, errors: errors).run(command)
            Self.accompany(spawned, life: life)
        }
        pid = try Self.waitUntilStarted(life)
        self.output = output
        self.errors = errors
        self.life = life
    }

    /// The status, once the process has ended.
    package var exitStatus: ExitStatus? {
        life.withLock { life in
            guard case .ended(_, let status) = life else { return nil }
            return status
        }
    }

    /// Sends a signal to the process, unless it has ended; true when it was sent.
    @discardableResult
    package func kill(_ signal: Int32) -> Bool {
        life.withLock { life in
            guard case .running(let pid) = life else { return false }
            return Glibc.kill(pid, signal) == 0
        }
    }

    /// Sends a signal to the process and to everything it has started in its group.
    @discardableResult
    package func killGroup(_ signal: Int32) -> Bool {
        life.withLock { life in
            guard case .running(let pid) = life else { return false }
            return Glibc.kill(-pid, signal) == 0
        }
    }

    /// Blocks the calling thread until the process has ended, or gives `nil` when time is over.
    @discardableResult
    package func waitForExit(timeout: Duration) -> ExitStatus? {
        life.wait(timeout: timeout) { life -> ExitStatus? in
            guard case .ended(_, let status) = life else { return nil }
            return status
        }
    }

    /// Ends the process: `signal` first, `SIGKILL` to its group when that did not help in time.
    @discardableResult
    package func stop(signal: Int32 = SIGTERM, grace: Duration = .seconds(10)) -> ExitStatus? {
        kill(signal)
        if let status = waitForExit(timeout: grace) { return status }
        killGroup(SIGKILL)
        return waitForExit(timeout: .seconds(10))
    }

    private static func waitUntilStarted(_ life: Monitor<Life>) throws(ChildProcessError) -> Int32 {
        typealias Started = Result<Int32, ChildProcessError>
        let started = life.wait(timeout: .seconds(60)) { life -> Started? in
            switch life {
            case .starting: nil
            case .refused(let error): .failure(error)
            case .running(let pid), .ended(let pid, _): .success(pid)
            }
        }
        guard let started else { throw .cannotStart("the program", errno: ETIMEDOUT) }
        return try started.get()
    }

    private static func accompany(
        _ spawned: Result<Int32, ChildProcessError>,
        life: Monitor<Life>
    ) {
        switch spawned {
        case .failure(let error): life.withLock { $0 = .refused(error) }
        case .success(let pid):
            life.withLock { $0 = .running(pid: pid) }
            waitForEnd(of: pid, life: life)
        }
    }

    private static func waitForEnd(of pid: Int32, life: Monitor<Life>) {
        var end = siginfo_t()
        while waitid(P_PID, id_t(pid), &end, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        // Order: reaped under the lock, so that `kill` never meets a number given to a stranger.
        life.withLock { life in
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            life = .ended(pid: pid, ExitStatus(waitStatus: status))
        }
    }
}
