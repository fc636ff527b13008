import TestKit
import Testing
import Threads

/// P7 and P9 of the built program under `kill -9`, lost sessions and a lost broker.
@Suite(.timeLimit(.minutes(20)))
struct InboxKillTests {
    struct Plan: Sendable, CustomTestStringConvertible {
        let kind: BrokerKind
        let seed: Seed

        var testDescription: String { "\(kind), \(seed)" }

        static var all: [Plan] {
            BrokerKind.stoppable.flatMap { kind in
                Seed.some().map { Plan(kind: kind, seed: $0) }
            }
        }
    }

    private static let messages = 200_000
    private static let kills = 30

    @Test(arguments: Plan.all)
    func `killed at any moment, with repeats, each message is applied once and in order`(
        plan: Plan
    ) async throws {
        try await withTestDatabase { database in
            let inbox = try await InboxUnderTest(database, plan.kind.ownBroker(), partitions: 12)
            try await inbox.write(Self.messages, seed: plan.seed)
            // A member that was killed is missed soon.
            let file = try inbox.configuration(
                instance: "a",
                properties: [("session.timeout.ms", "6000"), ("heartbeat.interval.ms", "500")]
            )
            var random = plan.seed.makeGenerator()
            for number in 1...Self.kills {
                let daemon = try DaemonUnderTest(file)
                defer { daemon.kill() }
                switch Int.random(in: 0..<6, using: &random) {
                case 0: await blocking { pass(.milliseconds(150)) }
                case 1: try await endSessions(of: daemon, inbox)
                default:
                    let more = Int.random(in: 1...5_000, using: &random)
                    let hasCome = try await inbox.applies(more, of: Self.messages)
                    try #require(hasCome, "kill \(number)\n\(daemon.log)")
                }
                if number == Self.kills / 2 {
                    try inbox.broker.goDown()
                    try inbox.broker.comeBack()
                }
                try await freezeUnsuspected(daemon, inbox)
                daemon.kill()
            }
            let last = try DaemonUnderTest(file)
            defer { last.kill() }
            #expect(await soon { last.log.contains("reads partitions") }, "\(last.log)")
            try await inbox.finish(Self.messages)
            #expect(await last.terminate() == .exited(0), "\(last.log)")
        }
    }

    /// Freezes it at a moment at which it may be struck.
    ///
    /// A message that was being applied alone at two deaths is taken for their cause: one that was at
    /// one is let through first.
    private func freezeUnsuspected(_ daemon: DaemonUnderTest, _ inbox: InboxUnderTest) async throws
    {
        let suspects = """
            SELECT count(*) FROM postbox.attempt AS a
            JOIN postbox.position AS p USING (inbox, topic, partition, lanes, lane)
            WHERE a.is_alone AND a.tries > 1 AND a.position = p.next_offset
            """
        let isFrozen = try await soon {
            daemon.freeze()
            try await waitUntilServerRests(inbox)
            if try await inbox.database.number(suspects) == 0 { return true }
            daemon.resume()
            return false
        }
        try #require(isFrozen, "\(daemon.log)")
    }

    /// What a frozen daemon has asked for is still done.
    private func waitUntilServerRests(_ inbox: InboxUnderTest) async throws {
        let working = """
            SELECT count(*) FROM pg_stat_activity
            WHERE \(Self.isOurs) AND state = 'active' AND wait_event_type IS DISTINCT FROM 'Client'
            """
        try #require(await soon { try await inbox.database.number(working) == 0 })
    }

    private func endSessions(of daemon: DaemonUnderTest, _ inbox: InboxUnderTest) async throws {
        try await freezeUnsuspected(daemon, inbox)
        try await inbox.database.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE \(Self.isOurs)"
        )
        daemon.resume()
        _ = try await inbox.applies(1)
    }

    private static let isOurs =
        "application_name LIKE 'postbox%' AND datname = current_database()"
}
