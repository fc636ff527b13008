import FoundationEssentials
import Glibc
import Synchronization
import Telemetry
import Testing

struct LogTests {
    private let recorder = LogRecorder()

    /// The line without its time, which is checked by a test of its own.
    private var lastLine: Substring {
        recorder.lines.last.map { $0.drop { $0 != " " }.dropFirst() } ?? ""
    }

    @Test func `a line says level, message, carried fields and own fields in this order`() {
        recorder.log().with("outbox", "shop").with("lane", 3)
            .info("batch settled", ["rows": 1000, "took": "4 ms"])
        #expect(
            lastLine == #"level=info msg="batch settled" outbox=shop lane=3 rows=1000 took="4 ms""#
        )
    }

    @Test func `a time stands in UTC to the millisecond`() throws {
        recorder.log().info("started")
        let line = try #require(recorder.lines.first)
        let time = #/ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z .*/#
        #expect(line.wholeMatch(of: time) != nil, "\(line)")
    }

    @Test(arguments: [
        ("line\nbreak", #""line\nbreak""#), ("\u{1B}[31mred", #""\u001b[31mred""#),
        ("a=b", #""a=b""#), (#"say "no""#, #""say \"no\"""#), ("", #""""#), ("plain", "plain"),
        ("right\u{202E}left", #""right\u202eleft""#), ("Käse", "Käse"),
    ])
    func `no value can end its line or pretend to be another field`(value: String, written: String)
    {
        recorder.log().info("x", ["value": value])
        #expect(lastLine == "level=info msg=x value=\(written)")
    }

    @Test func `a long value is cut at a kilobyte`() throws {
        recorder.log().info("x", ["value": String(repeating: "é", count: 4000)])
        let line = try #require(recorder.lines.first)
        #expect(line.utf8.count < 1024 + 80)
        #expect(line.hasSuffix("é…"))
    }

    @Test(arguments: LogFormat.allCases)
    func `no line is longer than a pipe takes whole`(format: LogFormat) throws {
        var log = recorder.log(format: format)
        for number in 0..<9 { log = log.with("f\(number)", String(repeating: "x", count: 900)) }
        log.info("x")
        let line = try #require(recorder.lines.first)
        #expect(line.utf8.count < 4096 - 16)
        #expect(line.contains("truncated"))
    }

    @Test func `a line of JSON can be read back`() throws {
        struct Line: Decodable {
            let level, msg, outbox: String
            let rows: Int
            let isLast: Bool
        }
        recorder.log(format: .json).with("outbox", "a\"b\n\u{1B}")
            .warning("late", ["rows": 7, "isLast": true])
        let line = try #require(recorder.lines.first)
        let read = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
        #expect(read.level == "warning" && read.msg == "late" && read.outbox == "a\"b\n\u{1B}")
        #expect(read.rows == 7 && read.isLast)
    }

    @Test func `a changed level holds for every log derived before`() {
        let log = recorder.log(level: .info)
        let derived = log.with("outbox", "shop")
        derived.debug("unseen")
        log.level = .debug
        derived.debug("seen")
        #expect(recorder.lines.count == 1)
    }

    @Test func `a field said twice keeps its last value`() {
        recorder.log().with("lane", 1).with("lane", 2).info("x")
        #expect(lastLine == "level=info msg=x lane=2")
    }
}
