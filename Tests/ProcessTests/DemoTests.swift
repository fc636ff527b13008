import FoundationEssentials
import Glibc
import TestKit
import Testing
import Threads

/// `postbox demo`, as a person runs it.
struct DemoTests {
    /// Everything temporary goes here, so that what is left behind shows.
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder(name: "demo-tests")
        // PostgreSQL's own user must get to its folder in here.
        #expect(chmod(folder.path, 0o755) == 0)
    }

    private func demo(_ arguments: [String]) throws -> ChildProcess {
        var options = ChildProcessOptions.collecting
        options.added = ["TMPDIR": folder.path]
        return try ChildProcess([PostboxBinary.path, "demo"] + arguments, options: options)
    }

    private func leftovers() throws -> [String] {
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc")
            .filter { Int32($0) != nil }
            .compactMap { try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8) }
            .filter { $0.contains(folder.path) }
        return try processes + FileManager.default.contentsOfDirectory(atPath: folder.path)
    }

    /// How a demo ended, and what it has shown.
    private func ending(of demo: ChildProcess) async -> (status: Threads.ExitStatus?, shown: String)
    {
        await blocking {
            let status = demo.waitForExit(timeout: .seconds(100))
            _ = demo.output?.waitForEnd(timeout: .seconds(10))
            return (status, (demo.output?.text ?? "") + (demo.errors?.text ?? ""))
        }
    }

    private func expectSuccess(of demo: ChildProcess) async throws {
        let (status, shown) = await ending(of: demo)
        #expect(status == .exited(0), "\(shown)")
        #expect(shown.contains("applied exactly once, each product in order."))
        #expect(try leftovers() == [])
    }

    @Test(.timeLimit(.minutes(5)))
    func `the demo shows that everything is applied once, and leaves nothing behind`() async throws
    {
        try await expectSuccess(of: demo(["--seconds", "3"]))
    }

    @Test(.timeLimit(.minutes(5)))
    func `Ctrl-C ends the demo early, with its summary and nothing left behind`() async throws {
        let demo = try demo(["--seconds", "60"])
        let isWriting = await blocking {
            demo.output?.wait(for: "    1s", timeout: .seconds(60)) ?? false
        }
        #expect(isWriting)
        demo.kill(SIGINT)
        try await expectSuccess(of: demo)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a demo that cannot begin says why and leaves nothing behind`() async throws {
        let (status, shown) = try await ending(of: demo(["--kafka", "127.0.0.1:1"]))
        #expect(status == .exited(1))
        #expect(shown.contains("127.0.0.1:1"))
        #expect(try leftovers() == [])
    }
}
