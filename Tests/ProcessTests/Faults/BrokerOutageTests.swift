import Messaging
import TestKit
import Testing
import Threads

/// P5, P8: an outage of the broker uses no attempt and no memory, and ends at once.
@Suite(.timeLimit(.minutes(5)))
struct BrokerOutageTests {
    private static let outage = Duration.seconds(20)

    @Test(arguments: BrokerKind.stoppable)
    func `a broker gone for 20 s and back: nothing is lost, and the first record is there in 1 s`(
        kind: BrokerKind
    ) async throws {
        try await withTestDatabase { database in
            let broker = try kind.ownBroker()
            let outbox = try await OutboxUnderTest(database, broker, reads: false)
            let daemon = try DaemonUnderTest(outbox.configuration(instance: "a"))
            defer { daemon.kill() }
            try await outbox.insert(1_000)
            #expect(try await outbox.isEmptySoon(), "\(daemon.log)")
            let before = try #require(daemon.figures).residentBytes

            try broker.goDown()
            let back = MonotonicTime.now + Self.outage
            for _ in 0..<20 { try await outbox.insert(1_000) }
            #expect(await daemon.lane { $0.state == .unreachable } != nil, "\(daemon.log)")
            await blocking { pass(back - .now) }
            let after = try #require(daemon.figures).residentBytes
            #expect(after - before < 16 << 20)
            #expect(try await outbox.waitingRows() == 20_000)

            try broker.comeBack()
            let returned = MonotonicTime.now
            #expect(try await soon { try await outbox.waitingRows() < 20_000 }, "\(daemon.log)")
            let pause = MonotonicTime.now - returned
            #expect(pause <= .seconds(1), "the first record came after \(pause)\n\(daemon.log)")

            outbox.reader.begin()
            let verdict = try await outbox.finish(committed: 21_000)
            // What was on its way when the broker went may have been written.
            #expect(verdict.repeatCount <= 5_000, "\(verdict)")
            #expect(try await database.number("SELECT count(*) FROM postbox.parked") == 0)
            #expect(await daemon.terminate() == .exited(0))
        }
    }
}
