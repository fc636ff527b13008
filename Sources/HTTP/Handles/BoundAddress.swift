import Glibc

/// Where a socket was bound, as the kernel says.
enum BoundAddress {
    case unix
    case tcp(port: UInt16, isLoopback: Bool)

    init(of descriptor: Int32) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // Safety: a sockaddr_storage is large enough, and aligned, for every kind of address.
        self = withUnsafeMutablePointer(to: &storage) { pointer in
            let raw = UnsafeMutableRawPointer(pointer)
            getsockname(descriptor, raw.assumingMemoryBound(to: sockaddr.self), &size)
            return switch Int32(pointer.pointee.ss_family) {
            case AF_INET: Self(raw.assumingMemoryBound(to: sockaddr_in.self).pointee)
            case AF_INET6: Self(raw.assumingMemoryBound(to: sockaddr_in6.self).pointee)
            default: .unix
            }
        }
    }

    private init(_ address: sockaddr_in) {
        let isLoopback = UInt32(bigEndian: address.sin_addr.s_addr) >> 24 == 127
        self = .tcp(port: UInt16(bigEndian: address.sin_port), isLoopback: isLoopback)
    }

    private init(_ address: sockaddr_in6) {
        let isLoopback = withUnsafeBytes(of: address.sin6_addr) { bytes in
            bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
        self = .tcp(port: UInt16(bigEndian: address.sin6_port), isLoopback: isLoopback)
    }

    var isLoopback: Bool {
        if case .tcp(_, let isLoopback) = self { isLoopback } else { false }
    }

    /// The endpoint that was asked for, with the port that the kernel gave.
    func endpoint(asked: HTTPEndpoint) -> HTTPEndpoint {
        switch (self, asked) {
        case (.tcp(let port, _), .tcp(let host, _)): .tcp(host: host, port: port)
        default: asked
        }
    }
}
