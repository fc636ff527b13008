/// Where a server listens and a client connects.
package enum HTTPEndpoint: Hashable, Sendable {
    /// A Unix socket; its path holds at most 107 bytes.
    case unix(String)
    /// A TCP address. A server that listens on port 0 gets a free one.
    case tcp(host: String, port: UInt16)
}

extension HTTPEndpoint: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unix(let path): path
        case .tcp(let host, let port): "\(Self.bracketed(host)):\(port)"
        }
    }

    /// What stands before the path in a URL for this endpoint.
    var origin: String {
        switch self {
        case .unix: "http://localhost"
        case .tcp: "http://\(self)"
        }
    }

    private static func bracketed(_ host: String) -> String {
        host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    }
}
