import FoundationEssentials
import Glibc

/// Tells systemd all of the notices in one message; false when there is nobody to tell.
///
/// A service that systemd has not started finds no socket named in its environment, and goes on.
@discardableResult
package func notifySystemd(_ notices: SystemdNotice...) -> Bool {
    SystemdService(environment: ProcessInfo.processInfo.environment).notify(notices)
}

/// What systemd expects of this process, as the environment says.
package struct SystemdService: Sendable {
    private let environment: [String: String]

    package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    /// Within which time systemd wants to hear a watchdog notice; nil when it does not watch.
    ///
    /// Half of it is a good rhythm.
    package var watchdogInterval: Duration? {
        guard let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }),
            microseconds > 0
        else { return nil }
        if let watched = environment["WATCHDOG_PID"], watched != String(getpid()) { return nil }
        return .microseconds(microseconds)
    }

    /// Tells systemd all of the notices in one message; false when there is nobody to tell.
    package func notify(_ notices: [SystemdNotice]) -> Bool {
        guard let name = environment["NOTIFY_SOCKET"], !name.isEmpty else { return false }
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let message = Array(notices.map(\.text).joined(separator: "\n").utf8)
        let flags = Int32(MSG_NOSIGNAL)
        return withNotifyAddress(name) { address, size in
            sendto(descriptor, message, message.count, flags, address, size) == message.count
        }
    }
}

/// Calls the body with the address of a notification socket; false when it has none.
private func withNotifyAddress(
    _ name: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool
) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    // An abstract name is written with @ for its leading zero, and is as long as it says.
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let offset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 0
    let isAbstract = bytes[0] == 0
    let size = isAbstract ? offset + bytes.count : MemoryLayout<sockaddr_un>.size
    // Safety: a sockaddr_un begins as every sockaddr does, and outlives the call.
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
    }
}
