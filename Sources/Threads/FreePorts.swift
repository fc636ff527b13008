import Glibc

/// TCP ports that nobody listens on.
package enum FreePorts {
    /// Asks the system for `count` different ports of 127.0.0.1.
    ///
    /// They are free now; whoever uses them soon will most likely get them.
    package static func onLoopback(count: Int) throws(ChildProcessError) -> [UInt16] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        var ports: [UInt16] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0, let port = bindAnyPort(descriptor) else {
                throw .cannotOpen("a port of 127.0.0.1", errno: errno)
            }
            sockets.append(descriptor)
            ports.append(port)
        }
        return ports
    }

    private static func bindAnyPort(_ descriptor: Int32) -> UInt16? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Safety: the kernel reads and writes at most `size` bytes of `address`, during the calls.
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0
                    && getsockname(descriptor, generic, &size) == 0
            }
        }
        return isBound ? UInt16(bigEndian: address.sin_port) : nil
    }
}
