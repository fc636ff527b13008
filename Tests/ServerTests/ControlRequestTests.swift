import Control
import HTTP
import Messaging
import TestKit
import Testing

/// What the control server makes of requests that no command of ours sends.
@Suite(.timeLimit(.minutes(5)), .mayBlock)
struct ControlRequestTests {
    struct BadRequest: CustomTestStringConvertible, Sendable {
        var method = "GET"
        let path: String
        var query: [String: String] = [:]
        var body = ""
        let status: Int
        /// What the message must hold.
        let says: String

        var testDescription: String { "\(method) \(path) \(query) \(body)" }

        static func list(_ name: String, _ value: String, _ says: String) -> Self {
            Self(path: "/dead-letters", query: [name: value], status: 400, says: says)
        }

        static func discard(_ body: String, _ says: String) -> Self {
            Self(method: "POST", path: "/dead-letters/discard", body: body, status: 400, says: says)
        }

        static func wrongMethod(_ method: String, _ path: String, _ says: String) -> Self {
            Self(method: method, path: path, status: 405, says: says)
        }

        static func nowhere(_ path: String) -> Self {
            Self(path: path, status: 404, says: "nothing at \(path)")
        }

        static let all: [Self] = [
            .list("limit", "0", "between 1 and 10000"),
            .list("limit", "10001", "between 1 and 10000"),
            .list("limit", "many", "got \"many\""),
            .list("id", "1,x", "\"x\" is no id"),
            .list("id", "", "\"\" is no id"),
            .list("id", "99999999999999999999", "is no id"),
            .list("state", "dead,gone", "\"gone\" is no state"),
            .list("outbx", "shop", "unknown parameter \"outbx\""),
            .discard("", "not the JSON object"),
            .discard("{", "not the JSON object"),
            .discard("[1]", "the body has the wrong type"),
            .discard("{}", "\"all\": true"),
            .discard(#"{"outbox":"shop"}"#, "\"all\": true"),
            .discard(#"{"outbox":"shop","ids":[],"all":false}"#, "\"all\": true"),
            .discard(#"{"ids":[1]}"#, "need the outbox or inbox"),
            .discard(#"{"outbox":"a","inbox":"a","all":true}"#, "exclude each other"),
            .discard(#"{"outbox":"shop","ids":[1],"all":true}"#, "exclude each other"),
            .discard(#"{"outbox":"shop","ids":[1],"kye":"k"}"#, "unknown field \"kye\""),
            .discard(#"{"outbox":"shop","ids":["1"]}"#, "ids[0] has the wrong type"),
            .discard(#"{"outbox":"shop","ids":[1.5]}"#, "not the JSON object"),
            .discard(#"{"all":"yes"}"#, "all has the wrong type"),
            .discard(#"{"all":true,"states":["gone"]}"#, "states[0] has a value"),
            .discard(#"{"all":true,"limit":0}"#, "limit must be above 0"),
            .wrongMethod("POST", "/status", "GET"),
            .wrongMethod("POST", "/livez", "GET"),
            .wrongMethod("DELETE", "/dead-letters", "GET"),
            .wrongMethod("POST", "/dead-letters/outbox/shop/1", "GET"),
            .wrongMethod("GET", "/dead-letters/retry", "POST"),
            .wrongMethod("PUT", "/dead-letters/discard", "POST"),
            .nowhere("/"),
            .nowhere("/status/"),
            .nowhere("/dead-letters/outbox/shop"),
            .nowhere("/dead-letters/outbox/shop/x"),
            .nowhere("/dead-letters/shop/1"),
            .nowhere("/dead-letters/inbox//1"),
            .nowhere("/dead-letters/inbox/1"),
            Self(
                path: "/dead-letters/outbox/shop/1",
                status: 404,
                says: "outbox shop has no dead letter 1"
            ),
            Self(
                path: "/dead-letters/inbox/a/b/1",
                status: 404,
                says: "inbox a/b has no dead letter 1"
            ),
        ]
    }

    private let fixture: ControlFixture

    init() throws { fixture = try ControlFixture() }

    @Test(arguments: BadRequest.all)
    func `a bad request is refused with a reason, and changes nothing`(bad: BadRequest) throws {
        let answer = try fixture.answer(bad.method, bad.path, query: bad.query, body: bad.body)
        #expect(answer.status == bad.status)
        #expect(answer.contentType == "application/json")
        let message = try #require(answer.decoded(as: [String: String].self)?["error"])
        #expect(message.contains(bad.says))
        #expect(fixture.calls.allSatisfy { $0.action == "show" })
    }

    @Test func `a body over the limit is refused and changes nothing`() throws {
        let ids = Array(repeating: "1", count: 40_000).joined(separator: ",")
        let answer = try fixture.answer(
            "POST",
            "/dead-letters/discard",
            body: "{\"outbox\":\"shop\",\"ids\":[\(ids)]}"
        )
        #expect(answer.status == 413)
        #expect(fixture.calls.isEmpty)
    }

    @Test func `the server outlives broken requests`() throws {
        for _ in 0..<100 {
            #expect(try fixture.answer("POST", "/dead-letters/retry", body: "\u{0}").status == 400)
        }
        #expect(try fixture.client.isLive())
    }

    @Test func `a body that leaves fields out means dead ones without a limit`() throws {
        let body = #"{"outbox":"shop","key":"k"}"#
        #expect(try fixture.answer("POST", "/dead-letters/retry", body: body).status == 200)
        let selection = DeadLetterSelection(.outbox("shop"), key: "k", limit: .max)
        #expect(fixture.calls == [.init(action: "retry", selection: selection)])
    }
}
