import Control
import FoundationEssentials
import Messaging
import Synchronization
import TestKit
import Testing
import postbox

/// The commands that speak with the daemon: what they print, and how they end.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct ControlCommandTests {
    private let fixture: ControlFixture

    init() throws { fixture = try ControlFixture() }

    private struct Outcome {
        let code: ExitCode
        let printed: String
        let noted: String
    }

    private func run(_ words: [String], consent: Consent = .notAsked) async -> Outcome {
        let printed = Mutex<[String]>([])
        let noted = Mutex<[String]>([])
        let program = Program(
            "postbox",
            abstract: "Test.",
            commands: [
                statusCommand(), deadLettersCommand(consent: { _ in consent }), seekCommand(),
            ]
        )
        let code = await program.run(
            words + ["--socket", fixture.socketPath],
            output: CommandOutput(
                print: { line in printed.withLock { $0.append(line) } },
                note: { line in noted.withLock { $0.append(line) } }
            )
        )
        return Outcome(
            code: code,
            printed: printed.withLock { $0 }.joined(separator: "\n"),
            noted: noted.withLock { $0 }.joined(separator: "\n")
        )
    }

    @Test func `status prints a line for each lane`() async {
        let outcome = await run(["status"])
        #expect(outcome.code == .ok)
        #expect(outcome.printed == StatusTable(.sample()).lines.joined(separator: "\n"))
    }

    @Test func `status as JSON is the report itself`() async throws {
        let printed = await run(["status", "--json"]).printed
        let report = try JSONDecoder().decode(StatusReport.self, from: Data(printed.utf8))
        #expect(report == .sample())
    }

    @Test(arguments: [["status"], ["status", "--watch"], ["dead-letters", "list"]])
    func `a daemon that is not there ends with its own code`(words: [String]) async {
        fixture.server.stop()
        let outcome = await run(words)
        #expect(outcome.code == .notReachable)
        #expect(outcome.printed.isEmpty)
        #expect(outcome.noted.contains("Is `postbox run` running"))
    }

    @Test func `the socket may be taken from the configuration`() async throws {
        let file = fixture.socketPath + ".yaml"
        try Data("control: { socket: [] }\n".utf8).write(to: URL(filePath: file))
        let program = Program("postbox", abstract: "Test.", commands: [statusCommand()])
        let silent = CommandOutput(print: { _ in }, note: { _ in })
        #expect(await program.run(["status", "--config", file], output: silent) == .configuration)
        let text = """
            databases: { shop: { url: "postgresql:///shop" } }
            kafka: { main: { brokers: ["127.0.0.1:1"] } }
            outboxes: [{ name: shop, database: shop }]
            control: { socket: "\(fixture.socketPath)" }
            """
        try Data(text.utf8).write(to: URL(filePath: file))
        #expect(await program.run(["status", "--config", file], output: silent) == .ok)
    }

    @Test func `list asks for what the options say`() async {
        fixture.set { $0.letters = [.sample(id: 9)] }
        let outcome = await run([
            "dead-letters", "list", "--inbox", "shop", "--key", "k", "--state", "held", "--state",
            "dead",
            "--limit", "1",
        ])
        #expect(outcome.code == .ok)
        #expect(outcome.printed.contains("too large"))
        #expect(outcome.noted.contains("--limit shows more"))
        let selection = DeadLetterSelection(
            .inbox("shop"),
            key: "k",
            states: [.held, .dead],
            limit: 1
        )
        #expect(fixture.calls == [.init(action: "list", selection: selection)])
    }

    @Test func `an empty list is empty on standard output`() async {
        let outcome = await run(["dead-letters", "list"])
        #expect(outcome.code == .ok)
        #expect(outcome.printed.isEmpty)
        #expect(await run(["dead-letters", "list", "--json"]).printed.contains("["))
    }

    @Test func `show can save the payload byte for byte`() async throws {
        let bytes = Data([0, 255, 10, 13])
        fixture.set {
            $0.detail = DeadLetterDetail(letter: .sample(id: 9), payload: bytes)
        }
        let file = fixture.socketPath + ".payload"
        let outcome = await run([
            "dead-letters", "show", "--outbox", "shop", "9", "--payload", file,
        ])
        #expect(outcome.code == .ok)
        #expect(try Data(contentsOf: URL(filePath: file)) == bytes)
    }

    @Test(arguments: [
        ([], 64), (["--outbox=shop"], 64), (["--outbox=shop", "x"], 64), (["1"], 64),
        (["--outbox=shop", "1", "--all"], 64), (["--outbox=shop", "--inbox=shop", "1"], 64),
        (["--outbox=shop", "1"], 0), (["--inbox=shop", "1", "2"], 1), (["--key", "k"], 0),
        (["--all"], 0),
    ])
    func `retry wants to be told what, and tells how many`(
        words: [String],
        code: Int
    ) async throws {
        fixture.set { $0.count = 1 }
        let outcome = await run(["dead-letters", "retry"] + words)
        #expect(outcome.code.rawValue == Int32(code))
        #expect(fixture.calls.isEmpty == (code == 64))
        #expect(code == 64 || outcome.printed == "1 message to be tried again")
    }

    @Test(arguments: [(Consent.given, 0), (.refused, 1), (.notAsked, 1)])
    func `discard goes on only with consent`(consent: Consent, code: Int) async {
        fixture.set { $0.count = 1 }
        let outcome = await run(
            ["dead-letters", "discard", "--outbox", "shop", "1"],
            consent: consent
        )
        #expect(outcome.code.rawValue == Int32(code))
        #expect(fixture.calls.contains { $0.action == "discard" } == (consent == .given))
    }

    @Test func `discard does not ask when told so`() async {
        fixture.set { $0.count = 3 }
        let outcome = await run(["dead-letters", "discard", "--outbox", "shop", "--all", "--yes"])
        #expect(outcome.code == .ok)
        #expect(outcome.printed == "3 messages discarded")
        #expect(fixture.calls.map(\.action) == ["discard"])
    }

    @Test func `seek shows what it would mean, and says that it changed nothing`() async {
        let moves = [
            SeekPlan.Move(topic: "t", partition: 0, now: 1500, new: 0),
            SeekPlan.Move(topic: "t", partition: 1, now: 10, new: 12),
            SeekPlan.Move(topic: "t", partition: 2, now: nil, new: 7),
        ]
        let plan = SeekPlan(inbox: "a", moves: moves, recognisesRepeats: true, isApplied: false)
        fixture.set { $0.plan = plan }
        let outcome = await run(["seek", "a", "--to", "earliest"])
        #expect(outcome.code == .ok)
        #expect(
            outcome.printed == """
                TOPIC  PARTITION   NOW  NEW  READ AGAIN  SKIPPED
                t              0  1500    0       1,500        0
                t              1    10   12           0        2
                t              2     -    7           0        0

                inbox a: 1,500 would be read again; 2 would be skipped; what was seen within the \
                window is recognised and not applied again
                """
        )
        #expect(outcome.noted.contains("--apply"))
    }

    @Test(arguments: [
        ("earliest", SeekTarget.earliest), ("latest", .latest), ("4711", .offset(4711)),
        ("1970-01-02T00:00:01Z", .time(milliseconds: 86_401_000)),
        ("1970-01-02T00:00:01.5Z", .time(milliseconds: 86_401_500)),
        ("1970-01-02T01:00:01+01:00", .time(milliseconds: 86_401_000)),
        ("1970-01-02", .time(milliseconds: 86_400_000)),
    ])
    func `seek takes a word, an offset or a time`(word: String, target: SeekTarget) async {
        _ = await run(["seek", "a", "--topic", "t", "--partition", "3", "--to", word, "--apply"])
        let order = SeekOrder(inbox: "a", topic: "t", partition: 3, to: target, applies: true)
        #expect(fixture.seeks == [order])
    }

    @Test(arguments: [["a"], ["a", "--to", "-1"], ["a", "--to", "soon"], ["--to", "latest"]])
    func `seek without a place that makes sense asks nothing`(words: [String]) async {
        #expect(await run(["seek"] + words).code == .usage)
        #expect(fixture.seeks.isEmpty)
    }
}
