import Control
import Settings

/// How a command finds the running daemon.
enum ControlOptions {
    static let socket = Option<String?>(
        "socket",
        value: "PATH",
        help: "The socket of the daemon. Default: \(ControlClient.defaultSocketPath)."
    )
    static let config = Option<String?>(
        "config",
        value: "FILE",
        help: "Take the socket from this configuration."
    )
    static let json = Flag("json", help: "Print JSON.")
}

extension Invocation {
    /// A client of the daemon that the options name; `--socket` goes before `--config`.
    func controlClient() throws -> ControlClient {
        if let path = self[ControlOptions.socket] { return ControlClient(socketPath: path) }
        guard let file = self[ControlOptions.config] else { return ControlClient() }
        return ControlClient(socketPath: try Settings.load(path: file).control.socket)
    }
}
