import FoundationEssentials
import HTTP
import Synchronization
import Testing

/// What a server and a client of ours say to each other, over both kinds of socket.
@Suite(.timeLimit(.minutes(5)))
struct HTTPExchangeTests {
    private let folder: HTTPFolder

    init() throws { folder = try HTTPFolder() }

    private func endpoint(_ isTCP: Bool) -> HTTPEndpoint {
        isTCP ? .tcp(host: "127.0.0.1", port: 0) : folder.endpoint
    }

    @Test(arguments: [false, true])
    func `a request arrives whole and its answer comes back whole`(isTCP: Bool) throws {
        let seen = Mutex<HTTPRequest?>(nil)
        let server = try HTTPServer(endpoint: endpoint(isTCP)) { request in
            seen.withLock { $0 = request }
            return HTTPResponse(status: 202, contentType: "text/x", body: [0, 255, 10])
        }
        defer { server.stop() }
        let query = ["key": "a b&c=d/é%", "empty": ""]
        let answer = try HTTPClient(server.endpoint)
            .post("/pause/my shop", query: query, body: [0, 1, 2, 255])
        #expect(answer == HTTPResponse(status: 202, contentType: "text/x", body: [0, 255, 10]))
        let expected = HTTPRequest("POST", "/pause/my shop", query: query, body: [0, 1, 2, 255])
        #expect(seen.withLock { $0 } == expected)
    }

    @Test func `values travel as JSON`() throws {
        struct Status: Codable, Equatable {
            let name: String
            let backlog: Int
            let since: Date
        }
        let status = Status(name: "shop", backlog: 3, since: Date(timeIntervalSince1970: 1000))
        let server = try HTTPServer(endpoint: folder.endpoint) { request in
            request.path == "/status" ? .json(status) : .notFound
        }
        defer { server.stop() }
        let client = HTTPClient(server.endpoint)
        let answer = try client.get("/status")
        #expect(answer.contentType == "application/json")
        #expect(answer.decoded(as: Status.self) == status)
        #expect(try client.get("/other").status == 404)
    }

    @Test(arguments: [(65_536, 200), (65_537, 413), (1_000_000, 413)])
    func `a body over the limit is refused, and its sender told`(size: Int, status: Int) throws {
        let server = try HTTPServer(endpoint: folder.endpoint) { .text("\($0.body.count)") }
        defer { server.stop() }
        let client = HTTPClient(server.endpoint)
        let answer = try client.post("/", body: [UInt8](repeating: 7, count: size))
        #expect(answer.status == status)
        #expect(status != 200 || answer.bodyText == "\(size)")
        #expect(try client.get("/").status == 200)
    }

    @Test func `the sender of a huge body is told, or cut off while it still sends`() throws {
        let server = try HTTPServer(endpoint: folder.endpoint) { _ in .text("taken") }
        defer { server.stop() }
        let client = HTTPClient(server.endpoint)
        do throws(HTTPError) {
            let answer = try client.post("/", body: [UInt8](repeating: 7, count: 20_000_000))
            #expect(answer.status == 413)
        } catch {
            guard case .brokenReply = error else { throw error }
        }
        #expect(try client.get("/").bodyText == "taken")
    }

    @Test func `a handler that blocks holds up nobody else`() throws {
        let client = HTTPClient(folder.endpoint)
        // The first answer needs a second one, which is asked for while the first one waits.
        let server = try HTTPServer(endpoint: folder.endpoint) { request in
            guard request.path == "/slow" else { return .text("fast") }
            return (try? client.get("/fast")) ?? .notFound
        }
        defer { server.stop() }
        #expect(try client.get("/slow").bodyText == "fast")
    }

    @Test func `a server that says nothing is given up in time`() throws {
        let gate = try HTTPGate()
        let server = try HTTPServer(endpoint: folder.endpoint) { _ in
            gate.wait()
            return .text("late")
        }
        let client = HTTPClient(server.endpoint, timeout: .milliseconds(50))
        #expect(throws: HTTPError.timedOut(server.endpoint, after: .milliseconds(50))) {
            try client.get("/")
        }
        gate.open()
        server.stop()
    }

    @Test func `a stopped server leaves no file, and is not reachable`() throws {
        let server = try HTTPServer(endpoint: folder.endpoint) { _ in .text("here") }
        #expect(folder.hasSocketFile)
        server.stop()
        server.stop()
        #expect(!folder.hasSocketFile)
        let error = #expect(throws: HTTPError.self) {
            try HTTPClient(folder.endpoint).get("/")
        }
        #expect(error?.isNotReachable == true)
        #expect(
            error?.description == "cannot reach \(folder.socketPath): No such file or directory"
        )
    }

    @Test func `nobody on a port is not reachable`() throws {
        let server = try HTTPServer(endpoint: endpoint(true)) { _ in .text("here") }
        server.stop()
        let error = #expect(throws: HTTPError.self) { try HTTPClient(server.endpoint).get("/") }
        #expect(error?.isNotReachable == true)
    }

    @Test func `many clients at once are all answered`() async throws {
        let server = try HTTPServer(endpoint: folder.endpoint) { .text($0.path) }
        defer { server.stop() }
        let client = HTTPClient(server.endpoint)
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { (try? client.get("/\(number)"))?.bodyText == "/\(number)" }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
