import TestKit
import Testing
import Threads

/// P6, P7: a reader that was away too long commits nothing when it is back.
@Suite(.timeLimit(.minutes(5)))
struct InboxZombieTests {
    struct Plan: Sendable, CustomTestStringConvertible {
        let kind: BrokerKind
        /// Without ids, nothing but the position keeps a message from being applied twice.
        let recognises: Bool
        let seed: Seed

        var testDescription: String {
            "\(kind), \(recognises ? "by ids" : "without ids"), \(seed)"
        }

        static var all: [Plan] {
            BrokerKind.available.flatMap { kind in
                [true, false].flatMap { recognises in
                    Seed.some().map { Plan(kind: kind, recognises: recognises, seed: $0) }
                }
            }
        }
    }

    private static let messages = 60_000
    /// The built-in broker takes three seconds for a group's first members.
    private static func properties(_ kind: BrokerKind) -> [(String, String)] {
        let session = kind == .builtIn ? "4000" : "1500"
        let poll = kind == .builtIn ? "5000" : "2000"
        return [
            ("session.timeout.ms", session), ("heartbeat.interval.ms", "300"),
            ("max.poll.interval.ms", poll),
        ]
    }

    @Test(arguments: Plan.all)
    func `frozen past its poll interval and resumed, it applies nothing of what another has`(
        plan: Plan
    ) async throws {
        try await withTestDatabase { database in
            let inbox = try await InboxUnderTest(database, plan.kind.broker())
            try await inbox.write(Self.messages, repeating: plan.recognises, seed: plan.seed)
            let configuration = { (instance: String) throws in
                try inbox.configuration(
                    instance: instance,
                    recognises: plan.recognises,
                    properties: Self.properties(plan.kind)
                )
            }
            let a = try DaemonUnderTest(configuration("a"))
            defer { a.kill() }
            var random = plan.seed.makeGenerator()
            #expect(try await inbox.applies(Int.random(in: 1...10_000, using: &random)), "\(a.log)")
            a.freeze()
            let before = try await inbox.applied()
            let b = try DaemonUnderTest(configuration("b"))
            defer { b.kill() }
            let hasMoved = try await soon(within: .seconds(60)) {
                try await inbox.applied() > before + 10_000
            }
            #expect(hasMoved, "\(b.log)")
            a.resume()
            try await inbox.finish(Self.messages)
            #expect(await b.terminate() == .exited(0), "\(b.log)")
            #expect(await a.terminate() == .exited(0), "\(a.log)")
        }
    }
}
