import Postgres
import TestKit
import Testing
import Threads

/// P8: what the built daemon takes, whatever stands in a topic and however slow a handler is.
@Suite(.timeLimit(.minutes(5)))
struct InboxMemoryTests {
    private static let limit = 100 << 20

    @Test(arguments: BrokerKind.available)
    func `a long topic and a slow handler fit into 100 MB`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let inbox = try await InboxUnderTest(database, kind.broker(), partitions: 32)
            try await database.run(
                """
                CREATE TABLE bank.seen (count bigint);
                CREATE OR REPLACE FUNCTION bank.on_changes(messages postbox.message[]) RETURNS void
                LANGUAGE sql AS $$
                    INSERT INTO bank.seen SELECT cardinality(messages) FROM pg_sleep(0.03);
                $$
                """
            )
            try await inbox.writeLarge(100_000)
            let daemon = try DaemonUnderTest(inbox.configuration(instance: "a", lanes: 1))
            defer { daemon.kill() }
            let seen = "SELECT coalesce(sum(count), 0) FROM bank.seen"
            let isDone = try await soon { try await database.number(seen) == 100_000 }
            #expect(isDone, "\(daemon.log)")
            let figures = try #require(daemon.figures)
            #expect(figures.peakResidentBytes < Self.limit)
            #expect(await daemon.terminate() == .exited(0), "\(daemon.log)")
        }
    }
}

extension InboxUnderTest {
    /// Writes so many messages of 1,000 bytes, spread over the partitions.
    fileprivate func writeLarge(_ count: Int) async throws {
        let cluster = broker.cluster
        let topic = topic
        for first in stride(from: 1, through: count, by: 10_000) {
            let sql = """
                SELECT n::int8, '\(topic)', 'k' || n, convert_to(repeat('x', 1000), 'UTF8'),
                    NULL::jsonb, 'm' || n, NULL::text, date_trunc('day', now())
                FROM generate_series(\(first), \(min(first + 9_999, count))) AS n
                """
            try await database.connection.withSession { session in
                try MessageWriter(cluster).write(sql, through: session)
            }
        }
    }
}
