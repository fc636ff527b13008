import Control
import FoundationEssentials
import HTTP
import Messaging
import TestKit
import Testing

/// What the daemon and its command line say to each other over the control socket.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct ControlServerTests {
    private let fixture: ControlFixture

    init() throws { fixture = try ControlFixture() }

    @Test func `a status report arrives as it was sent`() throws {
        #expect(try fixture.client.status() == .sample())
    }

    @Test func `the socket is open to its owner and its group alone`() throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.socketPath)
        #expect(attributes[.posixPermissions] as? Int == 0o660)
    }

    @Test func `dead letters are listed by what was selected`() throws {
        let letters = [DeadLetter.sample(id: 1, key: "é\n"), .sample(id: 2, key: nil)]
        fixture.set { $0.letters = letters }
        let selection = DeadLetterSelection(
            .inbox("my shop/a&b"),
            ids: [1, -2, .max],
            key: "a,b=c%",
            states: [.dead, .held],
            limit: 7
        )
        #expect(try fixture.client.deadLetters(selection) == letters)
        #expect(fixture.calls == [.init(action: "list", selection: selection)])
    }

    @Test(arguments: ["shop", "a/b", "with blank", "é%2F"])
    func `a dead letter is shown with headers and every byte`(outbox: String) throws {
        let detail = DeadLetterDetail(
            letter: .sample(id: 5),
            headers: "[1, \"not flat\"]",
            payload: Data([0, 255, 10])
        )
        fixture.set { $0.detail = detail }
        #expect(try fixture.client.deadLetter(.outbox(outbox), id: 5) == detail)
        let asked = DeadLetterSelection(.outbox(outbox), ids: [5])
        #expect(fixture.calls == [.init(action: "show", selection: asked)])
    }

    @Test func `a payload is base64, and in no answer but that of show`() throws {
        fixture.set {
            $0.letters = [.sample(id: 5)]
            $0.detail = DeadLetterDetail(letter: .sample(id: 5), payload: Data("secret".utf8))
        }
        #expect(
            try fixture.answer("GET", "/dead-letters/outbox/shop/5").bodyText.contains("c2VjcmV0")
        )
        #expect(try !fixture.answer("GET", "/dead-letters").bodyText.contains("payload\""))
    }

    @Test func `a long payload is cut, and known to be cut`() throws {
        var letter = DeadLetter.sample(id: 5)
        letter.payloadBytes = 3 << 20
        let payload = Data(repeating: 7, count: 3 << 20)
        let detail = DeadLetterDetail(letter: letter, payload: payload)
        fixture.set { $0.detail = detail }
        let shown = try fixture.client.deadLetter(.outbox("shop"), id: 5)
        #expect(shown.payload?.count == DeadLetterDetail.payloadLimit.bytes)
        #expect(shown.isTruncated)
    }

    @Test func `retry and discard tell what was named and return the count`() throws {
        fixture.set { $0.count = 2 }
        let byID = DeadLetterSelection(.inbox("shop"), ids: [1, 2], limit: .max)
        let byKey = DeadLetterSelection(key: "k", states: [.dead, .retrying], limit: 10)
        let everything = DeadLetterSelection(limit: .max)
        #expect(try fixture.client.retry(DeadLetterOrder(byID, all: false)) == 2)
        #expect(try fixture.client.discard(DeadLetterOrder(byKey, all: false)) == 2)
        #expect(try fixture.client.discard(DeadLetterOrder(everything, all: true)) == 2)
        #expect(
            fixture.calls == [
                .init(action: "retry", selection: byID),
                .init(action: "discard", selection: byKey),
                .init(action: "discard", selection: everything),
            ]
        )
    }

    @Test(arguments: [true, false], [true, false])
    func `health says each what it knows`(isLive: Bool, isReady: Bool) throws {
        fixture.set {
            $0.isLive = isLive
            $0.isReady = isReady
        }
        #expect(try fixture.client.isLive() == isLive)
        #expect(try fixture.client.isReady() == isReady)
        #expect(try fixture.answer("GET", "/livez").status == (isLive ? 200 : 503))
    }

    @Test func `the TCP listener tells health and nothing else`() throws {
        let fixture = try ControlFixture(listen: .tcp(host: "127.0.0.1", port: 0))
        let client = HTTPClient(try #require(fixture.server.listening))
        #expect(try client.get("/livez").status == 200)
        #expect(try client.get("/readyz").status == 200)
        for path in ["/status", "/dead-letters", "/dead-letters/outbox/shop/1", "/"] {
            #expect(try client.get(path).status == 404)
        }
        #expect(
            try client.post("/dead-letters/discard", body: Array(#"{"all":true}"#.utf8)).status
                == 404
        )
        #expect(fixture.calls.isEmpty)
    }

    @Test func `a listener that cannot be had leaves no socket behind`() throws {
        let other = try ControlFixture(listen: .tcp(host: "127.0.0.1", port: 0))
        let taken = try #require(other.server.listening)
        let path = fixture.socketPath + ".second"
        #expect(throws: HTTPError.self) {
            try ControlServer(socketPath: path, listen: taken, actions: .unused)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `errors of the daemon come out as they went in`() throws {
        let errors: [ControlError] = [
            .badRequest("a"), .notFound("b"), .tooLarge("c"), .unavailable("d"), .failed("e"),
        ]
        for error in errors {
            fixture.set { $0.failure = error }
            #expect(throws: error) { try fixture.client.status() }
        }
    }

    @Test func `a daemon that is not there is named with a remedy`() throws {
        fixture.server.stop()
        let error = #expect(throws: ControlError.self) { try fixture.client.status() }
        guard case .notReachable(fixture.socketPath, _) = error else {
            Issue.record("got \(String(describing: error))")
            return
        }
        #expect("\(try #require(error))".contains("Is `postbox run` running"))
    }
}

extension ControlActions {
    /// Actions of a server that nobody asks.
    fileprivate static let unused = ControlActions(
        status: { .sample() },
        listDeadLetters: { _ in [] },
        showDeadLetter: { _, _ in nil },
        retryDeadLetters: { _ in 0 },
        discardDeadLetters: { _ in 0 },
        seek: { SeekPlan(inbox: $0.inbox, moves: [], recognisesRepeats: true, isApplied: false) },
        isLive: { true },
        isReady: { true }
    )
}
