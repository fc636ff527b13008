import Glibc
import Testing
import Threads

struct ChildProcessTests {
    @Test func `a program's output, errors and status are collected`() throws {
        let result = try ChildProcess.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
        #expect(result.output == "out\n")
        #expect(result.errors == "err\n")
        #expect(result.status == .exited(3))
    }

    @Test func `a signal ends it and the status says which`() throws {
        let child = try ChildProcess(["sleep", "600"])
        #expect(child.waitForExit(timeout: .milliseconds(1)) == nil)
        child.kill(9)
        #expect(child.waitForExit(timeout: .seconds(20)) == .killed(signal: 9))
        #expect(!child.kill(9))
    }

    @Test func `a program that does not exist is named`() {
        #expect {
            try ChildProcess(["no-such-program-anywhere"])
        } throws: { error in
            "\(error)".contains("no-such-program-anywhere")
        }
    }

    @Test func `folder and environment reach it`() throws {
        var options = ChildProcessOptions()
        options.workingFolder = "/usr"
        options.added = ["POSTBOX_COLOUR": "blue"]
        let text = try ChildProcess.runChecked(
            ["sh", "-c", "pwd; echo $POSTBOX_COLOUR"],
            options: options
        )
        #expect(text == "/usr\nblue\n")
    }

    @Test func `what it writes can be waited for while it runs`() throws {
        let child = try ChildProcess(
            ["sh", "-c", "echo ready; exec sleep 600"],
            options: .collecting
        )
        #expect(child.output?.wait(for: "ready", timeout: .seconds(20)) == true)
        #expect(child.exitStatus == nil)
        child.stop()
        #expect(child.exitStatus == .killed(signal: 15))
    }

    @Test func `a program that ignores SIGTERM is killed with its group`() throws {
        let child = try ChildProcess(
            ["sh", "-c", "trap '' TERM; echo ready; sleep 600; sleep 600"],
            options: .collecting
        )
        #expect(child.output?.wait(for: "ready", timeout: .seconds(20)) == true)
        let status = child.stop(grace: .milliseconds(50))
        #expect(status == .killed(signal: 9))
        #expect(child.output?.waitForEnd(timeout: .seconds(20)) == true)
    }

    @Test func `much output blocks nobody`() throws {
        let result = try ChildProcess.run(["sh", "-c", "yes | head -c 3000000"])
        #expect(result.output.utf8.count == 3_000_000)
    }

    @Test func `what its parent has open it does not keep open`() throws {
        // As libraries open them: without a word that a child is not to have them.
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let child = try ChildProcess(
            ["sh", "-c", "echo ready; exec sleep 600"],
            options: .collecting
        )
        defer { child.stop() }
        #expect(child.output?.wait(for: "ready", timeout: .seconds(20)) == true)
        close(ends[1])
        // Nobody can write any more, so that the pipe has ended.
        var watched = [PollDescriptor(ends[0], .readable)]
        #expect(waitForReadiness(&watched, timeout: .seconds(20)) > 0)
    }

    @Test func `it dies with the process that started it`() throws {
        let facts = try ChildProcess.runChecked(["setpriv", "--dump"])
        #expect(facts.contains("Parent death signal: KILL"))
    }
}
