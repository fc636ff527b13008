import FoundationEssentials
import Glibc
import Systemd
import Testing

struct SystemdTests {
    @Test(arguments: [false, true])
    func `notices arrive as one message of the protocol`(isAbstract: Bool) throws {
        let name = "/tmp/postbox-notify-\(UUID().uuidString)"
        let socket = try NotifySocket(name: isAbstract ? "@" + name : name)
        let service = SystemdService(environment: ["NOTIFY_SOCKET": socket.name])
        #expect(service.notify([.ready, .status("publishing\nSTOPPING=1")]))
        #expect(socket.receive() == "READY=1\nSTATUS=publishing STOPPING=1")
        #expect(service.notify([.watchdog]))
        #expect(socket.receive() == "WATCHDOG=1")
        #expect(service.notify([.reloading]))
        #expect(socket.receive().contains(#/^RELOADING=1\nMONOTONIC_USEC=\d+$/#))
        #expect(service.notify([.stopping]))
        #expect(socket.receive() == "STOPPING=1")
    }

    @Test(arguments: ["", "/nonexistent/socket", String(repeating: "x", count: 200)])
    func `nobody to tell is no failure`(name: String) {
        #expect(!SystemdService(environment: ["NOTIFY_SOCKET": name]).notify([.ready]))
        #expect(!SystemdService(environment: [:]).notify([.ready]))
    }

    @Test func `only a watchdog for this process counts`() {
        func interval(_ environment: [String: String]) -> Duration? {
            SystemdService(environment: environment).watchdogInterval
        }
        let own = String(getpid())
        #expect(interval(["WATCHDOG_USEC": "30000000"]) == .seconds(30))
        #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": own]) == .seconds(30))
        #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "0"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "soon"]) == nil)
        #expect(interval([:]) == nil)
    }
}

/// The other end of the protocol: systemd's socket.
private final class NotifySocket {
    let name: String
    private let descriptor: Int32

    init(name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        // Safety: a sockaddr_un begins as every sockaddr does, and outlives the call.
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(bound == 0)
    }

    deinit {
        close(descriptor)
        unlink(name)
    }

    func receive() -> String {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
