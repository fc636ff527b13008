import Control
import FoundationEssentials
import Glibc
import Messaging
import Threads

/// The daemon of a run: this same program, started as everybody starts it.
final class StageDaemon: Sendable {
    private let child: ChildProcess
    private let control: ControlClient
    private let logFile: String

    /// Its log goes to a file, so that the screen stays ours.
    init(configuration: String, socket: String, logFile: String) throws {
        var options = ChildProcessOptions()
        options.output = .file(logFile)
        options.errors = .file(logFile)
        self.logFile = logFile
        control = ControlClient(socketPath: socket)
        child = try ChildProcess(
            [ownProgram(), "run", "--config", configuration],
            options: options
        )
    }

    var pid: Int32 { child.pid }

    var hasEnded: Bool { child.exitStatus != nil }

    /// What it says about itself; nil while it does not answer.
    var report: StatusReport? { try? control.status() }

    /// Waits until it owns its lane and publishes.
    func waitUntilPublishing(_ stop: StopRequest) throws {
        try waitUntil(stop) { $0.lanes.contains { $0.state == .publishing } }
    }

    /// Waits until it publishes, and its inbox has its partitions.
    func waitUntilFlowing(_ stop: StopRequest) throws {
        try waitUntil(stop) { report in
            report.lanes.contains { $0.state == .publishing }
                && report.inboxes.contains { $0.state == .consuming }
        }
    }

    private func waitUntil(_ stop: StopRequest, _ isReady: (StatusReport) -> Bool) throws {
        let deadline = MonotonicTime.now + .seconds(30)
        while report.map(isReady) != true {
            try check()
            guard deadline.remaining > .zero else { throw StageError.daemonSilent(log: log) }
            guard stop.wait(.milliseconds(10)) else { throw StageError.interrupted }
        }
    }

    /// Throws when it has ended, which nobody asked it to do.
    func check() throws {
        guard let status = child.exitStatus else { return }
        throw StageError.daemonEnded(status, log: log)
    }

    /// Ends it in good order.
    @discardableResult
    func stop() -> ExitStatus? { child.stop(grace: .seconds(30)) }

    /// The end of what it has logged.
    private var log: String {
        let bytes = FileManager.default.contents(atPath: logFile) ?? Data()
        return String(decoding: bytes.suffix(4_000), as: UTF8.self)
    }
}

/// This program, found even after its file was replaced; what runs it may be another process.
func ownProgram() -> String { "/proc/\(getpid())/exe" }

/// The folder that this program stands in.
func programFolder() -> String {
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return path.map { String($0.prefix(upTo: $0.lastIndex(of: "/") ?? $0.startIndex)) } ?? ""
}
