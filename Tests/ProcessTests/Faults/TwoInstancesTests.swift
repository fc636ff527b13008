import Kafka
import Messaging
import TestKit
import Testing
import Threads

/// P6: one owner, however its clock and the other's stand to each other.
@Suite(.timeLimit(.minutes(5)))
struct TwoInstancesTests {
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

    private static let lease = Duration.seconds(2)
    /// Nobody waits for this one to run out.
    private static let longLease = Duration.seconds(60)
    /// Three batches of 4,000, and the one that is read beside them.
    private static let inFlight = 16_000

    @Test(arguments: Plan.all)
    func `frozen past its lease and resumed, the old owner gives way; a clean stop hands over`(
        plan: Plan
    ) async throws {
        try await withTestDatabase { database in
            let outbox = try await OutboxUnderTest(database, plan.kind.broker())
            let a = try DaemonUnderTest(outbox.configuration(instance: "a", lease: Self.lease))
            defer { a.kill() }
            #expect(await a.lane { $0.state == .publishing } != nil, "\(a.log)")
            let b = try DaemonUnderTest(outbox.configuration(instance: "b", lease: Self.longLease))
            defer { b.kill() }
            #expect(await b.lane { $0.state == .standby && $0.owner == "a" } != nil, "\(b.log)")

            let writer = try LoadWriter(outbox, seed: plan.seed)
            var random = plan.seed.makeGenerator()
            let moment = Moment.messages(Int.random(in: 500...2_000, using: &random))
            #expect(await moment.comes(to: outbox.reader), "\(a.log)")
            a.freeze()
            #expect(await b.lane { $0.state == .publishing } != nil, "\(b.log)")
            #expect(await Moment.messages(5_000).comes(to: outbox.reader), "\(b.log)")
            a.resume()
            let standby = await a.lane { $0.state == .standby && $0.owner == "b" }
            #expect(standby != nil, "\(a.log)")
            #expect(await Moment.messages(5_000).comes(to: outbox.reader), "\(b.log)")

            let handover = await blocking { Handover(from: b, to: a) }
            #expect(handover.status == .exited(0), "\(b.log)")
            // The first owner, and the one that the clean stop made, follow nobody's in-flight rows.
            let takeOvers = Int(try #require(handover.lane?.epoch, "\(a.log)")) - 2
            #expect(handover.gap <= .seconds(5), "nobody published for \(handover.gap)")

            let committed = await writer.finish()
            #expect(writer.problems == [])
            let verdict = try await outbox.finish(
                committed: committed,
                log: "\(a.log)\n\(b.log)"
            )
            #expect(
                verdict.repeatCount <= takeOvers * Self.inFlight,
                "\(verdict)\n\(a.log)\n\(b.log)"
            )
            #expect(await a.terminate() == .exited(0))
        }
    }

    @Test func `an owner whose lease was taken settles nothing, and says what it still sent`()
        async throws
    {
        try await withTestDatabase { database in
            let mock = try MockBroker()
            let outbox = try await OutboxUnderTest(database, .builtIn(mock))
            let a = try DaemonUnderTest(outbox.configuration(instance: "a", lease: Self.lease))
            defer { a.kill() }
            try await outbox.insert(1)
            #expect(await outbox.reader.has(distinct: 1), "\(a.log)")
            // Answers that take long keep records in flight until the owner is frozen.
            try mock.setRoundTrip(.seconds(3))
            try await outbox.insert(2_000)
            #expect(await a.lane { $0.inFlight > 0 } != nil, "\(a.log)")
            a.freeze()
            try await database.run(Self.seizure)
            let waiting = try await outbox.waitingRows()
            #expect(waiting > 0)
            a.resume()
            let standby = await a.lane {
                $0.state == .standby && $0.owner == "stranger" && $0.publishedAfterLeaseTotal > 0
            }
            #expect(standby != nil, "\(a.log)")
            #expect(try await outbox.waitingRows() == waiting)

            try mock.setRoundTrip(.zero)
            try await database.run(
                "UPDATE postbox.lane SET owner = NULL, owner_pid = NULL, expires_at = '-infinity'"
            )
            let verdict = try await outbox.finish(committed: 2_001)
            #expect(verdict.repeatCount <= Self.inFlight, "\(verdict)")
            #expect(await a.terminate() == .exited(0))
        }
    }

    /// A clean stop, and how long it is from its end until the other instance publishes.
    private struct Handover: Sendable {
        let status: Threads.ExitStatus?
        let lane: LaneStatus?
        let gap: Duration

        init(from stopping: DaemonUnderTest, to other: DaemonUnderTest) {
            status = stopping.terminateBlocking()
            let end = MonotonicTime.now
            lane = other.laneBlocking { $0.state == .publishing }
            gap = .now - end
        }
    }

    /// Another owner, which does nothing, takes the lane once the lease has run out.
    private static let seizure = """
        SELECT pg_sleep_until(expires_at + interval '100 milliseconds') FROM postbox.lane;
        UPDATE postbox.lane
        SET owner = 'stranger', epoch = epoch + 1, owner_pid = pg_backend_pid(),
            expires_at = clock_timestamp() + interval '1 hour'
        """
}
