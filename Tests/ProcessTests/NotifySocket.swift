import Glibc
import Synchronization
import TestKit
import Testing
import Threads

/// systemd's end of its notification protocol.
final class NotifySocket: Sendable {
    let path: String
    private let folder: TemporaryFolder
    private let descriptor: Int32
    private let received = Mutex("")

    init() throws {
        folder = try TemporaryFolder(name: "postbox-notify")
        path = "\(folder.path)/notify"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        // Safety: a sockaddr_un begins as every sockaddr does, and outlives the call.
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(bound == 0)
    }

    deinit { close(descriptor) }

    /// Waits until a message that holds the text has arrived; false when none does in time.
    func wait(for text: String) async -> Bool {
        await blocking { self.hasReceived(text, by: .now + .seconds(30)) }
    }

    private func hasReceived(_ text: String, by deadline: MonotonicTime) -> Bool {
        while !received.withLock({ $0.contains(text) }) {
            var watched = [PollDescriptor(descriptor, .readable)]
            guard waitForReadiness(&watched, timeout: deadline.remaining) > 0 else { return false }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            let message = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            received.withLock { $0 += message + "\n" }
        }
        return true
    }
}
