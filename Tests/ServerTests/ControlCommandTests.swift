import Control
import FoundationEssentials
import Messaging
import Synchronization
import Testing
import postbox

/// The commands that speak with the daemon: what they print, and how they end.
@Suite(.timeLimit(.minutes(1)))
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
            commands: [statusCommand(), deadLettersCommand(consent: { _ in consent })]
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
            "dead-letters", "list", "shop", "--key", "k", "--state", "held", "--state", "dead",
            "--limit", "1",
        ])
        #expect(outcome.code == .ok)
        #expect(outcome.printed.contains("too large"))
        #expect(outcome.noted.contains("--limit shows more"))
        let selection = DeadLetterSelection(
            outbox: "shop",
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
        let outcome = await run(["dead-letters", "show", "shop", "9", "--payload", file])
        #expect(outcome.code == .ok)
        #expect(try Data(contentsOf: URL(filePath: file)) == bytes)
    }

    @Test(arguments: [
        ([], 64), (["shop"], 64), (["shop", "x"], 64), (["shop", "1", "--all"], 64),
        (["shop", "1"], 0), (["shop", "1", "2"], 1), (["--key", "k"], 0), (["--all"], 0),
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
        let outcome = await run(["dead-letters", "discard", "shop", "1"], consent: consent)
        #expect(outcome.code.rawValue == Int32(code))
        #expect(fixture.calls.contains { $0.action == "discard" } == (consent == .given))
    }

    @Test func `discard does not ask when told so`() async {
        fixture.set { $0.count = 3 }
        let outcome = await run(["dead-letters", "discard", "shop", "--all", "--yes"])
        #expect(outcome.code == .ok)
        #expect(outcome.printed == "3 messages discarded")
        #expect(fixture.calls.map(\.action) == ["discard"])
    }
}
