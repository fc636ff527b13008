import TestKit
import Testing
import Threads

/// P1, P2, P3 and P9 of the built program under `kill -9`.
@Suite(.timeLimit(.minutes(5)))
struct KillTests {
    struct Plan: Sendable, CustomTestStringConvertible {
        let kind: BrokerKind
        let kills: Int
        let seed: Seed

        var testDescription: String { "\(kills) times on \(kind), \(seed)" }

        static var all: [Plan] {
            BrokerKind.available.flatMap { kind in
                Seed.some().map { seed in
                    Plan(kind: kind, kills: kind == .builtIn ? 50 : 10, seed: seed)
                }
            }
        }
    }

    /// Three batches of 4,000 and the one that is read beside them: more cannot be in flight, so
    /// more cannot be sent again after one kill.
    private static let inFlight = 16_000

    @Test(arguments: Plan.all)
    func `killed at any moment under load, it loses nothing and keeps the order`(
        plan: Plan
    ) async throws {
        try await withTestDatabase { database in
            let outbox = try await OutboxUnderTest(database, plan.kind.broker())
            let file = try outbox.configuration(instance: "a")
            let writer = try LoadWriter(outbox, seed: plan.seed)
            var random = plan.seed.makeGenerator()
            var mayRepeat = 0
            for number in 1...plan.kills {
                let daemon = try DaemonUnderTest(file)
                defer { daemon.kill() }
                let moment = Moment.random(using: &random)
                let hasCome = await moment.comes(to: outbox.reader)
                try #require(hasCome, "\(moment) of kill \(number)\n\(daemon.log)")
                daemon.kill()
                // What is sent again is still in the table.
                mayRepeat += min(Int(try await outbox.waitingRows()), Self.inFlight)
            }
            let last = try DaemonUnderTest(file)
            defer { last.kill() }
            let committed = await writer.finish()
            #expect(writer.problems == [])
            let verdict = try await outbox.finish(committed: committed)
            #expect(verdict.repeatCount <= mayRepeat, "\(mayRepeat) left, \(verdict)")
            #expect(await last.terminate() == .exited(0))
        }
    }
}
