import Messaging
import Postgres
import TestKit
import Testing
import Threads

/// P5, P8: an outage of the broker uses no attempt and no memory, and ends at once.
@Suite(.timeLimit(.minutes(5)))
struct BrokerOutageTests {
    private static let outage = Duration.seconds(20)
    private static let rows = 20_000

    @Test(arguments: BrokerKind.stoppable)
    func `a broker gone for 20 s and back: nothing is lost, and the first record is there in 1 s`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let outbox = try await OutboxUnderTest(database, kind.ownBroker(), reads: false)
            let daemon = try DaemonUnderTest(outbox.configuration(instance: "a"))
            defer { daemon.kill() }
            try await outbox.insert(1_000)
            var pauses: [Duration] = []
            // A machine that is busy at this very moment makes it slow, but hardly three times.
            while pauses.count < 3, !pauses.contains(where: { $0 <= .seconds(1) }) {
                pauses.append(try await pause(afterOutageOf: outbox, daemon))
            }
            #expect(pauses.contains { $0 <= .seconds(1) }, "\(pauses)\n\(daemon.log)")
            #expect(pauses.allSatisfy { $0 <= .seconds(15) }, "\(pauses)\n\(daemon.log)")

            outbox.reader.begin()
            let verdict = try await outbox.finish(committed: 1_000 + pauses.count * Self.rows)
            // What was on its way when the broker went may have been written.
            #expect(verdict.repeatCount <= pauses.count * 5_000, "\(verdict)")
            #expect(try await database.number("SELECT count(*) FROM postbox.parked") == 0)
            #expect(await daemon.terminate() == .exited(0))
        }
    }

    /// Takes the broker away for a while, in which nothing but the table grows, and gives how long
    /// after its return the first row was settled.
    private func pause(
        afterOutageOf outbox: OutboxUnderTest,
        _ daemon: DaemonUnderTest
    ) async throws -> Duration {
        #expect(try await outbox.isEmptySoon(), "\(daemon.log)")
        let before = try #require(daemon.figures).residentBytes
        try outbox.broker.goDown()
        let back = MonotonicTime.now + Self.outage
        try await outbox.insert(Self.rows)
        #expect(await daemon.lane { $0.state == .unreachable } != nil, "\(daemon.log)")
        await blocking { pass(back - .now) }
        let after = try #require(daemon.figures).residentBytes
        #expect(after - before < 32 << 20)
        #expect(try await outbox.waitingRows() == Self.rows)
        return try await pause(afterReturnOf: outbox)
    }

    /// Measured on one thread, which waits for nobody else between the return and the fact.
    private func pause(afterReturnOf outbox: OutboxUnderTest) async throws -> Duration {
        let target = try outbox.database.target(applicationName: "test")
        return try await blocking {
            Result {
                let session = try PostgresSession(connectingTo: target, within: .seconds(10))
                let first = try session.query("SELECT min(id) FROM postbox.outbox").int64(0, 0)
                let isThere = "SELECT count(*) FROM postbox.outbox WHERE id = \(first)"
                try outbox.broker.comeBack()
                let returned = MonotonicTime.now
                while returned + patience > .now {
                    guard try session.query(isThere).int64(0, 0) > 0 else { break }
                    pass(.milliseconds(5))
                }
                return .now - returned
            }
        }.get()
    }
}
