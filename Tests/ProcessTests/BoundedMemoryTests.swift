import Glibc
import TestKit
import Testing
import Threads

/// P8: what the built daemon takes, whatever waits for it.
@Suite(.timeLimit(.minutes(5)))
struct BoundedMemoryTests {
    private static let limit = 60 << 20

    @Test(arguments: BrokerKind.available)
    func `a backlog and a row of 100 MB fit into 60 MB`(kind: BrokerKind) async throws {
        try await withTestDatabase { database in
            let broker = try kind.broker()
            // The built-in broker forgets what is more than 5 MB of a partition, read or not.
            let topic = try broker.makeTopic(partitions: 32)
            let reader = TopicReader(topic: topic, cluster: broker.cluster)
            let file = try ConfigurationFile(broker, database: database.conninfo)
            _ = try await PostboxBinary.run(["migrate", "--apply", "--config", file.path])
            try await database.run(
                """
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(topic)', 'k' || n % 100, convert_to(repeat('x', 1000), 'UTF8')
                FROM generate_series(1, 50000) AS n;
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(topic)', 'giant', convert_to(repeat('x', 100000000), 'UTF8');
                INSERT INTO postbox.outbox (topic, key, payload)
                SELECT '\(topic)', 'k' || n % 100, convert_to(repeat('x', 1000), 'UTF8')
                FROM generate_series(1, 50000) AS n;
                """
            )
            let words = ["run", "--config", file.path, "--socket", file.socket]
            let daemon = try PostboxBinary.start(words)
            defer { daemon.kill(SIGKILL) }
            #expect(
                await reader.has(distinct: 100_000, within: .seconds(90)),
                "\(daemon.errors?.text ?? "")"
            )
            let figures = try #require(ProcessFigures(ofProcess: daemon.pid))
            #expect(figures.peakResidentBytes < Self.limit)
            let letters = try await PostboxBinary.run([
                "dead-letters", "list", "--socket", file.socket,
            ])
            #expect(letters.output.contains("giant"))
        }
    }
}
