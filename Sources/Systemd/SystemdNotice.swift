import Glibc

/// What a service tells systemd about itself.
package enum SystemdNotice: Equatable, Sendable {
    /// The start, or a reload, is complete.
    case ready
    /// A reload has begun; `ready` follows it.
    case reloading
    /// The stop has begun.
    case stopping
    /// A sentence for `systemctl status`.
    case status(String)
    /// The service is alive.
    case watchdog

    /// The lines of the protocol.
    var text: String {
        switch self {
        case .ready: "READY=1"
        case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)"
        case .stopping: "STOPPING=1"
        case .status(let sentence): "STATUS=\(Self.oneLine(sentence))"
        case .watchdog: "WATCHDOG=1"
        }
    }

    /// A line end would begin a command of its own.
    private static func oneLine(_ sentence: String) -> String {
        String(sentence.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) })
    }

    private static var monotonicMicroseconds: Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
    }
}
