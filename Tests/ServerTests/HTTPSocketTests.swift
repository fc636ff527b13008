import FoundationEssentials
import Glibc
import HTTP
import Testing

/// What a server does to the file of its socket, and whom it lets in.
@Suite(.timeLimit(.minutes(5)))
struct HTTPSocketTests {
    private let folder: HTTPFolder

    init() throws { folder = try HTTPFolder() }

    private func serve(_ text: String) throws -> HTTPServer {
        try HTTPServer(endpoint: folder.endpoint) { _ in .text(text) }
    }

    @Test func `the file is for the owner and the group`() throws {
        let server = try serve("here")
        defer { server.stop() }
        var status = stat()
        try #require(stat(folder.socketPath, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o660)
    }

    @Test func `a file that a dead process left behind is taken over`() throws {
        try leaveStaleSocket()
        let server = try serve("new")
        defer { server.stop() }
        #expect(try HTTPClient(server.endpoint).get("/").bodyText == "new")
    }

    @Test func `a socket that is answered is left alone`() throws {
        let first = try serve("first")
        defer { first.stop() }
        #expect(throws: HTTPError.endpointInUse(folder.endpoint)) { try serve("second") }
        #expect(try HTTPClient(first.endpoint).get("/").bodyText == "first")
    }

    @Test func `a file that is no socket is left alone`() throws {
        try "precious".write(toFile: folder.socketPath, atomically: false, encoding: .utf8)
        #expect(throws: HTTPError.endpointInUse(folder.endpoint)) { try serve("x") }
        #expect(try String(contentsOfFile: folder.socketPath, encoding: .utf8) == "precious")
    }

    @Test func `a stopping server leaves its successor's file alone`() throws {
        let first = try serve("first")
        unlink(folder.socketPath)
        let second = try serve("second")
        defer { second.stop() }
        first.stop()
        #expect(try HTTPClient(second.endpoint).get("/").bodyText == "second")
    }

    @Test func `a path that no socket can have is refused`() {
        let path = "\(folder.path)/\(String(repeating: "x", count: 108))"
        #expect(throws: HTTPError.self) { try HTTPServer(endpoint: .unix(path)) { _ in .notFound } }
        #expect(throws: HTTPError.self) {
            try HTTPServer(endpoint: .unix("\(folder.path)/none/x")) { _ in .notFound }
        }
    }

    @Test func `a taken port is refused`() throws {
        let first = try HTTPServer(endpoint: .tcp(host: "127.0.0.1", port: 0)) { _ in .notFound }
        defer { first.stop() }
        #expect(throws: HTTPError.endpointInUse(first.endpoint)) {
            try HTTPServer(endpoint: first.endpoint) { _ in .notFound }
        }
    }

    @Test(arguments: [
        ("localhost", 200), ("127.0.0.1", 200), ("[::1]", 200), ("LOCALHOST", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("", 421),
    ])
    func `a page under a name of its own does not reach a loopback server`(
        host: String,
        status: Int
    ) throws {
        let server = try HTTPServer(endpoint: .tcp(host: "127.0.0.1", port: 0)) { _ in .text("x") }
        defer { server.stop() }
        for header in host.isEmpty ? [host] : [host, host + ":9187"] {
            let answer = try rawAnswer(from: server, "GET / HTTP/1.1\r\nHost: \(header)\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        }
    }

    /// A socket's file that nobody listens on, as `kill -9` leaves it.
    private func leaveStaleSocket() throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: folder.socketPath.utf8)
        }
        // Safety: a sockaddr_un begins as every sockaddr does, and outlives the call.
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        close(descriptor)
    }

    /// Says the bytes to a server on 127.0.0.1 and returns the first piece of what it answers.
    private func rawAnswer(from server: HTTPServer, _ request: String) throws -> String {
        guard case .tcp(_, let port) = server.endpoint else { return "" }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // Safety: a sockaddr_in begins as every sockaddr does, and outlives the call.
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        let bytes = Array(request.utf8)
        try #require(send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0)
        var answer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &answer, answer.count, 0)
        return String(decoding: answer.prefix(max(0, count)), as: UTF8.self)
    }
}
