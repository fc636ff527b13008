/// Which `Host` headers a server that listens on a loopback address answers to.
enum HostRule {
    static func isLoopback(_ header: String?) -> Bool {
        guard let header else { return false }
        return ["localhost", "127.0.0.1", "[::1]"].contains(name(in: header).lowercased())
    }

    private static func name(in header: String) -> Substring {
        guard let colon = header.lastIndex(of: ":"), !header.hasSuffix("]") else {
            return header[...]
        }
        return header[..<colon]
    }
}
