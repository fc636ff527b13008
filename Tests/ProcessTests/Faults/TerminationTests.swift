import TestKit
import Testing
import Threads

/// P9: a clean end finishes what is in flight.
@Suite(.timeLimit(.minutes(5)))
struct TerminationTests {
    struct Plan: Sendable, CustomTestStringConvertible {
        let kind: BrokerKind
        let seed: Seed

        var testDescription: String { "\(kind), \(seed)" }

        static var all: [Plan] {
            BrokerKind.available.flatMap { kind in
                Seed.some().map { Plan(kind: kind, seed: $0) }
            }
        }
    }

    @Test(arguments: Plan.all)
    func `SIGTERM under load ends it well, and nothing is sent twice`(plan: Plan) async throws {
        try await withTestDatabase { database in
            let outbox = try await OutboxUnderTest(database, plan.kind.broker())
            let file = try outbox.configuration(instance: "a")
            let writer = try LoadWriter(outbox, seed: plan.seed)
            var random = plan.seed.makeGenerator()
            for _ in 0..<5 {
                let daemon = try DaemonUnderTest(file)
                defer { daemon.kill() }
                let moment = Moment.messages(Int.random(in: 1...2_000, using: &random))
                #expect(await moment.comes(to: outbox.reader), "\(daemon.log)")
                #expect(await daemon.terminate() == .exited(0), "\(daemon.log)")
            }
            let last = try DaemonUnderTest(file)
            defer { last.kill() }
            let committed = await writer.finish()
            #expect(writer.problems == [])
            let verdict = try await outbox.finish(committed: committed)
            #expect(verdict.repeatCount == 0, "\(verdict)")
            #expect(await last.terminate() == .exited(0))
        }
    }
}
