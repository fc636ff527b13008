/// How the running daemon is asked and told things.
package struct ControlSettings: Sendable, Hashable {
    /// The path of the Unix socket.
    package let socket: String
    /// Where metrics and health are served over TCP; nil: nowhere.
    package let listen: ListenAddress?

    init(reader: SettingsReader) {
        socket = reader.text("socket") ?? ""
        if !socket.isEmpty && !(socket.hasPrefix("/") && socket.utf8.count <= 107) {
            reader.report("socket", "must be an absolute path of at most 107 bytes")
        }
        let text = reader.text("listen")
        listen = text.flatMap(ListenAddress.init)
        if text != nil && listen == nil {
            reader.report("listen", "must be host:port, such as 127.0.0.1:9187")
        }
    }
}

/// A host, or an address in brackets where it holds colons, and a port.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// Without brackets.
    package let host: String
    package let port: UInt16

    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[colon...].dropFirst()),
            port > 0
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
