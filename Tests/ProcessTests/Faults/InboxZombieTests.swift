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
    /// A frozen member is missed soon; one that is only slow, because the machine is, may be so.
    private static let properties = [
        ("session.timeout.ms", "4000"), ("heartbeat.interval.ms", "300"),
        ("max.poll.interval.ms", "8000"),
    ]

    @Test(arguments: Plan.all)
    func `frozen until the group gives it up, and resumed, it applies nothing of what another has`(
        plan: Plan
    ) async throws {
        try await withTestDatabase { database in
            let inbox = try await InboxUnderTest(database, plan.kind.broker())
            try await inbox.write(Self.messages, repeating: plan.recognises, seed: plan.seed)
            let configuration = { (instance: String) throws in
                try inbox.configuration(
                    instance: instance,
                    recognises: plan.recognises,
                    properties: Self.properties
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
            let hasMoved = try await soon {
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
