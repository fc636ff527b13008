import FoundationEssentials
import Glibc
import HTTP
import Testing
import Threads

/// The daemon as a process, with neither PostgreSQL nor Kafka there.
@Suite(.timeLimit(.minutes(5)))
struct RunCommandTests {
    private let file: ConfigurationFile
    private let notices: NotifySocket

    init() throws {
        file = try ConfigurationFile(database: "host=/nonexistent dbname=shop")
        notices = try NotifySocket()
    }

    private func start(environment: [String: String] = [:]) throws -> ChildProcess {
        let own = ["NOTIFY_SOCKET": notices.path]
        return try PostboxBinary.start(
            ["run", "--config", file.path, "--socket", file.socket],
            environment: own.merging(environment) { $1 }
        )
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `it is ready before PostgreSQL and Kafka are, and a signal ends it well`(
        signal: Int32
    ) async throws {
        let daemon = try start()
        defer { daemon.kill(SIGKILL) }
        #expect(await notices.wait(for: "READY=1"))
        let status = try await PostboxBinary.run(["status", "--json", "--socket", file.socket])
        #expect(status.code == 0)
        #expect(status.output.contains(#""outbox" : "shop""#))
        daemon.kill(signal)
        #expect(await notices.wait(for: "STOPPING=1"))
        #expect(await daemon.ends() == .exited(0))
        #expect(!FileManager.default.fileExists(atPath: file.socket))
    }

    @Test func `the watchdog is fed while it moves`() async throws {
        let daemon = try start(environment: ["WATCHDOG_USEC": "200000"])
        defer { daemon.kill(SIGKILL) }
        #expect(await notices.wait(for: "WATCHDOG=1"))
        #expect(await notices.wait(for: "STATUS=1 lane"))
    }

    @Test func `it lives, and is not ready, while nothing can be reached`() async throws {
        let daemon = try start()
        defer { daemon.kill(SIGKILL) }
        #expect(await notices.wait(for: "READY=1"))
        let client = HTTPClient(.unix(file.socket))
        #expect(try client.send(HTTPRequest("GET", "/livez")).status == 200)
        #expect(try client.send(HTTPRequest("GET", "/readyz")).status == 503)
    }

    @Test func `a control socket that cannot be opened is told, with its line`() async throws {
        let other = try ConfigurationFile(
            database: "host=/nonexistent dbname=shop",
            more: "control: { socket: /nonexistent/postbox.sock }"
        )
        let result = try await PostboxBinary.run(["run", "--config", other.path])
        #expect(result.code == 1)
        #expect(
            result.errors.contains(
                other.place(6, 12) + "control.socket: cannot listen on /nonexistent/postbox.sock"
            )
        )
    }

    @Test func `a second daemon does not take the socket of the first`() async throws {
        let daemon = try start()
        defer { daemon.kill(SIGKILL) }
        #expect(await notices.wait(for: "READY=1"))
        let second = try await PostboxBinary.run([
            "run", "--config", file.path, "--socket", file.socket,
        ])
        #expect(second.code == 1)
        #expect(second.errors.contains("another process answers on \(file.socket)"))
    }

    @Test func `an unknown outbox of a dead-letter command is told with the known ones`()
        async throws
    {
        let daemon = try start()
        defer { daemon.kill(SIGKILL) }
        #expect(await notices.wait(for: "READY=1"))
        let words = ["dead-letters", "list", "--outbox", "shpo", "--socket", file.socket]
        let result = try await PostboxBinary.run(words)
        #expect(result.code == 1)
        #expect(result.errors.contains("there is no outbox shpo; did you mean shop?"))
    }

    @Test func `its standard error may go away`() async throws {
        var options = ChildProcessOptions.collecting
        options.added = ["NOTIFY_SOCKET": notices.path]
        let words = ["run", "--config", file.path, "--socket", file.socket]
        let shell = ["sh", "-c", #"exec "$@" 2>&-"#, "sh"]
        let daemon = try ChildProcess(shell + [PostboxBinary.path] + words, options: options)
        defer { daemon.kill(SIGKILL) }
        #expect(await notices.wait(for: "READY=1"))
        daemon.kill(SIGTERM)
        #expect(await daemon.ends() == .exited(0))
    }
}
