import Glibc
import Testing

@testable import Telemetry

struct StandardErrorStreamTests {
    private let reading: Int32
    private let writing: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
    }

    @Test func `a reader that is behind costs lines and no waiting, and hears how many`() throws {
        defer { for end in [reading, writing] { close(end) } }
        let stream = StandardErrorStream(descriptor: writing, journalStream: nil)
        let line = String(repeating: "x", count: 3999)
        for _ in 0..<40 { stream.write(line) }
        let kept = read().split(separator: "\n").count
        #expect((1..<40).contains(kept))
        stream.write("again")
        #expect(
            read() == "level=warning msg=\"log lines dropped\" count=\(40 - kept)\nagain\n"
        )
    }

    @Test func `a reader that went away does not end the process`() {
        close(reading)
        let stream = StandardErrorStream(descriptor: writing, journalStream: nil)
        stream.write("nobody reads this")
        close(writing)
    }

    @Test func `only the journal's own stream gets priorities`() {
        defer { for end in [reading, writing] { close(end) } }
        var status = stat()
        fstat(writing, &status)
        let own = "\(status.st_dev):\(status.st_ino)"
        #expect(StandardErrorStream(descriptor: writing, journalStream: own).isJournal)
        #expect(!StandardErrorStream(descriptor: writing, journalStream: "1:2").isJournal)
        #expect(!StandardErrorStream(descriptor: writing, journalStream: nil).isJournal)
    }

    /// Everything that is in the pipe now.
    private func read() -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        let count = Glibc.read(reading, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
