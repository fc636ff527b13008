import Control
import Glibc
import Messaging
import TestKit
import Threads

/// The built program at work as a process, which a test may stop in every way there is.
final class DaemonUnderTest: Sendable {
    /// Lives as long as the daemon may want to read it.
    private let file: ConfigurationFile
    private let process: ChildProcess
    private let control: ControlClient

    init(_ file: ConfigurationFile) throws {
        self.file = file
        process = try PostboxBinary.start([
            "run", "--config", file.path, "--socket", file.socket,
        ])
        control = ControlClient(socketPath: file.socket)
    }

    /// Ends it without a farewell, and waits until it is gone.
    func kill() {
        process.stop(signal: SIGKILL)
    }

    /// Lets it stand still, its sessions and connections open.
    func freeze() {
        process.kill(SIGSTOP)
    }

    func resume() {
        process.kill(SIGCONT)
    }

    /// Asks it to end, and gives how it did.
    func terminate() async -> ExitStatus? {
        await blocking { self.terminateBlocking() }
    }

    /// The same, for a thread that may wait.
    func terminateBlocking() -> ExitStatus? {
        process.kill(SIGTERM)
        return process.waitForExit(timeout: .seconds(30))
    }

    /// What it takes of the machine.
    var figures: ProcessFigures? { ProcessFigures(ofProcess: process.pid) }

    /// What it has logged.
    var log: String { process.errors?.text ?? "" }

    /// Asks for its lane's status until that is as wanted; nil when time is over.
    func lane(
        within timeout: Duration = patience,
        where isWanted: @escaping @Sendable (LaneStatus) -> Bool
    ) async -> LaneStatus? {
        await blocking { self.laneBlocking(within: timeout, where: isWanted) }
    }

    /// The same, for a thread that may wait.
    func laneBlocking(
        within timeout: Duration = patience,
        where isWanted: (LaneStatus) -> Bool
    ) -> LaneStatus? {
        let deadline = MonotonicTime.now + timeout
        while deadline > .now {
            // It may not listen yet; then the next question finds it.
            let lane = (try? control.status())?.lanes.first
            if let lane, isWanted(lane) { return lane }
            pass(.milliseconds(20))
        }
        return nil
    }
}
